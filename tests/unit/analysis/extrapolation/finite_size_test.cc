#include "analysis/extrapolation/finite_size.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

// <u_x²> k/kT of an n x n x n simple-cubic crystal of scalar springs: a sum over its waves but the uniform
// one.
double SpringSum(int n) {
  double sum = 0.0;
  for (int a = 0; a < n; ++a) {
    for (int b = 0; b < n; ++b) {
      for (int c = 0; c < n; ++c) {
        if (a + b + c == 0) continue;
        const double w = 2.0 * M_PI / n;
        sum += 1.0 / (6.0 - 2.0 * (std::cos(w * a) + std::cos(w * b) + std::cos(w * c)));
      }
    }
  }
  return sum / (static_cast<double>(n) * n * n);
}

// T-26: the lattice-sum constant, against exact sums.
TEST(FiniteSize, ScienceT26SpringsFollowOneOverL) {
  const struct {
    int n;
    double exact, formula;
  } table[] = {{4, 0.197526, 0.196285},  {6, 0.215365, 0.215100},  {8, 0.224606, 0.224508},
               {10, 0.230200, 0.230153}, {16, 0.238630, 0.238619}, {24, 0.243326, 0.243323}};
  for (const auto& row : table) {
    EXPECT_NEAR(SpringSum(row.n), row.exact, 1e-6) << row.n;
    const double formula = 0.252731 - kCubicLatticeSum / (4.0 * M_PI * row.n);
    EXPECT_NEAR(formula, row.formula, 1e-6);
    if (row.n >= 8) {
      EXPECT_NEAR(formula / SpringSum(row.n), 1.0, 5e-4);
    }
  }
  std::vector<SizePoint> points;
  for (int n : {8, 12, 16, 24}) points.push_back({static_cast<double>(n), SpringSum(n), 1e-4});
  const auto fit = FitInverseLength(points);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->infinite, 0.252731, 2e-4);
  EXPECT_NEAR(fit->slope, -kCubicLatticeSum / (4.0 * M_PI), 0.01 * 0.2258);
}

// Three scalar models at once: one longitudinal wave with λ + 2μ and two transverse ones with μ. A solid
// whose three moduli are equal is three times the scalar crystal with k/a as its modulus.
TEST(FiniteSize, TheElasticShiftIsThreeTimesTheScalarOneWhenModuliAreEqual) {
  const double temperature = 700.0, k = 2.5, spacing = 1.0, modulus = k / spacing;
  const double shift = ElasticDisplacementShift(temperature, -modulus, modulus, 16.0);
  const double scalar = (0.252731 - SpringSum(16)) * units::kBoltzmann * temperature / k;
  EXPECT_NEAR(shift / (3.0 * scalar), 1.0, 2e-3);
}

// Water at 298 K: η = 0.8903 mPa s, L = 18.64 Å (216 molecules): 0.367e-5·… by the formula in SI units.
TEST(FiniteSize, YehHummerInSiUnits) {
  const double si = 2.837297 * 1.380649e-23 * 298.15 / (6.0 * M_PI * 0.8903e-3 * 18.64e-10);  // m²/s
  EXPECT_NEAR(YehHummerShift(298.15, 0.8903e-3, 18.64) / (si * 1e8), 1.0, 1e-8);
  EXPECT_NEAR(si, 3.73e-10, 0.02e-10);
}

TEST(FiniteSize, ExactDataGiveTheExactLine) {
  std::vector<SizePoint> points;
  for (double l : {10.0, 20.0, 30.0}) points.push_back({l, 2.0 - 3.0 / l, 0.05});
  const auto fit = FitInverseLength(points);
  ASSERT_TRUE(fit.ok());
  EXPECT_NEAR(fit->infinite, 2.0, 1e-12);
  EXPECT_NEAR(fit->slope, -3.0, 1e-11);
  EXPECT_NEAR(fit->At(20.0), 1.85, 1e-12);
  EXPECT_EQ(fit->birge, 1.0);
}

TEST(FiniteSize, CoversTheInfiniteCell) {
  Random random(9);
  int covered = 0, slope = 0;
  for (int k = 0; k < 1000; ++k) {
    std::vector<SizePoint> points;
    for (double l : {12.0, 18.0, 24.0, 36.0})
      points.push_back({l, 1.0 - 2.0 / l + 0.1 * random.Gaussian(), 0.1});
    const auto fit = FitInverseLength(points);
    ASSERT_TRUE(fit.ok());
    covered += std::abs(fit->infinite - 1.0) <= 1.96 * fit->s_infinite;
    slope += std::abs(fit->slope + 2.0) <= 1.96 * fit->s_slope;
  }
  EXPECT_GE(covered, 930);
  EXPECT_LE(covered, 980);
  EXPECT_GE(slope, 930);
}

TEST(FiniteSize, TheVerdictNamesWhatCanBeTold) {
  SizeFit fit;
  fit.slope = 0.4, fit.s_slope = 0.5;
  EXPECT_EQ(JudgeSize(fit, 20.0, 0.1).status, "FINITE_SIZE_OK");
  EXPECT_NEAR(JudgeSize(fit, 20.0, 0.1).shift, 0.02, 1e-15);
  fit.s_slope = 20.0;
  EXPECT_EQ(JudgeSize(fit, 20.0, 0.1).status, "FINITE_SIZE_UNRESOLVED");
  fit.slope = -6.0, fit.s_slope = 1.0;
  EXPECT_EQ(JudgeSize(fit, 20.0, 0.1).status, "FINITE_SIZE_EFFECT");
  fit.s_slope = 4.0;
  EXPECT_EQ(JudgeSize(fit, 20.0, 0.1).status, "FINITE_SIZE_UNRESOLVED");
}

TEST(FiniteSize, TwoSizesAreNotEnough) {
  EXPECT_EQ(FitInverseLength({{10, 1, 0.1}, {20, 1, 0.1}, {20.001, 1, 0.1}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(FitInverseLength({{10, 1, 0.1}, {20, 1, 0.0}, {30, 1, 0.1}}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace superion::analysis
