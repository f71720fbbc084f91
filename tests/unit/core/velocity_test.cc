#include "core/velocity.h"

#include <algorithm>
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

// The kinetic energy of Gaussian velocities is that of 3 n - 3 quadratic degrees of freedom.
TEST(VelocityTest, UnscaledVelocitiesHaveCanonicalKineticEnergy) {
  const std::vector<double> masses = {6.94, 32.06, 6.94, 1.008};
  constexpr int n = 20000, f = 9;
  constexpr double kT = units::kBoltzmann * 500.0;
  Random random(8);
  double sum = 0.0, square = 0.0, momentum = 0.0;
  for (int k = 0; k < n; ++k) {
    const std::vector<Vec3> v = GaussianVelocities(masses, 500.0, &random);
    const double x = KineticEnergy(masses, v) / kT - 0.5 * f;
    sum += x, square += x * x;
    momentum = std::max(momentum, Norm(Momentum(masses, v)));
  }
  EXPECT_NEAR(sum / n, 0.0, 5 * std::sqrt(0.5 * f / n));
  EXPECT_NEAR(square / n, 0.5 * f, 0.3);
  EXPECT_LT(momentum, 1e-10);
}

TEST(VelocityTest, PartsAcrossADirection) {
  const std::vector<double> masses = {2.0, 5.0};
  std::vector<Vec3> v = {{1, 2, 3}, {-1, 0.5, 2}};
  const Vec3 x = {1, 0, 0};
  EXPECT_NEAR(KineticEnergyAcross(masses, v, x),
              0.5 * units::kMassVelocity2 * (2.0 * (4 + 9) + 5.0 * (0.25 + 4)), 1e-15);
  EXPECT_EQ(KineticEnergyAcross(masses, v, {}), KineticEnergy(masses, v));
  EXPECT_EQ(DegreesOfFreedomAcross(10, x), 18);
  EXPECT_EQ(DegreesOfFreedomAcross(10, {}), 27);
  ScaleAcross(2.0, x, &v);
  EXPECT_EQ(v[0], (Vec3{1, 4, 6}));
  ScaleAcross(0.5, {}, &v);
  EXPECT_EQ(v[0], (Vec3{0.5, 2, 3}));
}

}  // namespace
}  // namespace superion
