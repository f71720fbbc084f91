#include "analysis/series/distributions.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion::analysis {
namespace {

TEST(Distributions, PolygammaAtKnownArguments) {
  constexpr double kEuler = 0.57721566490153286;
  EXPECT_NEAR(Digamma(1.0), -kEuler, 1e-13);
  EXPECT_NEAR(Digamma(0.5), -kEuler - 2.0 * std::log(2.0), 1e-13);
  EXPECT_NEAR(Trigamma(1.0), M_PI * M_PI / 6.0, 1e-13);
  EXPECT_NEAR(Trigamma(0.5), M_PI * M_PI / 2.0, 1e-12);
  EXPECT_NEAR(Digamma(30.5) - Digamma(29.5), 1.0 / 29.5, 1e-14);
}

TEST(Distributions, QuantilesOfTables) {
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(ChiSquareQuantile(0.95, 2.0), -2.0 * std::log(0.05), 1e-10);
  EXPECT_NEAR(ChiSquareQuantile(0.975, 10.0), 20.483177350807, 1e-9);
  EXPECT_NEAR(ChiSquareQuantile(0.025, 10.0), 3.246972780236, 1e-9);
  EXPECT_NEAR(StudentQuantile(0.975, 1.0), std::tan(M_PI * 0.475), 1e-8);
  EXPECT_NEAR(StudentQuantile(0.975, 15.0), 2.131449545559, 1e-9);
}

TEST(Distributions, GammaAndBetaHaveTheirClosedForms) {
  for (double x : {0.1, 1.0, 5.0, 30.0}) EXPECT_NEAR(RegularizedGammaP(1.0, x), -std::expm1(-x), 1e-14);
  for (double x : {0.1, 0.5, 0.9}) EXPECT_NEAR(RegularizedBeta(x, 2.0, 1.0), x * x, 1e-14);
  EXPECT_EQ(RegularizedGammaP(3.0, 0.0), 0.0);
  EXPECT_EQ(RegularizedBeta(1.0, 3.0, 4.0), 1.0);
}

}  // namespace
}  // namespace superion::analysis
