#include "analysis/transport/current_curves.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/fft.h"
#include "core/status.h"

namespace superion::analysis {
namespace {

// sum_i v(i) v(i+k) for k = 0 .. longest of v(i) = x(i+1) - x(i), in segments: a long series needs no
// transform of its own length to know its first lags.
void AddIncrementCorrelation(std::span<const double> x, size_t longest, std::vector<double>* sums) {
  const size_t n = x.size() - 1, chunk = std::max<size_t>(4 * (longest + 1), 4096);
  std::vector<double> head, whole;
  for (size_t first = 0; first < n; first += chunk) {
    const size_t origins = std::min(chunk, n - first), last = std::min(n, first + origins + longest);
    whole.clear();
    for (size_t i = first; i < last; ++i) whole.push_back(x[i + 1] - x[i]);
    head.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(origins));
    const size_t padded = FastLength(origins + longest + 1);
    auto a = ForwardFft(head, padded);
    const auto b = ForwardFft(whole, padded);
    for (size_t k = 0; k < a.size(); ++k) a[k] = std::conj(a[k]) * b[k];
    const auto c = InverseFft(a, padded);
    for (size_t k = 0; k <= longest; ++k) (*sums)[k] += c[k];
  }
}

}  // namespace

std::vector<double> CurrentAutocorrelation(const std::vector<DipoleSeries>& seeds, size_t longest) {
  std::vector<double> sums(longest + 1, 0.0), origins(longest + 1, 0.0);
  double h = 1.0;
  for (const auto& seed : seeds) {
    h = seed.interval_ps;
    for (const auto& p : seed.components) {
      SUPERION_CHECK(p.size() > longest + 1);
      AddIncrementCorrelation(p, longest, &sums);
      for (size_t k = 0; k <= longest; ++k) origins[k] += static_cast<double>(p.size() - 1 - k);
    }
  }
  for (size_t k = 0; k <= longest; ++k) sums[k] /= origins[k] * h * h;
  return sums;
}

std::vector<double> RunningIntegral(const std::vector<double>& autocorrelation, double interval_ps,
                                    double scale) {
  std::vector<double> out;
  double sum = -0.5 * autocorrelation[0];
  for (double c : autocorrelation) out.push_back(scale * interval_ps * (sum += c));
  return out;
}

double RunningIntegralSd(double sigma, double t_ps, double dimension, double total_time_ps) {
  return sigma * std::sqrt(4.0 * t_ps / (dimension * total_time_ps));
}

std::vector<std::complex<double>> ComplexConductivity(const std::vector<double>& autocorrelation,
                                                      double interval_ps, double scale) {
  const size_t n = autocorrelation.size(), padded = 2 * n;
  std::vector<double> windowed(n);
  for (size_t k = 0; k < n; ++k) {
    const double window = 0.5 + 0.5 * std::cos(M_PI * static_cast<double>(k) / static_cast<double>(n));
    windowed[k] = autocorrelation[k] * window * (k == 0 ? 0.5 : 1.0);
  }
  auto out = ForwardFft(windowed, padded);
  for (size_t k = 0; k < out.size(); ++k) {
    const double x = M_PI * static_cast<double>(k) / static_cast<double>(padded);  // ωh/2
    const double sinc = k == 0 ? 1.0 : std::sin(x) / x;
    out[k] = std::conj(out[k]) * (scale * interval_ps / (sinc * sinc));
  }
  return out;
}

std::vector<double> VelocityAutocorrelation(std::span<const std::span<const double>> positions,
                                            double interval_ps, size_t longest) {
  std::vector<double> sums(longest + 1, 0.0);
  for (const auto& x : positions) {
    SUPERION_CHECK(x.size() > longest + 1);
    AddIncrementCorrelation(x, longest, &sums);
  }
  const double n = positions.empty() ? 1.0 : static_cast<double>(positions[0].size() - 1);
  for (size_t k = 0; k <= longest; ++k) sums[k] /= (n - static_cast<double>(k)) * interval_ps * interval_ps;
  return sums;
}

}  // namespace superion::analysis
