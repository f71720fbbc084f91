#include "analysis/extrapolation/censored_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace superion::analysis {
namespace {

// Inverse of a symmetric positive [k, k] matrix by Gauss-Jordan elimination with pivoting; empty when it is
// singular.
std::vector<double> Inverse(const std::vector<double>& matrix, size_t k) {
  std::vector<double> augmented(k * 2 * k, 0.0);
  auto at = [&](size_t r, size_t c) -> double& { return augmented[r * 2 * k + c]; };
  for (size_t r = 0; r < k; ++r) {
    for (size_t c = 0; c < k; ++c) at(r, c) = matrix[r * k + c];
    at(r, k + r) = 1.0;
  }
  for (size_t p = 0; p < k; ++p) {
    size_t pivot = p;
    for (size_t r = p + 1; r < k; ++r) {
      if (std::abs(at(r, p)) > std::abs(at(pivot, p))) pivot = r;
    }
    if (!(std::abs(at(pivot, p)) > 1e-13 * std::abs(matrix[p * k + p]))) return {};
    for (size_t c = 0; c < 2 * k; ++c) std::swap(at(p, c), at(pivot, c));
    const double inverse = 1.0 / at(p, p);
    for (size_t c = 0; c < 2 * k; ++c) at(p, c) *= inverse;
    for (size_t r = 0; r < k; ++r) {
      if (r == p) continue;
      const double factor = at(r, p);
      for (size_t c = 0; c < 2 * k; ++c) at(r, c) -= factor * at(p, c);
    }
  }
  std::vector<double> out(k * k);
  for (size_t r = 0; r < k; ++r) {
    for (size_t c = 0; c < k; ++c) out[r * k + c] = at(r, k + c);
  }
  return out;
}

// Gradient and information of the logarithm of the likelihood.
class Normal {
 public:
  explicit Normal(size_t k) : gradient(k, 0.0), information(k * k, 0.0) {}
  std::vector<double> gradient, information;

  void Add(const std::vector<double>& f, double slope, double curvature) {
    const size_t k = gradient.size();
    for (size_t r = 0; r < k; ++r) {
      gradient[r] += slope * f[r];
      for (size_t c = 0; c < k; ++c) information[r * k + c] += curvature * f[r] * f[c];
    }
  }
};

double Events(double model, double bound) {
  return -std::log(0.05) * std::exp(std::min(50.0, model - bound));
}

}  // namespace

double CensoredFit::Value(const std::vector<double>& f) const {
  double y = 0.0;
  for (size_t r = 0; r < f.size(); ++r) y += coefficients[r] * f[r];
  return y;
}

double CensoredFit::Variance(const std::vector<double>& f) const {
  double v = 0.0;
  for (size_t r = 0; r < f.size(); ++r) {
    for (size_t c = 0; c < f.size(); ++c) v += variance[r * f.size() + c] * f[r] * f[c];
  }
  return std::max(0.0, v);
}

CensoredFit FitCensored(const std::vector<Datum>& data, const std::vector<Datum>& bounds,
                        const Basis& basis) {
  CensoredFit fit;
  if (data.empty()) return fit;
  const size_t k = basis(data[0].x).size();
  fit.coefficients.assign(k, 0.0);
  // The first step, without bounds, is the least-squares solution; a second one removes its rounding.
  const int steps = bounds.empty() ? 2 : 200;
  for (int step = 0; step < steps; ++step) {
    Normal normal(k);
    for (const Datum& d : data) {
      const auto f = basis(d.x);
      normal.Add(f, d.w * (d.y - fit.Value(f)), d.w);
    }
    if (step > 0) {
      for (const Datum& d : bounds) {
        const auto f = basis(d.x);
        const double events = Events(fit.Value(f), d.y);
        normal.Add(f, -events, events);
      }
    }
    fit.variance = Inverse(normal.information, k);
    if (fit.variance.empty()) return fit;
    std::vector<double> change(k, 0.0);
    for (size_t r = 0; r < k; ++r) {
      for (size_t c = 0; c < k; ++c) change[r] += fit.variance[r * k + c] * normal.gradient[c];
    }
    // A step is limited to what the exponentials of the bounds allow.
    double largest = 0.0;
    for (const auto* list : {&data, &bounds}) {
      for (const Datum& d : *list) {
        const auto f = basis(d.x);
        double y = 0.0;
        for (size_t r = 0; r < k; ++r) y += change[r] * f[r];
        largest = std::max(largest, std::abs(y));
      }
    }
    const double damping = step == 0 ? 1.0 : std::min(1.0, 1.0 / std::max(1e-300, largest));
    for (size_t r = 0; r < k; ++r) fit.coefficients[r] += damping * change[r];
    if (step > 0 && largest < 1e-13) break;
  }
  for (const Datum& d : data) {
    const double residual = d.y - fit.Value(basis(d.x));
    fit.chi2 += d.w * residual * residual;
  }
  fit.deviance = fit.chi2;
  for (const Datum& d : bounds) fit.deviance += 2.0 * Events(fit.Value(basis(d.x)), d.y);
  fit.good = std::isfinite(fit.deviance);
  return fit;
}

}  // namespace superion::analysis
