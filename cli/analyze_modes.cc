#include "cli/analyze_modes.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"
#include "fmt/ranges.h"

namespace superion {
namespace {

using Mode = AnalyzeMode;

struct ModeName {
  Mode mode;
  const char* name;
};
constexpr ModeName kNames[] = {{Mode::kIons, "a conductivity from ions"},
                               {Mode::kSeries, "--current and --dipole"},
                               {Mode::kStructure, "--structure and --observables"},
                               {Mode::kNemd, "--nemd"},
                               {Mode::kLgps, "--recipe lgps-nemd"},
                               {Mode::kDivergence, "--divergence"}};

// Options that do not go with every mode.
struct OptionRule {
  const char* option;
  std::vector<Mode> modes;
  const char* observables = "";  // in kStructure: some of these must be measured; "": any
};

const std::vector<OptionRule>& Rules() {
  static const std::vector<OptionRule> rules = {
      {"--columns", {Mode::kSeries}},
      {"--unit", {Mode::kSeries}},
      {"--factor", {Mode::kSeries}},
      {"--auxiliary-columns", {Mode::kSeries}},
      {"--volume-angstrom3", {Mode::kSeries}},
      // Structure needs none; who analyses both gives the same line twice.
      {"--charges", {Mode::kIons, Mode::kStructure, Mode::kNemd, Mode::kLgps}},
      {"--charge-column", {Mode::kIons}},
      {"--mobile", {Mode::kIons, Mode::kStructure, Mode::kNemd, Mode::kLgps}},
      {"--temperature-k", {Mode::kIons, Mode::kSeries, Mode::kStructure, Mode::kNemd, Mode::kLgps}},
      {"--timestep-fs", {Mode::kIons, Mode::kSeries, Mode::kStructure, Mode::kLgps}},
      {"--cell-angstrom", {Mode::kIons, Mode::kStructure}},
      {"--types", {Mode::kIons, Mode::kStructure, Mode::kLgps}},
      {"--species", {Mode::kIons, Mode::kStructure, Mode::kLgps}},
      {"--wrapped", {Mode::kIons, Mode::kStructure, Mode::kLgps}},
      {"--memory-mib", {Mode::kIons, Mode::kSeries, Mode::kStructure, Mode::kLgps}},
      {"--target-s-tot", {Mode::kIons, Mode::kSeries}},
      {"--per-axis", {Mode::kIons, Mode::kSeries}},
      {"--no-symmetry", {Mode::kIons}},
      {"--block-ps", {Mode::kIons, Mode::kSeries}},
      {"--cepstral-cutoff-thz", {Mode::kIons, Mode::kSeries}},
      {"--require-converged", {Mode::kIons, Mode::kSeries}},
      {"--join", {Mode::kIons, Mode::kStructure}},
      {"--coordination", {Mode::kStructure}, "coordination"},
      {"--cutoffs", {Mode::kStructure}, "coordination"},
      {"--empty-tetrahedra", {Mode::kStructure}, "angles,bond-angle"},
      {"--r-max-angstrom", {Mode::kStructure}, "rdf,van-hove"},
      {"--sites", {Mode::kStructure}, "sites"},
      {"--residence-ps", {Mode::kStructure}, "sites"},
      {"--site-separation-angstrom", {Mode::kStructure}, "sites"},
      {"--longest-lag-ps", {Mode::kStructure}, "van-hove"}};
  return rules;
}

std::string NameOf(Mode mode) {
  for (const ModeName& entry : kNames) {
    if (entry.mode == mode) return entry.name;
  }
  return "";
}

std::string NamesOf(const std::vector<Mode>& modes) {
  std::vector<std::string> names;
  for (const Mode mode : modes) names.push_back(NameOf(mode));
  return fmt::format("{}", fmt::join(names, ", "));
}

absl::Status CheckObservables(const OptionRule& rule, const std::string& asked) {
  if (asked.empty() || *rule.observables == '\0') return absl::OkStatus();
  const std::vector<std::string> wanted = absl::StrSplit(asked, ','),
                                 those = absl::StrSplit(rule.observables, ',');
  for (const std::string& serves : those) {
    if (std::find(wanted.begin(), wanted.end(), serves) != wanted.end()) return absl::OkStatus();
  }
  return InvalidArgument("{} has no meaning with --observables {}: it belongs to {}", rule.option, asked,
                         rule.observables);
}

}  // namespace

absl::Status CheckOptionsOfMode(const CLI::App& verb, AnalyzeMode mode, const std::string& observables) {
  for (const OptionRule& rule : Rules()) {
    if (verb.get_option(rule.option)->count() == 0) continue;
    if (std::find(rule.modes.begin(), rule.modes.end(), mode) == rule.modes.end())
      return InvalidArgument("{} has no meaning with {}: it belongs to {}", rule.option, NameOf(mode),
                             NamesOf(rule.modes));
    if (mode == Mode::kStructure) SUPERION_RETURN_IF_ERROR(CheckObservables(rule, observables));
  }
  return absl::OkStatus();
}

}  // namespace superion
