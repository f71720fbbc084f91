#include "analysis/series/folding.h"

#include <algorithm>
#include <cmath>

namespace superion::analysis {
namespace {

constexpr size_t kFewestSamples = 100;
constexpr size_t kCertainJumps = 3;
// Below ten usual steps an interval is crossed as a matter of course.
constexpr double kNarrowest = 10.0;
// A jump is the quantum less the true step that crossed the edge. Such steps are Rayleigh distributed where
// steps are Gaussian: median 1.2, 95 % below 2.5 standard deviations. Where a hop starts from a random phase
// of a vibration, range and jump differ by the width of the vibration at both ends, by 3.5 and more.
constexpr double kMedianExcess = 2.0, kMostExcess = 5.0;
// Of the samples in the middle half of the interval, in which a folded path is about half of the time.
constexpr double kCertainMiddle = 0.05, kNotedMiddle = 0.01;

double Quantile(std::vector<double> values, double p) {
  const auto k = static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + k, values.end());
  return values[static_cast<size_t>(k)];
}

// Of the steps, from the median of their sizes: a few jumps do not change it.
double UsualStep(const std::vector<double>& p) {
  std::vector<double> steps;
  for (size_t i = 0; i + 1 < p.size(); ++i) steps.push_back(std::abs(p[i + 1] - p[i]));
  return 1.4826 * Quantile(std::move(steps), 0.5);
}

struct Evidence {
  double width = 0.0, samples = 0.0, middle = 0.0, steps = 0.0;
  std::vector<double> excess;  // (width - |jump|) in usual steps, of every jump
};

void AddSeed(const std::vector<double>& p, Evidence* out) {
  if (p.size() < kFewestSamples) return;
  const auto [low, high] = std::minmax_element(p.begin(), p.end());
  const double width = *high - *low, usual = UsualStep(p);
  // A dipole that stands still between hops reaches no edge by its usual steps.
  if (!(usual > 0.0) || !(width > kNarrowest * usual)) return;
  const size_t before = out->excess.size();
  for (size_t i = 0; i + 1 < p.size(); ++i) {
    const double jump = std::abs(p[i + 1] - p[i]), missing = width - jump;
    if (jump > 0.5 * width) out->excess.push_back(missing / usual);
  }
  if (out->excess.size() == before) return;
  out->width = std::max(out->width, width);
  out->steps += static_cast<double>(p.size() - 1);
  out->samples += static_cast<double>(p.size());
  for (const double x : p) out->middle += x > *low + 0.25 * width && x < *high - 0.25 * width ? 1.0 : 0.0;
}

}  // namespace

std::optional<Folding> FindFolding(const std::vector<std::vector<double>>& seeds) {
  Evidence found;
  for (const auto& seed : seeds) AddSeed(seed, &found);
  const auto jumps = static_cast<double>(found.excess.size());
  if (found.excess.empty() || jumps > 0.25 * found.steps) return std::nullopt;
  const bool edges =
      Quantile(found.excess, 0.5) <= kMedianExcess && Quantile(found.excess, 0.95) <= kMostExcess;
  if (!edges || found.middle < kNotedMiddle * found.samples) return std::nullopt;
  return Folding{found.width, found.excess.size(),
                 found.excess.size() >= kCertainJumps && found.middle >= kCertainMiddle * found.samples};
}

}  // namespace superion::analysis
