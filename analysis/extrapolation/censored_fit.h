// Weighted least squares with any few basis functions, in which points without a hop count by the likelihood
// of a Poisson process.
#pragma once

#include <functional>
#include <vector>

namespace superion::analysis {

struct Datum {
  double x = 0.0, y = 0.0, w = 0.0;  // y with variance 1/w; as a bound: y is the logarithm of σ_95 T
};

using Basis = std::function<std::vector<double>(double)>;

struct CensoredFit {
  std::vector<double> coefficients;
  std::vector<double> variance;  // [k, k], inverse of the observed information
  double chi2 = 0.0;             // of the points with a value
  double deviance = 0.0;         // chi² - 2 ln L of the bounds
  bool good = false;

  // Prediction for basis functions f(x) and its variance.
  double Value(const std::vector<double>& f) const;
  double Variance(const std::vector<double>& f) const;
};

// Maximum likelihood of Σ c_k f_k(x) (Newton's method; concave). A bound of 95 % has the likelihood
// 0.05^{exp(model - y)}: no event of a Poisson process that would show 3.0 events at the bound. Not `good`
// when the data do not determine the coefficients.
CensoredFit FitCensored(const std::vector<Datum>& data, const std::vector<Datum>& bounds, const Basis& basis);

}  // namespace superion::analysis
