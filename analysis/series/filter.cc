#include "analysis/series/filter.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/fft.h"

namespace superion::analysis {
namespace {

// Weights w with p(at) = Σ w_k y_k for the least-squares polynomial through y at -half .. half: orthonormal
// polynomials by Gram–Schmidt.
std::vector<double> SmoothingWeights(size_t half, size_t degree, double at) {
  const size_t n = 2 * half + 1;
  const double scale = half > 0 ? 1.0 / static_cast<double>(half) : 1.0;
  std::vector<std::vector<double>> basis;
  std::vector<double> weights(n, 0.0);
  for (size_t order = 0; order <= std::min(degree, n - 1); ++order) {
    std::vector<double> p(n + 1);  // the last entry: its value at `at`
    for (size_t k = 0; k <= n; ++k) {
      const double x = scale * (k < n ? static_cast<double>(k) - static_cast<double>(half) : at);
      p[k] = std::pow(x, static_cast<double>(order));
    }
    for (int pass = 0; pass < 2; ++pass) {
      for (const auto& q : basis) {
        double overlap = 0.0;
        for (size_t k = 0; k < n; ++k) overlap += p[k] * q[k];
        for (size_t k = 0; k <= n; ++k) p[k] -= overlap * q[k];
      }
    }
    double norm = 0.0;
    for (size_t k = 0; k < n; ++k) norm += p[k] * p[k];
    for (double& v : p) v /= std::sqrt(norm);
    for (size_t k = 0; k < n; ++k) weights[k] += p[n] * p[k];
    basis.push_back(std::move(p));
  }
  return weights;
}

}  // namespace

std::vector<double> LowPass(std::span<const double> x, double cutoff) {
  if (x.size() < 3) return {x.begin(), x.end()};
  // The cosine transform is the Fourier transform of the mirrored series; it is its own inverse up to a
  // factor.
  auto spectrum = CosineTransform(x);
  const double last = static_cast<double>(x.size() - 1);
  for (size_t k = 0; k < spectrum.size(); ++k) {
    if (static_cast<double>(k) / (2.0 * last) > cutoff) spectrum[k] = 0.0;
  }
  auto out = CosineTransform(spectrum);
  for (double& v : out) v /= 2.0 * last;
  return out;
}

std::vector<double> SavitzkyGolay(std::span<const double> y, size_t half_width, size_t degree) {
  if (y.empty()) return {};
  const size_t half = std::min(half_width, (y.size() - 1) / 2);
  const auto middle = SmoothingWeights(half, degree, 0.0);
  std::vector<double> out(y.size());
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t centre = std::clamp(i, half, y.size() - 1 - half);
    const auto weights =
        centre == i ? middle
                    : SmoothingWeights(half, degree, static_cast<double>(i) - static_cast<double>(centre));
    for (size_t k = 0; k < weights.size(); ++k) out[i] += weights[k] * y[centre - half + k];
  }
  return out;
}

}  // namespace superion::analysis
