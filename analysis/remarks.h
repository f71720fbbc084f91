// What the reader of a conductivity should know about the data behind it: nothing here changes a number.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/reader/inputs.h"
#include "analysis/transport/collective.h"
#include "analysis/transport/tracer.h"

namespace superion::analysis {

// The cell as a whole moves (by more than 1 Å in a run), or the ions move at another temperature than the one
// that σ is stated at (by more than 2 %).
std::vector<std::string> RemarksOnRuns(const std::vector<SpeciesSums>& sums, double temperature_k,
                                       std::optional<double> mean_temperature_k);

// A series whose currents are larger than the thermal motion of any ions in that volume allows: another unit.
std::string RemarkOnUnit(const std::vector<DipoleSeries>& seeds, double volume_angstrom3,
                         double temperature_k);

// Species that were named mobile and do not diffuse, while others do; "" when there are none.
std::string RemarkOnSpecies(const TracerResult& tracer);

// Seeds (from 0) whose dipole moves in one direction by more than its fluctuations do; how many times as far.
std::map<size_t, double> MeanCurrents(const CollectiveResult& collective);

// A mean current: the dipole moves in one direction by more than its fluctuations do. And, of a series of
// instantaneous currents, a spectrum that has not fallen at its end: what lies beyond is folded onto f = 0.
std::vector<std::string> RemarksOnSeries(const CollectiveResult& collective, bool currents);

// Up to which relaxation time the data speak; nothing where there is no σ.
std::vector<std::string> RemarksOnRelaxations(const CollectiveResult& collective);

}  // namespace superion::analysis
