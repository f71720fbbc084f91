// How much of the start of a run to discard, and whether the rest is stationary (gate G1).
#pragma once

#include <span>
#include <vector>

namespace superion::analysis {

// g = 1 + 2 sum of the autocorrelation up to its first zero crossing: samples per independent sample, >= 1.
double StatisticalInefficiency(std::span<const double> x);

// First index to keep: maximises the number of effective samples of x[t0..] (Chodera, JCTC 12, 1799 (2016),
// doi:10.1021/acs.jctc.5b00784), t0 in the first half. 0 for fewer than 20 samples.
size_t EquilibrationIndex(const std::vector<double>& x);

// Difference between the mean of the first 20 % and of the last 50 % over its standard deviation, with
// autocorrelation (Geweke 1992); 0 for a constant or fewer than 20 samples.
double GewekeZ(const std::vector<double>& x);

}  // namespace superion::analysis
