#include "analysis/reader/text_series.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "absl/strings/str_replace.h"

namespace superion::analysis {
namespace {

constexpr double kCharge = 1.602176634e-19;
constexpr double kAtomicTimePs = 2.4188843265857e-5;  // ħ/Hartree; in Rydberg units twice that

struct Unit {
  const char* name;
  double factor;  // to Å, ps; of whole units to e Å/ps or e Å
};
constexpr Unit kLengths[] = {{"A", 1.0},   {"angstrom", 1.0},      {"Angstrom", 1.0},
                             {"nm", 10.0}, {"bohr", units::kBohr}, {"m", 1e10}};
constexpr Unit kTimes[] = {
    {"ps", 1.0}, {"fs", 1e-3}, {"s", 1e12}, {"aut", kAtomicTimePs}, {"rydberg", 2.0 * kAtomicTimePs}};
constexpr Unit kCurrents[] = {{"A*m", 1e-2 / kCharge}, {"C*m/s", 1e-2 / kCharge}};
constexpr Unit kDensities[] = {{"A/m^2", 1e-32 / kCharge}, {"A/cm^2", 1e-28 / kCharge}, {"e/(A^2*ps)", 1.0}};
constexpr Unit kDipoles[] = {{"debye", 0.20819433442462576}, {"C*m", 1e10 / kCharge}};

// 0: not among them.
template <size_t n>
double FactorIn(const Unit (&units)[n], std::string_view name) {
  for (const Unit& unit : units) {
    if (name == unit.name) return unit.factor;
  }
  return 0.0;
}

// "e Å/ps" -> "e*A/ps"
std::string Plain(std::string unit) {
  return absl::StrReplaceAll(unit, {{" ", "*"}, {"·", "*"}, {"Å", "A"}, {"²", "^2"}, {"**", "*"}});
}

// Of "e*LENGTH" or "e*LENGTH/TIME"; 0: neither.
double FactorOfCharge(std::string_view unit, bool per_time) {
  if (!unit.starts_with("e*")) return 0.0;
  const size_t slash = unit.find('/');
  if ((slash != std::string_view::npos) != per_time) return 0.0;
  const double length = FactorIn(kLengths, unit.substr(2, per_time ? slash - 2 : slash));
  if (!per_time) return length;
  const double time = FactorIn(kTimes, unit.substr(slash + 1));
  return time > 0.0 ? length / time : 0.0;
}

absl::StatusOr<double> Factor(const TextSeriesOptions& options) {
  if (options.unit.empty()) return options.factor;
  const std::string unit = Plain(options.unit);
  double factor = FactorOfCharge(unit, !options.dipole);
  if (factor == 0.0) factor = options.dipole ? FactorIn(kDipoles, unit) : FactorIn(kCurrents, unit);
  if (factor == 0.0 && !options.dipole) factor = FactorIn(kDensities, unit) * options.volume_angstrom3;
  if (factor > 0.0) return options.factor * factor;
  return InvalidArgument(
      "unit: expected {} with LENGTH of A, nm, bohr, m{}, found \"{}\"",
      options.dipole ? "e*LENGTH, debye or C*m" : "e*LENGTH/TIME, A*m, C*m/s, A/m^2, A/cm^2 or e/(A^2*ps)",
      options.dipole ? "" : " and TIME of ps, fs, s, aut, rydberg", options.unit);
}

}  // namespace

absl::StatusOr<TextSeries> ReadTextSeries(const std::string& path, const TextSeriesOptions& options,
                                          std::vector<std::string>* notes) {
  if (!(options.timestep_fs > 0.0))
    return InvalidArgument("{}: a text series says no time: give timestep_fs, the time between its lines",
                           path);
  SUPERION_ASSIGN_OR_RETURN(const double factor, Factor(options));
  SUPERION_ASSIGN_OR_RETURN(TextTable table,
                            ReadTextTable(path, {options.columns, !options.dipole, options.most_samples}));
  notes->insert(notes->end(), table.notes.begin(), table.notes.end());
  const double line_ps = options.timestep_fs / units::kFsPerPs;
  if (table.interval_ps > 0.0 && std::abs(table.interval_ps / line_ps - 1.0) > 0.01)
    return InvalidArgument(
        "{}: its lines are {:.6g} ps apart by its column of times, timestep_fs says {:.6g} ps", path,
        table.interval_ps, line_ps);
  TextSeries out;
  out.dipole.interval_ps = line_ps * static_cast<double>(table.stride);
  out.temperature_k = std::move(table.temperature_k);
  out.dipole.components = std::move(table.columns);
  out.ranges = std::move(table.ranges);
  for (ColumnRange& range : out.ranges) {
    const double ends[] = {factor * range.lowest, factor * range.highest};
    range.lowest = std::min(ends[0], ends[1]), range.highest = std::max(ends[0], ends[1]);
  }
  for (auto& x : out.dipole.components) {
    for (double& v : x) v *= options.dipole ? factor : factor * line_ps;
    if (!options.dipole) x.insert(x.begin(), 0.0);
  }
  return out;
}

}  // namespace superion::analysis
