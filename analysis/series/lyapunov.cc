#include "analysis/series/lyapunov.h"

#include <algorithm>
#include <cmath>

namespace superion::analysis {
namespace {

constexpr double kFirstFactor = 10.0;
constexpr size_t kFewestSamples = 4;

struct Window {
  size_t begin = 0, end = 0;  // samples
  double lower = 0.0;
};

Window WindowOf(const std::vector<double>& distance, double upper) {
  Window window;
  const auto first = std::find_if(distance.begin(), distance.end(), [](double d) { return d > 0.0; });
  if (first == distance.end()) return window;
  window.lower = kFirstFactor * *first;
  const auto begin = std::find_if(first, distance.end(), [&](double d) { return d >= window.lower; });
  const auto end = std::find_if(begin, distance.end(), [&](double d) { return d > upper; });
  window.begin = static_cast<size_t>(begin - distance.begin());
  window.end = static_cast<size_t>(end - distance.begin());
  return window;
}

double Slope(const Separation& twin, const Window& window) {
  double t_mean = 0.0, y_mean = 0.0, tt = 0.0, ty = 0.0;
  const auto n = static_cast<double>(window.end - window.begin);
  for (size_t k = window.begin; k < window.end; ++k) {
    t_mean += static_cast<double>(k) * twin.interval_ps / n;
    y_mean += std::log(twin.distance[k]) / n;
  }
  for (size_t k = window.begin; k < window.end; ++k) {
    const double t = static_cast<double>(k) * twin.interval_ps - t_mean;
    tt += t * t;
    ty += t * (std::log(twin.distance[k]) - y_mean);
  }
  return ty / tt;
}

}  // namespace

absl::StatusOr<Separation> SeparationOf(const IonTrajectory& one, const IonTrajectory& other) {
  SUPERION_CHECK(one.species == other.species);
  Separation out{one.interval_ps, std::vector<double>(std::min(one.n_frames(), other.n_frames()), 0.0)};
  std::vector<double> a, b;
  for (size_t row = 0; row < 3 * one.species.size(); ++row) {
    SUPERION_RETURN_IF_ERROR(one.Path(row, &a));
    SUPERION_RETURN_IF_ERROR(other.Path(row, &b));
    for (size_t k = 0; k < out.distance.size(); ++k) out.distance[k] += (b[k] - a[k]) * (b[k] - a[k]);
  }
  for (double& d : out.distance) d = std::sqrt(d / static_cast<double>(one.species.size()));
  return out;
}

double LyapunovFit::HorizonPs(double resolution) const { return std::log(upper / resolution) / lambda; }

absl::StatusOr<LyapunovFit> FitLyapunov(const std::vector<Separation>& twins, double upper) {
  if (twins.empty()) return FailedPrecondition("no pair of twin runs was given");
  LyapunovFit fit;
  fit.upper = upper;
  for (size_t k = 0; k < twins.size(); ++k) {
    const Window window = WindowOf(twins[k].distance, upper);
    if (window.end - window.begin < kFewestSamples)
      return FailedPrecondition(
          "pair {}: {} samples lie between a separation of {:.3g} Å and {:.3g} Å, {} are needed: write "
          "frames "
          "more often, run longer, or start closer",
          k + 1, window.end - window.begin, window.lower, upper, kFewestSamples);
    fit.per_twin.push_back(Slope(twins[k], window));
    fit.lower.push_back(window.lower);
  }
  const auto n = static_cast<double>(twins.size());
  for (const double l : fit.per_twin) fit.lambda += l / n;
  for (const double l : fit.per_twin) fit.s += (l - fit.lambda) * (l - fit.lambda);
  fit.s = n > 1.0 ? std::sqrt(fit.s / ((n - 1.0) * n)) : 0.0;
  return fit;
}

}  // namespace superion::analysis
