// Relaxations nearly as slow as the runs: a cage that opens late, a motion that persists. Only the few lowest
// modes of the spectrum know of them.
#pragma once

#include <vector>

#include "analysis/transport/spectral.h"

namespace superion::analysis {

// Standard deviation of the ln of the factor by which a relaxation changes σ, before anything is seen of it.
inline constexpr double kSlowFactorSd = 0.7;

struct SlowRelaxationOptions {
  double cage_odds = 0.05;         // prior odds of a dip at one corner frequency against none
  double persistence_odds = 0.01;  // the same of a rise: ions that return are the rule
  double prior_sd = kSlowFactorSd;
  double corners[5] = {1.0, 1.6, 2.56, 4.1, 6.55};  // in Fourier frequencies of the longest seed
};

// ln μ(f) = b0 + b2 (f/f_K)² + a/(1 + (f/f_c)²), a ~ N(0, prior_sd²), at a few corner frequencies f_c up to a
// quarter of the band, against a = 0 (Laplace's approximation of the marginal likelihoods). What faster
// relaxations do is seen by the choice of the band.
SlowRelaxation FindSlowRelaxation(const std::vector<Periodogram>& seeds, double band_thz,
                                  const SlowRelaxationOptions& options = {});

// Longest relaxation time, up to 1/2π of the longest seed, that changes σ by a factor of two without staying
// within two standard deviations of a; that of a quarter of the band where all do.
double SlowestResolved(const std::vector<Periodogram>& seeds, double band_thz);

}  // namespace superion::analysis
