#include "md_runner/thermostat.h"

#include <cmath>

#include "core/units.h"
#include "gtest/gtest.h"

namespace superion {
namespace {

// Canonical kinetic energy: gamma distribution with mean f kT/2 and variance f (kT)²/2.
TEST(StochasticRescalingTest, SamplesTheCanonicalKineticEnergyOfFreeParticles) {
  constexpr int f = 9;
  constexpr double kT = units::kBoltzmann * 500.0;
  const StochasticRescaling thermostat(500.0, 0.01, f);
  Random random(2);
  double kinetic = 3.0 * kT, sum = 0.0, square = 0.0, third = 0.0;
  constexpr int n = 200000;
  for (int k = 0; k < n; ++k) {
    const double factor = thermostat.Factor(0.005, kinetic, &random);
    kinetic *= factor * factor;
    const double x = kinetic / kT - 0.5 * f;
    sum += x, square += x * x, third += x * x * x;
  }
  // Correlation time of the kinetic energy is τ: 2 steps, so about n/4 independent samples.
  const double error = std::sqrt(0.5 * f / (n / 4.0));
  EXPECT_NEAR(sum / n, 0.0, 5 * error);
  EXPECT_NEAR(square / n, 0.5 * f, 0.1);
  EXPECT_NEAR(third / n, f, 0.6);  // third central moment of gamma(f/2): 2 (f/2)
}

TEST(StochasticRescalingTest, LeavesRestAloneAndRelaxesExponentially) {
  const StochasticRescaling thermostat(300.0, 0.1, 300000);
  Random random(1);
  EXPECT_EQ(thermostat.Factor(0.001, 0.0, &random), 1.0);
  // With many degrees of freedom the noise vanishes: K -> K̄ + (K - K̄) exp(-t/τ).
  const double target = 0.5 * 300000 * units::kBoltzmann * 300.0;
  const double factor = thermostat.Factor(0.1, 2.0 * target, &random);
  EXPECT_NEAR(factor * factor * 2.0, 1.0 + std::exp(-1.0), 0.02);
}

TEST(NoseHooverChainTest, IsTimeReversible) {
  NoseHooverChain chain(400.0, 0.1, 30);
  chain.set_state({{0.3, -0.2, 0.1}, {1.2, -0.7, 2.0}});
  double kinetic = 0.9;
  const double forward = chain.HalfStep(0.002, kinetic);
  const double energy = chain.Energy();
  kinetic *= forward * forward;
  const double back = chain.HalfStep(-0.002, kinetic);
  EXPECT_NE(energy, chain.Energy());
  EXPECT_NEAR(forward * back, 1.0, 1e-14);
  const double expected_eta[] = {0.3, -0.2, 0.1}, expected_velocity[] = {1.2, -0.7, 2.0};
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(chain.state().eta[k], expected_eta[k], 1e-12);
    EXPECT_NEAR(chain.state().velocity[k], expected_velocity[k], 1e-12);
  }
}

// Free particles and their chain: the extended energy is conserved to second order and better.
TEST(NoseHooverChainTest, ConservesTheExtendedEnergyOfAnIdealGas) {
  double errors[2];
  for (int refine = 0; refine < 2; ++refine) {
    const double dt = refine == 0 ? 0.01 : 0.005;
    NoseHooverChain chain(300.0, 0.2, 30);
    double kinetic = 2.0 * 15 * units::kBoltzmann * 300.0;
    const double start = kinetic + chain.Energy();
    errors[refine] = 0.0;
    for (double t = 0.0; t < 10.0; t += dt) {
      for (int half = 0; half < 2; ++half) {
        const double factor = chain.HalfStep(dt, kinetic);
        kinetic *= factor * factor;
      }
      errors[refine] = std::max(errors[refine], std::abs(kinetic + chain.Energy() - start));
    }
  }
  EXPECT_LT(errors[0], 1e-4 * 15 * units::kBoltzmann * 300.0);
  EXPECT_LT(errors[1], errors[0] / 3.5);
}

}  // namespace
}  // namespace superion
