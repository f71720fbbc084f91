#include "analysis/transport/sampling_error.h"

#include <algorithm>
#include <cmath>

namespace superion::analysis {
namespace {

constexpr size_t kFewestIncrements = 32;

// Sums of the products of d components, row by row, and the number of samples behind them.
struct Moments {
  size_t dimension = 0;
  std::vector<double> sums;  // d x d
  double n = 0.0;

  explicit Moments(size_t d) : dimension(d), sums(d * d, 0.0) {}
  double trace() const {
    double out = 0.0;
    for (size_t a = 0; a < dimension; ++a) out += sums[a * dimension + a] / n;
    return out;
  }
  double trace_of_square() const {
    double out = 0.0;
    for (const double x : sums) out += x * x / (n * n);
    return out;
  }
};

// Longest number of samples that still leaves enough increments, or the shortest at which vibrations are
// small.
size_t Stride(const DisplacementCurve& curve, double slope, size_t samples) {
  const auto mean = curve.sums.Mean();
  size_t stride = 1;
  for (size_t l = 0; l < mean.size(); ++l) {
    if (samples / curve.sums.lags[l] < kFewestIncrements) break;
    stride = curve.sums.lags[l];
    if (mean[l] <= 1.5 * slope * curve.lag_ps(l)) break;
  }
  return stride;
}

}  // namespace

double EffectiveComponents(const std::vector<DipoleTransform>& seeds, double band_thz) {
  const size_t d = seeds[0].components.size();
  Moments s(d);
  for (const DipoleTransform& seed : seeds) {
    const auto& f = seed.components;
    for (size_t k = 1; k < f[0].size() && static_cast<double>(k) <= band_thz * seed.duration_ps; ++k) {
      s.n += 1.0;
      for (size_t a = 0; a < d; ++a) {
        for (size_t b = 0; b < d; ++b)
          s.sums[a * d + b] += (f[a][k] * std::conj(f[b][k])).real() / seed.duration_ps;
      }
    }
  }
  const auto components = static_cast<double>(d);
  if (s.n < 4.0 || !(s.trace() > 0.0)) return components;
  const double square = s.trace() * s.trace();
  const double of_square = (s.trace_of_square() - square / (2.0 * s.n)) / (1.0 + 1.0 / (2.0 * s.n));
  return std::clamp(square / std::max(of_square, square / components), 1.0, components);
}

double EventVariance(const std::vector<DipoleSeries>& seeds, const DisplacementCurve& curve, double slope) {
  size_t samples = 0;
  for (const auto& seed : seeds) samples += seed.size() - 1;
  const size_t d = seeds[0].dimension(), stride = Stride(curve, slope, samples);
  Moments c(d);
  double x_sum = 0.0, xx_sum = 0.0;
  for (const auto& seed : seeds) {
    for (size_t k = 0; k + stride < seed.size(); k += stride) {
      double x = 0.0;
      for (size_t a = 0; a < d; ++a) {
        const double da = seed.components[a][k + stride] - seed.components[a][k];
        x += da * da;
        for (size_t b = 0; b < d; ++b)
          c.sums[a * d + b] += da * (seed.components[b][k + stride] - seed.components[b][k]);
      }
      c.n += 1.0, x_sum += x, xx_sum += x * x;
    }
  }
  if (c.n < static_cast<double>(kFewestIncrements)) return 0.0;
  const double mean = x_sum / c.n, variance = (xx_sum / c.n - mean * mean) * c.n / (c.n - 1.0);
  const double gaussian = 2.0 * (c.trace_of_square() - mean * mean / c.n) / (1.0 + 1.0 / c.n);
  const double diffusive = slope * curve.interval_ps * static_cast<double>(stride);
  return std::max(0.0, (variance - gaussian) / (c.n * diffusive * diffusive));
}

}  // namespace superion::analysis
