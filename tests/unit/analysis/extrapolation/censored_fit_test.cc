#include "analysis/extrapolation/censored_fit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion::analysis {
namespace {

const Basis kLine = [](double x) { return std::vector<double>{1.0, x}; };

TEST(CensoredFit, WithoutBoundsIsWeightedLeastSquares) {
  const std::vector<Datum> data = {{0, 1, 4}, {1, 3, 1}, {2, 4, 2}, {3, 8, 1}};
  const CensoredFit fit = FitCensored(data, {}, kLine);
  ASSERT_TRUE(fit.good);
  double w = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const Datum& d : data)
    w += d.w, x += d.w * d.x, y += d.w * d.y, xx += d.w * d.x * d.x, xy += d.w * d.x * d.y;
  const double determinant = w * xx - x * x;
  EXPECT_NEAR(fit.coefficients[1], (w * xy - x * y) / determinant, 1e-13);
  EXPECT_NEAR(fit.coefficients[0], (xx * y - x * xy) / determinant, 1e-13);
  EXPECT_NEAR(fit.variance[0], xx / determinant, 1e-13);
  EXPECT_NEAR(fit.variance[1], -x / determinant, 1e-13);
  EXPECT_NEAR(fit.Variance({1.0, 5.0}), (xx - 10 * x + 25 * w) / determinant, 1e-12);
  EXPECT_EQ(fit.deviance, fit.chi2);
}

// One value and one bound of one constant: the score equation is w (y - a) = 3.0 exp(a - b).
TEST(CensoredFit, ABoundEntersByItsPoissonLikelihood) {
  const CensoredFit fit =
      FitCensored({{0, 0.5, 10}}, {{0, 0.2, 0}}, [](double) { return std::vector<double>{1.0}; });
  ASSERT_TRUE(fit.good);
  const double a = fit.coefficients[0], events = -std::log(0.05) * std::exp(a - 0.2);
  EXPECT_NEAR(10 * (0.5 - a), events, 1e-10);
  EXPECT_NEAR(fit.variance[0], 1.0 / (10 + events), 1e-12);
  EXPECT_NEAR(fit.deviance, fit.chi2 + 2 * events, 1e-12);
}

TEST(CensoredFit, WhatTheDataDoNotDetermineIsNotGood) {
  EXPECT_FALSE(FitCensored({}, {}, kLine).good);
  EXPECT_FALSE(FitCensored({{1, 1, 1}}, {}, kLine).good);
  EXPECT_FALSE(FitCensored({{1, 1, 1}, {1, 2, 1}}, {{2, 1, 0}}, kLine).good);
}

}  // namespace
}  // namespace superion::analysis
