#include "analysis/verdict/equilibration.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/fft.h"

namespace superion::analysis {
namespace {

// Means of at most 2000 equal stretches: the energy of a long run needs no more to show its drift.
std::vector<double> Coarse(const std::vector<double>& x, size_t* stride) {
  *stride = (x.size() + 1999) / 2000;
  std::vector<double> out;
  for (size_t i = 0; i + *stride <= x.size(); i += *stride) {
    double sum = 0.0;
    for (size_t k = 0; k < *stride; ++k) sum += x[i + k];
    out.push_back(sum / static_cast<double>(*stride));
  }
  return out;
}

double Mean(std::span<const double> x) {
  double sum = 0.0;
  for (double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

double Variance(std::span<const double> x) {
  const double mean = Mean(x);
  double sum = 0.0;
  for (double v : x) sum += (v - mean) * (v - mean);
  return sum / static_cast<double>(x.size());
}

}  // namespace

double StatisticalInefficiency(std::span<const double> x) {
  const size_t n = x.size();
  if (n < 4) return 1.0;
  const double mean = Mean(x);
  std::vector<double> centred(x.begin(), x.end());
  for (double& v : centred) v -= mean;
  const size_t padded = FastLength(2 * n);
  auto spectrum = ForwardFft(centred, padded);
  for (auto& f : spectrum) f = std::norm(f);
  const auto correlation = InverseFft(spectrum, padded);
  if (!(correlation[0] > 0.0)) return 1.0;
  double g = 1.0;
  for (size_t t = 1; t + 1 < n; ++t) {
    const double c = correlation[t] / correlation[0] * static_cast<double>(n) / static_cast<double>(n - t);
    if (c <= 0.0) break;
    g += 2.0 * c * (1.0 - static_cast<double>(t) / static_cast<double>(n));
  }
  return std::max(1.0, g);
}

size_t EquilibrationIndex(const std::vector<double>& x) {
  if (x.size() < 20) return 0;
  size_t stride = 1, best_index = 0;
  const auto coarse = Coarse(x, &stride);
  double best = -1.0;
  constexpr size_t kCandidates = 40;
  for (size_t c = 0; c < kCandidates; ++c) {
    const size_t t0 = c * coarse.size() / (2 * kCandidates);
    const std::span<const double> rest(coarse.data() + t0, coarse.size() - t0);
    const double effective = static_cast<double>(rest.size()) / StatisticalInefficiency(rest);
    if (effective > best * (1.0 + 1e-12)) best = effective, best_index = t0;
  }
  return best_index * stride;
}

double GewekeZ(const std::vector<double>& x) {
  if (x.size() < 20) return 0.0;
  size_t stride = 1;
  const auto coarse = Coarse(x, &stride);
  const size_t n = coarse.size();
  const std::span<const double> early(coarse.data(), n / 5), late(coarse.data() + n / 2, n - n / 2);
  auto variance_of_mean = [](std::span<const double> part) {
    return Variance(part) * StatisticalInefficiency(part) / static_cast<double>(part.size());
  };
  const double variance = variance_of_mean(early) + variance_of_mean(late);
  return variance > 0.0 ? (Mean(early) - Mean(late)) / std::sqrt(variance) : 0.0;
}

}  // namespace superion::analysis
