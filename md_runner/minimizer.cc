#include "md_runner/minimizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace superion {
namespace {

constexpr int kPatience = 5;  // steps downhill before the time step grows
constexpr double kGrow = 1.1, kShrink = 0.5, kFirstMixing = 0.1, kMixingDecay = 0.99;

double Product(const Coordinates& a, const Coordinates& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

void Fire::Step(const Coordinates& forces, Coordinates* x) {
  velocity_.resize(x->size(), 0.0);
  const double power = Product(forces, velocity_);
  if (power > 0.0) {
    const double ratio = std::sqrt(Product(velocity_, velocity_) / Product(forces, forces));
    for (size_t i = 0; i < x->size(); ++i)
      velocity_[i] = (1.0 - mixing_) * velocity_[i] + mixing_ * ratio * forces[i];
    if (++downhill_ > kPatience) {
      dt_ = std::min(kGrow * dt_, options_.largest_step);
      mixing_ *= kMixingDecay;
    }
  } else {
    std::fill(velocity_.begin(), velocity_.end(), 0.0);
    dt_ *= kShrink;
    mixing_ = kFirstMixing;
    downhill_ = 0;
  }
  double largest = 0.0;
  for (size_t i = 0; i < x->size(); ++i) {
    velocity_[i] += dt_ * forces[i];
    largest = std::max(largest, std::abs(dt_ * velocity_[i]));
  }
  const double scale = dt_ * std::min(1.0, options_.largest_move / std::max(largest, 1e-300));
  for (size_t i = 0; i < x->size(); ++i) (*x)[i] += scale * velocity_[i];
}

double LargestBlock(const Coordinates& forces, int block) {
  double largest = 0.0;
  for (size_t i = 0; i < forces.size(); i += static_cast<size_t>(block)) {
    double square = 0.0;
    for (size_t c = i; c < std::min(forces.size(), i + static_cast<size_t>(block)); ++c)
      square += forces[c] * forces[c];
    largest = std::max(largest, square);
  }
  return std::sqrt(largest);
}

absl::StatusOr<Minimum> Minimize(const EnergySurface& surface, Coordinates x,
                                 const MinimizeOptions& options) {
  Minimum out;
  Fire fire(options.fire);
  for (out.steps = 0;; ++out.steps) {
    SUPERION_ASSIGN_OR_RETURN(std::vector<SurfacePoint> points, surface({x}));
    out.point = std::move(points.front());
    out.max_force = LargestBlock(out.point.forces, options.block);
    if (!std::isfinite(out.max_force) || !std::isfinite(out.point.energy))
      return FailedPrecondition("the energy {} or a force is not finite after {} steps of relaxation",
                                out.point.energy, out.steps);
    out.converged = out.max_force <= options.force_tolerance;
    if (out.converged || out.steps >= options.max_steps) break;
    fire.Step(out.point.forces, &x);
  }
  out.x = std::move(x);
  return out;
}

}  // namespace superion
