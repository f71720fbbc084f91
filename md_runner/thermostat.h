// Global thermostats. Both act on the total kinetic energy only, so they leave the directions of motion, the
// zero total momentum and (weakly coupled) the current dynamics alone; conductivity.md refuses local ones.
#pragma once

#include <array>
#include <vector>

#include "core/random.h"
#include "core/vec3.h"

namespace superion {

// Stochastic velocity rescaling, Bussi, Donadio, Parrinello, doi:10.1063/1.2408420, equation A7: samples the
// canonical distribution of the kinetic energy exactly, ergodic for any system.
class StochasticRescaling {
 public:
  StochasticRescaling(double temperature_k, double relaxation_time_ps, int degrees_of_freedom)
      : temperature_k_(temperature_k), time_ps_(relaxation_time_ps), degrees_(degrees_of_freedom) {}
  // Factor on all velocities for a step of `dt` at kinetic energy `kinetic` (eV); 1 when the kinetic energy
  // is zero.
  double Factor(double dt, double kinetic, Random* random) const;

 private:
  double temperature_k_;
  double time_ps_;
  int degrees_;
};

// Nosé-Hoover chain of three, Martyna, Tuckerman, Tobias, Klein, doi:10.1080/00268979600100761, section 2 and
// appendix with a third-order Suzuki-Yoshida factorisation. Deterministic and time-reversible.
class NoseHooverChain {
 public:
  static constexpr int kLength = 3;
  struct State {
    std::array<double, kLength> eta{};       // dimensionless
    std::array<double, kLength> velocity{};  // 1/ps
  };

  // Mass of the first link is (degrees) kT τ², of the others kT τ².
  NoseHooverChain(double temperature_k, double time_ps, int degrees_of_freedom);
  // Half a step of `dt` ps; advances the chain and returns the factor on all velocities.
  double HalfStep(double dt, double kinetic);
  // Kinetic and potential energy of the chain, eV: particles + chain is conserved.
  double Energy() const;

  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  double kt_;
  int degrees_;
  std::array<double, kLength> mass_;
  State state_;
};

}  // namespace superion
