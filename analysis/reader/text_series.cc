#include "analysis/reader/text_series.h"

#include <cmath>

#include "analysis/reader/text_table.h"

namespace superion::analysis {
namespace {

constexpr double kCharge = 1.602176634e-19;
constexpr double kAtomicTimePs = 2.4188843265857e-5;  // ħ/Hartree; in Rydberg units twice that

struct Unit {
  const char* name;
  double factor;  // to e Å/ps or e Å
  bool density;
};
constexpr Unit kCurrents[] = {{"e*A/ps", 1.0, false},
                              {"e*A/fs", 1e3, false},
                              {"e*nm/ps", 10.0, false},
                              {"e*m/s", 1e-2, false},
                              {"e*bohr/aut", units::kBohr / kAtomicTimePs, false},
                              {"e*bohr/rydberg", 0.5 * units::kBohr / kAtomicTimePs, false},
                              {"A*m", 1e-2 / kCharge, false},
                              {"A/m^2", 1e-32 / kCharge, true},
                              {"e/(A^2*ps)", 1.0, true}};
constexpr Unit kDipoles[] = {{"e*A", 1.0, false},
                             {"e*nm", 10.0, false},
                             {"e*bohr", units::kBohr, false},
                             {"debye", 0.20819433442462576, false},
                             {"C*m", 1e10 / kCharge, false}};

template <size_t n>
absl::StatusOr<double> Factor(const Unit (&units)[n], const TextSeriesOptions& options) {
  std::string known;
  for (const Unit& unit : units) {
    if (options.unit == unit.name || (options.unit.empty() && unit.factor == 1.0 && !unit.density))
      return options.factor * unit.factor * (unit.density ? options.volume_angstrom3 : 1.0);
    known += (known.empty() ? "" : ", ") + std::string(unit.name);
  }
  return InvalidArgument("unit: expected one of {}, found \"{}\"", known, options.unit);
}

}  // namespace

absl::StatusOr<TextSeries> ReadTextSeries(const std::string& path, const TextSeriesOptions& options,
                                          std::vector<std::string>* notes) {
  if (!(options.timestep_fs > 0.0))
    return InvalidArgument("{}: a text series says no time: give timestep_fs, the time between its lines",
                           path);
  SUPERION_ASSIGN_OR_RETURN(const double factor,
                            options.dipole ? Factor(kDipoles, options) : Factor(kCurrents, options));
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
  for (auto& x : out.dipole.components) {
    for (double& v : x) v *= options.dipole ? factor : factor * line_ps;
    if (!options.dipole) x.insert(x.begin(), 0.0);
  }
  return out;
}

}  // namespace superion::analysis
