#include "md_runner/energy_profile.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace superion {

EnergyProfile::EnergyProfile(std::vector<double> arc, std::vector<double> energy,
                             const std::vector<double>& tangential)
    : arc_(std::move(arc)), energy_(std::move(energy)) {
  for (const double force : tangential) slope_.push_back(-force);
}

size_t EnergyProfile::Segment(double s) const {
  const auto next = std::upper_bound(arc_.begin(), arc_.end(), s) - arc_.begin();
  return static_cast<size_t>(
      std::clamp<std::ptrdiff_t>(next - 1, 0, static_cast<std::ptrdiff_t>(arc_.size()) - 2));
}

double EnergyProfile::Energy(double s) const {
  s = std::clamp(s, arc_.front(), arc_.back());
  const size_t k = Segment(s);
  const double h = arc_[k + 1] - arc_[k], t = (s - arc_[k]) / h, u = 1.0 - t;
  return energy_[k] * u * u * (1.0 + 2.0 * t) + energy_[k + 1] * t * t * (3.0 - 2.0 * t) +
         h * t * u * (slope_[k] * u - slope_[k + 1] * t);
}

double EnergyProfile::Slope(double s) const {
  s = std::clamp(s, arc_.front(), arc_.back());
  const size_t k = Segment(s);
  const double h = arc_[k + 1] - arc_[k], t = (s - arc_[k]) / h;
  return 6.0 * t * (1.0 - t) * (energy_[k + 1] - energy_[k]) / h + slope_[k] * (1.0 - t) * (1.0 - 3.0 * t) +
         slope_[k + 1] * t * (3.0 * t - 2.0);
}

std::vector<EnergyProfile::Extremum> EnergyProfile::Extrema() const {
  std::vector<Extremum> out = {{arc_.front(), energy_.front()}};
  for (size_t k = 0; k + 1 < arc_.size(); ++k) {
    // Slope a t² + b t + c of the segment, t in [0, 1].
    const double h = arc_[k + 1] - arc_[k], rise = (energy_[k + 1] - energy_[k]) / h;
    const double a = 3.0 * (slope_[k] + slope_[k + 1] - 2.0 * rise), c = slope_[k];
    const double b = 6.0 * rise - 4.0 * slope_[k] - 2.0 * slope_[k + 1], d = b * b - 4.0 * a * c;
    std::vector<double> roots;
    if (d >= 0.0) {
      // The stable pair of roots; a straight slope has one.
      const double q = -0.5 * (b + std::copysign(std::sqrt(d), b));
      if (a != 0.0) roots.push_back(q / a);
      if (q != 0.0) roots.push_back(c / q);
    }
    std::sort(roots.begin(), roots.end());
    for (const double t : roots) {
      if (t > 0.0 && t < 1.0) out.push_back({arc_[k] + t * h, Energy(arc_[k] + t * h)});
    }
    out.push_back({arc_[k + 1], energy_[k + 1]});
  }
  return out;
}

EnergyProfile::Extremum EnergyProfile::Highest() const {
  const auto all = Extrema();
  return *std::max_element(all.begin(), all.end(),
                           [](const Extremum& a, const Extremum& b) { return a.energy < b.energy; });
}

std::vector<EnergyProfile::Extremum> EnergyProfile::InnerMinima(double depth) const {
  const auto all = Extrema();
  std::vector<Extremum> minima;
  for (size_t k = 1; k + 1 < all.size(); ++k) {
    if (all[k].energy > all[k - 1].energy || all[k].energy > all[k + 1].energy) continue;
    double left = all[k].energy, right = left;
    for (size_t j = 0; j < k; ++j) left = std::max(left, all[j].energy);
    for (size_t j = k + 1; j < all.size(); ++j) right = std::max(right, all[j].energy);
    if (std::min(left, right) - all[k].energy > depth) minima.push_back(all[k]);
  }
  return minima;
}

}  // namespace superion
