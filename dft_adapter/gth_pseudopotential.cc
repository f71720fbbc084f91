#include "dft_adapter/gth_pseudopotential.h"

#include <filesystem>
#include <sstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "core/file.h"
#include "core/structure.h"
#include "fmt/ranges.h"

namespace superion {
namespace {

constexpr const char* kDebianDatabase = "/usr/share/cp2k/GTH_POTENTIALS";

struct Channel {
  double radius = 0.0;
  int projectors = 0;
  std::vector<double> h;  // upper triangle, row by row
};

struct Gth {
  double valence = 0.0;
  double rloc = 0.0;
  std::vector<double> local;
  std::vector<Channel> channels;  // l = 0, 1, …
};

// Text of one entry without its first line; lists the names of the species on the way.
std::string FindEntry(std::string_view database, const std::string& species, const std::string& name,
                      std::vector<std::string>* names) {
  std::istringstream lines{std::string(database)};
  std::string entry;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') {
      if (inside) return entry;
      continue;
    }
    if (inside && absl::ascii_isalpha(line[0])) return entry;
    if (inside) {
      entry += line + "\n";
      continue;
    }
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first != species) continue;
    for (std::string word; words >> word;) {
      names->push_back(word);
      inside = inside || absl::EqualsIgnoreCase(word, name);
    }
  }
  return entry;
}

absl::StatusOr<Gth> ParseEntry(const std::string& entry, const std::string& what) {
  Gth gth;
  std::istringstream in(entry);
  std::string electrons;
  std::getline(in, electrons);
  std::istringstream shells(electrons);
  for (double n; shells >> n;) gth.valence += n;
  int n_local = 0, n_channels = 0;
  in >> gth.rloc >> n_local;
  for (double c; n_local > 0 && in >> c; --n_local) gth.local.push_back(c);
  in >> n_channels;
  for (int l = 0; l < n_channels; ++l) {
    Channel channel;
    in >> channel.radius >> channel.projectors;
    const int count = channel.projectors * (channel.projectors + 1) / 2;
    channel.h.resize(count > 0 ? count : 0);
    for (double& value : channel.h) in >> value;
    gth.channels.push_back(std::move(channel));
  }
  if (!in || n_local != 0 || gth.valence <= 0) return DataLoss("cannot read the GTH parameters of {}", what);
  return gth;
}

absl::StatusOr<int> AbinitFunctional(const std::string& name) {
  const std::string upper = absl::AsciiStrToUpper(name);
  for (const auto& [functional, code] :
       {std::pair{"GTH-PBE-", 11}, {"GTH-PADE-", 1}, {"GTH-LDA-", 1}, {"GTH-BLYP-", 18}}) {
    if (absl::StartsWith(upper + "-", functional)) return code;
  }
  return InvalidArgument("{}: expected GTH-PBE, GTH-PADE, GTH-LDA or GTH-BLYP", name);
}

std::string Format(const Gth& gth, int zatom, int functional, const std::string& title) {
  const int lmax = static_cast<int>(gth.channels.size()) - 1;  // -1: no projectors at all
  std::string text = fmt::format(
      "{}\n {} {} 0  zatom, zion, pspdat\n 10 {} {} 0 2001 0  pspcod, pspxc, lmax, lloc, mmax, r2well\n",
      title, zatom, gth.valence, functional, lmax);
  text += fmt::format(" {:.10f} {} {:.10f}  rloc, nloc, c\n", gth.rloc, gth.local.size(),
                      fmt::join(gth.local, " "));
  text += fmt::format(" {}  nnonloc\n", gth.channels.size());
  for (size_t l = 0; l < gth.channels.size(); ++l) {
    const Channel& channel = gth.channels[l];
    const int n = channel.projectors;
    size_t at = 0;
    for (int row = 0; row < n || row == 0; ++row) {
      text += row == 0 ? fmt::format(" {:.10f} {}", channel.radius, n) : std::string(" ");
      for (int column = row; column < n; ++column) text += fmt::format(" {:.10f}", channel.h[at++]);
      text += "\n";
    }
    // Spin-orbit coefficients: the layout has them for l > 0; scalar-relativistic potentials have none.
    for (int row = 0; l > 0 && row < n; ++row) {
      for (int column = row; column < n; ++column) text += " 0.0";
      text += "\n";
    }
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> ConvertGth(std::string_view database, const std::string& species,
                                       const std::string& name) {
  SUPERION_ASSIGN_OR_RETURN(const int functional, AbinitFunctional(name));
  SUPERION_ASSIGN_OR_RETURN(const int zatom, AtomicNumber(species));
  std::vector<std::string> names;
  const std::string entry = FindEntry(database, species, name, &names);
  if (entry.empty()) {
    return NotFound("no GTH parameters of {} called {} (there are: {})", species, name,
                    fmt::join(names, ", "));
  }
  SUPERION_ASSIGN_OR_RETURN(const Gth gth, ParseEntry(entry, species + " " + name));
  return Format(gth, zatom, functional, fmt::format("{} {} (Goedecker, Teter, Hutter)", species, name));
}

absl::StatusOr<std::string> MakeGthPseudopotential(const std::string& species, const std::string& file,
                                                   const std::string& gth_file) {
  const std::string prefix = species + ".", suffix = ".gth";
  if (!absl::StartsWith(file, prefix) || !absl::EndsWith(file, suffix) ||
      file.size() <= prefix.size() + suffix.size()) {
    return NotFound("its name is not of the form {}GTH-PBE-q<n>.gth", prefix);
  }
  const std::string name = file.substr(prefix.size(), file.size() - prefix.size() - suffix.size());
  std::error_code error;
  const std::string path = std::filesystem::exists(gth_file, error) ? gth_file : kDebianDatabase;
  SUPERION_ASSIGN_OR_RETURN(const std::string database, ReadFile(path));
  return ConvertGth(database, species, name);
}

}  // namespace superion
