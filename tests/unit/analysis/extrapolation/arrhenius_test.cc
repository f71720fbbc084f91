#include "analysis/extrapolation/arrhenius.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

constexpr double kA = 5e6, kEa = 0.28;

double Exact(double t) { return kA / t * std::exp(-kEa / (units::kBoltzmann * t)); }

// T-21: without noise exact to 1e-12.
TEST(Arrhenius, ScienceT21NoiselessIsExact) {
  std::vector<ArrheniusPoint> points;
  for (double t : {500.0, 600.0, 750.0, 1000.0}) points.push_back({t, Exact(t), 0.05 + 1e-5 * t, false});
  const auto fit = FitArrhenius(points);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->ea_ev, kEa, 1e-12);
  EXPECT_NEAR(fit->ln_a, std::log(kA), 1e-11);
  EXPECT_NEAR(fit->LnSigma(300.0) / std::log(Exact(300.0)), 1.0, 1e-12);
  EXPECT_NEAR(fit->chi2, 0.0, 1e-18);
}

// T-21: coverage of Ea and of σ(300 K) over 1000 draws of known noise.
TEST(Arrhenius, ScienceT21CoverageOverDraws) {
  Random random(21);
  int ea = 0, room = 0;
  constexpr int kDraws = 1000;
  for (int k = 0; k < kDraws; ++k) {
    std::vector<ArrheniusPoint> points;
    for (double t : {400.0, 450.0, 500.0, 600.0, 700.0, 800.0}) {
      const double s = t < 500.0 ? 0.2 : 0.08;
      points.push_back({t, Exact(t) * std::exp(s * random.Gaussian()), s, false});
    }
    const auto fit = FitArrhenius(points);
    ASSERT_TRUE(fit.ok());
    ea += std::abs(fit->ea_ev - kEa) <= 1.96 * fit->s_ea_ev;
    room += std::abs(fit->LnSigma(300.0) - std::log(Exact(300.0))) <= 1.96 * fit->LnSigmaSd(300.0);
  }
  // Birge's scaling only ever widens: a little above 95 % is right.
  EXPECT_GE(ea, 930);
  EXPECT_LE(ea, 985);
  EXPECT_GE(room, 930);
  EXPECT_LE(room, 985);
}

TEST(Arrhenius, SlopeAndInterceptAreNotIndependent) {
  std::vector<ArrheniusPoint> points;
  for (double t : {600.0, 700.0, 800.0, 900.0}) points.push_back({t, Exact(t), 0.1, false});
  const auto fit = FitArrhenius(points);
  ASSERT_TRUE(fit.ok());
  const double beta = 1.0 / (units::kBoltzmann * 750.0);
  const double wrong = std::hypot(fit->s_ln_a, beta * fit->s_ea_ev);
  EXPECT_LT(fit->LnSigmaSd(750.0), 0.06);
  EXPECT_GT(wrong, 0.4);
}

TEST(Arrhenius, ScatterBeyondTheErrorsWidensThem) {
  std::vector<ArrheniusPoint> points;
  int sign = 1;
  for (double t : {500.0, 600.0, 700.0, 800.0})
    points.push_back({t, Exact(t) * std::exp(0.3 * (sign = -sign)), 0.1, false});
  const auto fit = FitArrhenius(points);
  ASSERT_TRUE(fit.ok());
  EXPECT_GT(fit->birge, 2.0);
  EXPECT_NEAR(fit->birge, std::sqrt(fit->chi2 / fit->dof), 1e-12);
  EXPECT_THAT(fit->flags, testing::Contains("BIRGE_SCALED"));
}

TEST(Arrhenius, ABoundInformsOnlyFromBelow) {
  std::vector<ArrheniusPoint> points;
  for (double t : {700.0, 800.0, 900.0}) points.push_back({t, Exact(t), 0.2, false});
  const auto without = FitArrhenius(points);
  points.push_back({500.0, 1e3 * Exact(500.0), 0.0, true});  // far above: says nothing
  const auto loose = FitArrhenius(points);
  points.back().sigma = 0.6 * Exact(500.0);  // below the line: pulls it down
  const auto tight = FitArrhenius(points);
  ASSERT_TRUE(without.ok() && loose.ok() && tight.ok());
  EXPECT_NEAR(loose->ea_ev, without->ea_ev, 0.01 * without->s_ea_ev);
  EXPECT_GT(tight->ea_ev, without->ea_ev + 0.3 * without->s_ea_ev);
  EXPECT_LT(tight->s_ea_ev, without->s_ea_ev);
  EXPECT_THAT(tight->flags, testing::Contains("CENSORED"));
}

TEST(Arrhenius, CurvatureAndDistanceMakeExtrapolationUnsafe) {
  std::vector<ArrheniusPoint> straight, bent;
  for (double t : {320.0, 360.0, 400.0, 450.0, 500.0, 600.0}) {
    straight.push_back({t, Exact(t), 0.05, false});
    bent.push_back({t, std::exp(10.0 - 900.0 / (t - 150.0)) / t, 0.05, false});
  }
  const auto good = FitArrhenius(straight), curved = FitArrhenius(bent);
  ASSERT_TRUE(good.ok() && curved.ok());
  EXPECT_THAT(good->flags, testing::IsEmpty());
  EXPECT_THAT(curved->flags, testing::IsSupersetOf({"CURVED", "VFT_PREFERRED", "EXTRAPOLATION_UNSAFE"}));
  EXPECT_GT(*curved->averaged_s_300, curved->LnSigmaSd(300.0) / curved->birge);
  std::vector<ArrheniusPoint> hot;
  for (double t : {1250.0, 1375.0, 1500.0}) hot.push_back({t, Exact(t), 0.1, false});
  EXPECT_THAT(FitArrhenius(hot)->flags, testing::Contains("EXTRAPOLATION_UNSAFE"));
}

TEST(Arrhenius, ImpossibleInputIsNamed) {
  EXPECT_EQ(FitArrhenius({{600.0, 1.0, 0.1, false}}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(FitArrhenius({{600.0, 1.0, 0.1, false}, {600.0, 1.1, 0.1, false}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(FitArrhenius({{600.0, -1.0, 0.1, false}}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace superion::analysis
