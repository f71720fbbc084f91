#include "md_runner/thermostat.h"

#include <algorithm>
#include <cmath>

#include "core/units.h"

namespace superion {

double StochasticRescaling::Factor(double dt, double kinetic, Random* random) const {
  if (!(kinetic > 0.0)) return 1.0;
  const double c = std::exp(-dt / time_ps_);
  // Target kinetic energy per degree of freedom over the present one.
  const double ratio = 0.5 * units::kBoltzmann * temperature_k_ / kinetic;
  const double first = random->Gaussian();
  double others = 0.0;
  for (int k = 1; k < degrees_; ++k) {
    const double r = random->Gaussian();
    others += r * r;
  }
  const double square =
      c + (1.0 - c) * ratio * (first * first + others) + 2.0 * first * std::sqrt(c * (1.0 - c) * ratio);
  const double factor = std::sqrt(std::max(square, 0.0));
  // Equation A8 of the paper: the sign that makes the rescaling a proper diffusion of the momenta.
  return first + std::sqrt(c / ((1.0 - c) * ratio)) < 0.0 ? -factor : factor;
}

NoseHooverChain::NoseHooverChain(double temperature_k, double time_ps, int degrees_of_freedom)
    : kt_(units::kBoltzmann * temperature_k), degrees_(degrees_of_freedom) {
  mass_.fill(kt_ * time_ps * time_ps);
  mass_[0] *= degrees_;
}

double NoseHooverChain::HalfStep(double dt, double kinetic) {
  // Weights of the third-order factorisation: 1 / (2 - 2^(1/3)) twice, around 1 - 2 w.
  static const double kOuter = 1.0 / (2.0 - std::cbrt(2.0));
  const std::array<double, 3> weights{kOuter, 1.0 - 2.0 * kOuter, kOuter};
  auto& v = state_.velocity;
  const auto force = [&](int k) {
    const double twice = k == 0 ? 2.0 * kinetic - degrees_ * kt_ : mass_[k - 1] * v[k - 1] * v[k - 1] - kt_;
    return twice / mass_[k];
  };
  const auto kick = [&](int k, double h) {
    const double damp = k + 1 < kLength ? std::exp(-0.5 * h * v[k + 1]) : 1.0;
    v[k] = (v[k] * damp + force(k) * h) * damp;
  };
  double factor = 1.0;
  for (const double w : weights) {
    const double quarter = 0.25 * w * dt, half = 0.5 * w * dt;
    for (int k = kLength - 1; k >= 0; --k) kick(k, quarter);
    const double scale = std::exp(-half * v[0]);
    factor *= scale;
    kinetic *= scale * scale;
    for (int k = 0; k < kLength; ++k) state_.eta[k] += half * v[k];
    for (int k = 0; k < kLength; ++k) kick(k, quarter);
  }
  return factor;
}

double NoseHooverChain::Energy() const {
  double energy = degrees_ * kt_ * state_.eta[0];
  for (int k = 1; k < kLength; ++k) energy += kt_ * state_.eta[k];
  for (int k = 0; k < kLength; ++k) energy += 0.5 * mass_[k] * state_.velocity[k] * state_.velocity[k];
  return energy;
}

}  // namespace superion
