#include "md_runner/velocity.h"

#include <cmath>

#include "core/units.h"
#include "gtest/gtest.h"

namespace superion {
namespace {

TEST(VelocityTest, StartsAtExactlyTheTemperatureWithoutMomentum) {
  std::vector<double> masses;
  for (int i = 0; i < 40; ++i) masses.push_back(i % 3 == 0 ? 32.06 : 6.94);
  Random random(11);
  const std::vector<Vec3> v = MaxwellBoltzmann(masses, 900.0, &random);
  EXPECT_NEAR(Temperature(KineticEnergy(masses, v), DegreesOfFreedom(40)), 900.0, 1e-9);
  EXPECT_LT(Norm(Momentum(masses, v)), 1e-10);
  Random same(11), other(12);
  EXPECT_EQ(MaxwellBoltzmann(masses, 900.0, &same), v);
  EXPECT_NE(MaxwellBoltzmann(masses, 900.0, &other), v);
}

// Equipartition holds for each mass on its own, and the components are Gaussian (kurtosis 3).
TEST(VelocityTest, SharesEnergyEquallyBetweenLightAndHeavyAtoms) {
  constexpr int n = 20000;
  std::vector<double> masses(n);
  for (int i = 0; i < n; ++i) masses[i] = i % 2 == 0 ? 6.94 : 127.6;
  Random random(4);
  const std::vector<Vec3> v = MaxwellBoltzmann(masses, 300.0, &random);
  for (int kind = 0; kind < 2; ++kind) {
    double second = 0.0, fourth = 0.0;
    for (int i = kind; i < n; i += 2) {
      for (const double x : v[i]) second += x * x, fourth += x * x * x * x;
    }
    const double samples = 1.5 * n;
    const double variance = units::kBoltzmann * 300.0 / (masses[kind] * units::kMassVelocity2);
    EXPECT_NEAR(second / samples / variance, 1.0, 5 * std::sqrt(2.0 / samples));
    EXPECT_NEAR(fourth / samples / (variance * variance), 3.0, 5 * std::sqrt(96.0 / samples));
  }
}

}  // namespace
}  // namespace superion
