// Temperature dependence: ln(σT) = ln A - Ea/(kB T), with the covariance of its parameters, censored points
// and tests for curvature (conductivity.md, section 8).
#pragma once

#include <optional>
#include <string>
#include <vector>

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
  double birge = 1.0;              // factor on all errors, sqrt(chi2/dof) where that is above 1
  double mean_inverse_k = 0.0;     // weighted mean of 1/T
  std::vector<std::string> flags;  // BIRGE_SCALED, CURVED, VFT_PREFERRED, BREAK_PREFERRED, CENSORED,
                                   // EXTRAPOLATION_UNSAFE

  // ln σ(T) and its standard deviation.
  double LnSigma(double temperature_k) const;
  double LnSigmaSd(double temperature_k) const;
  // Model average of straight and curved fits (Akaike weights): ln σ at 300 K and its standard deviation,
  // when the points allow the curved fit.
  std::optional<double> averaged_ln_sigma_300, averaged_s_300;
};

// InvalidArgument for a temperature or σ or s that is not positive; FailedPrecondition for fewer than two
// different temperatures with a value.
absl::StatusOr<ArrheniusFit> FitArrhenius(const std::vector<ArrheniusPoint>& points,
                                          double extrapolate_to_k = 300.0);

}  // namespace superion::analysis
