// Do independent runs sample the same σ? (gate G6, conductivity.md, section 5)
#pragma once

#include <optional>
#include <vector>

#include "analysis/series/series.h"

namespace superion::analysis {

struct BartlettTest {
  double statistic = 0.0;
  double p = 1.0;
  std::vector<double> variances;  // per seed, of increments over `stride` samples
};
// Equality of the variances of dipole increments (zero-mean, so that n increments carry n degrees of
// freedom). The statistic is divided by 1 + κ/2, κ the pooled excess kurtosis where positive: few hops per
// increment are not Gaussian and would raise false alarms. Nothing for fewer than 2 seeds or 6 increments in
// one.
std::optional<BartlettTest> BartlettOfIncrements(const std::vector<DipoleSeries>& seeds, size_t stride);

// Split R-hat (Gelman et al., Bayesian Data Analysis, 3rd ed.; rank-normalised: Vehtari et al. 2021,
// doi:10.1214/20-BA1221) of chains of equal length n >= 2: sqrt(((n-1)/n W + B/n)/W).
double RankNormalisedRhat(const std::vector<std::vector<double>>& chains);

// Every seed split in two chains of up to 25 blocks, each the logarithm of the mean squared increment in the
// block. Nothing when a half has fewer than 5 increments.
std::optional<double> SplitRhat(const std::vector<DipoleSeries>& seeds, size_t stride);

}  // namespace superion::analysis
