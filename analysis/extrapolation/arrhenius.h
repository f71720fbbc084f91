// Temperature dependence: ln(σT) = ln A - Ea/(kB T), with the covariance of its parameters, censored points,
// tests for curvature and a check of the intervals by simulation (docs/physics.md, Arrhenius).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/extrapolation/temperature_models.h"
#include "core/status.h"

namespace superion::analysis {

struct ArrheniusPoint {
  double temperature_k = 0.0;
  double sigma = 0.0;        // S/m
  double s = 0.0;            // standard deviation of ln σ
  bool upper_bound = false;  // nothing was seen: `sigma` is the 95 % bound, `s` is not used
};

struct ArrheniusFit {
  double ln_a = 0.0, ea_ev = 0.0;                        // σT in S/m K
  double s_ln_a = 0.0, s_ea_ev = 0.0, covariance = 0.0;  // of (ln A, Ea), scaled by Birge's ratio
  double chi2 = 0.0;
  int dof = 0;
  double birge = 1.0;           // factor on all errors, sqrt(chi2/dof) where that is above 1
  double mean_inverse_k = 0.0;  // weighted mean of 1/T
  double ea_ln_sigma_ev = 0.0;  // Ea of the other convention, σ = σ0 exp(-Ea/kT): lower by about kB/<1/T>
  std::vector<std::string> flags;  // BIRGE_SCALED, CURVED, VFT_PREFERRED, BREAK_PREFERRED, CENSORED,
                                   // EXTRAPOLATION_UNSAFE

  // ln σ(T) and its standard deviation.
  double LnSigma(double temperature_k) const;
  double LnSigmaSd(double temperature_k) const;

  // At the temperature of the extrapolation; empty where there are too few points (four, for anything but the
  // line) to compare.
  std::vector<TemperatureModel> models;
  std::optional<ModelAverage> average;
  const TemperatureModel* Model(const std::string& name) const;
};

// InvalidArgument for a temperature or σ or s that is not positive; FailedPrecondition for fewer than two
// different temperatures with a value.
absl::StatusOr<ArrheniusFit> FitArrhenius(const std::vector<ArrheniusPoint>& points,
                                          double extrapolate_to_k = 300.0);

// What is added to the logarithm of a mean of n = 2/s² squared Gaussians, which is low by 1/n on average;
// 0 from 20 degrees of freedom on.
double SmallSampleBias(double s);

// Intervals of Ea and ln σ from points drawn anew around the fitted line: values log-normal with s (times
// Birge's factor), points without a hop as a Poisson count.
struct BootstrapIntervals {
  int draws = 0;
  double ea_low_ev = 0.0, ea_high_ev = 0.0;  // 95 %
  double ln_sigma_low = 0.0, ln_sigma_high = 0.0;
};
BootstrapIntervals BootstrapArrhenius(const std::vector<ArrheniusPoint>& points, const ArrheniusFit& fit,
                                      double temperature_k, int draws = 10000);

}  // namespace superion::analysis
