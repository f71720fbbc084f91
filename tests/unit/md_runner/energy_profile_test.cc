#include "md_runner/energy_profile.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion {
namespace {

// Images of a cubic come back exactly, between them too, whatever their spacing.
TEST(EnergyProfileTest, ACubicIsExact) {
  const auto energy = [](double s) { return 0.3 * s * s * s - 0.9 * s * s + 0.2 * s + 1.0; };
  const auto slope = [](double s) { return 0.9 * s * s - 1.8 * s + 0.2; };
  std::vector<double> arc = {0.0, 0.7, 1.1, 2.5}, e, force;
  for (const double s : arc) e.push_back(energy(s)), force.push_back(-slope(s));
  const EnergyProfile profile(arc, e, force);
  for (double s = 0.0; s <= 2.5; s += 0.05) {
    EXPECT_NEAR(profile.Energy(s), energy(s), 1e-12) << s;
    EXPECT_NEAR(profile.Slope(s), slope(s), 1e-12) << s;
  }
  // 0.9 s² - 1.8 s + 0.2 = 0.
  const double top = 1.0 - std::sqrt(1.0 - 2.0 / 9.0);
  EXPECT_NEAR(profile.Highest().s, top, 1e-12);
  EXPECT_NEAR(profile.Highest().energy, energy(top), 1e-12);
  EXPECT_EQ(profile.Energy(-1.0), e.front());
  EXPECT_EQ(profile.Energy(9.0), e.back());
}

TEST(EnergyProfileTest, SlopeIsTheDerivative) {
  const EnergyProfile profile({0.0, 1.0, 1.5, 3.0}, {0.0, 0.4, 0.2, 0.9}, {0.0, -0.3, 0.8, 0.0});
  for (double s = 0.05; s < 3.0; s += 0.1) {
    EXPECT_NEAR(profile.Slope(s), (profile.Energy(s + 1e-6) - profile.Energy(s - 1e-6)) / 2e-6, 1e-7) << s;
  }
}

// sin²: the barrier between images comes from the slopes, at fourth order in the spacing.
TEST(EnergyProfileTest, TheTopBetweenImages) {
  const auto error = [](int n) {
    std::vector<double> arc, e, force;
    for (int k = 0; k <= n; ++k) {
      const double s = M_PI * k / n;
      arc.push_back(s);
      e.push_back(std::sin(s) * std::sin(s));
      force.push_back(-std::sin(2.0 * s));
    }
    return std::abs(EnergyProfile(arc, e, force).Highest().energy - 1.0);
  };
  EXPECT_LT(error(5), 0.01);
  EXPECT_NEAR(error(5) / error(15), 81.0, 25.0);
}

TEST(EnergyProfileTest, InnerMinimaAreStopsOnTheWay) {
  const EnergyProfile two({0, 1, 2, 3, 4}, {0.0, 0.5, 0.1, 0.3, 0.0}, {0, 0, 0, 0, 0});
  ASSERT_EQ(two.InnerMinima(0.1).size(), 1u);
  EXPECT_NEAR(two.InnerMinima(0.1)[0].s, 2.0, 1e-12);
  EXPECT_TRUE(two.InnerMinima(0.25).empty());
  EXPECT_TRUE(EnergyProfile({0, 1, 2}, {0.0, 0.5, 0.0}, {0, 0, 0}).InnerMinima(0.0).empty());
}

}  // namespace
}  // namespace superion
