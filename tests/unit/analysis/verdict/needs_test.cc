#include "analysis/verdict/needs.h"

#include <cmath>
#include <random>

#include "analysis/verdict/verdict.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace superion::analysis {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Brownian dipoles: β is 1 at all lags, only its error is missing where the runs are short.
std::vector<DipoleSeries> Walks(size_t seeds, size_t samples) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> step;
  std::vector<DipoleSeries> out(seeds);
  for (auto& seed : out) {
    seed.interval_ps = 0.1;
    seed.components.assign(3, std::vector<double>(samples, 0.0));
    for (auto& axis : seed.components) {
      for (size_t k = 1; k < samples; ++k) axis[k] = axis[k - 1] + step(random);
    }
  }
  return out;
}

Verdict JudgeWalks(size_t samples, double target) {
  const auto result = AnalyzeCollective(Walks(4, samples), 1.0, 0.0).value();
  VerdictInput input;
  input.collective = &result;
  input.target_s_tot = target;
  return Judge(input);
}

TEST(Needs, ShortRunsAreToldHowLongTheWindowTakes) {
  const Verdict verdict = JudgeWalks(100, 0.9);
  EXPECT_THAT(verdict.needs.message, HasSubstr("over 4 seeds, for "));
  EXPECT_GT(verdict.needs.total_time_ps, 40.0);
}

// By how much a relaxation that is not resolved changes σ is no error that falls with the root of time: it is
// in the interval, and asks for runs twice as long.
TEST(Needs, AnUnresolvedRelaxationWidensTheIntervalAndNotTheForecast) {
  auto result = AnalyzeCollective(Walks(4, 4000), 1.0, 0.0).value();
  ASSERT_TRUE(result.whittle_lepski.has_value());
  SpectralEstimate& fit = *result.whittle_lepski;
  ASSERT_LT(std::hypot(fit.s_fit, 0.05), 0.1);
  fit.s = std::hypot(fit.s_fit, 0.7);
  fit.s_slow = 0.7;
  const Needs needs = PlanFurther(result, 0.1, {});
  EXPECT_NEAR(needs.total_time_ps, 2.0 * result.total_time_ps, 1e-6 * result.total_time_ps);
  EXPECT_THAT(needs.message, HasSubstr("s_tot 0.70"));
}

// A short run whose increments stay correlated: a persistent current of 60 samples in runs of 400.
TEST(Needs, IncrementsThatStayCorrelatedLeaveAFactorOfTwoOpen) {
  std::mt19937_64 random(12);
  std::normal_distribution<double> gauss;
  std::vector<DipoleSeries> seeds = Walks(2, 401);
  for (auto& seed : seeds) {
    for (auto& axis : seed.components) {
      double v = gauss(random), p = 0.0;
      for (double& x : axis) {
        x = p += v;
        v += -v / 60.0 + std::sqrt(2.0 / 60.0) * gauss(random);
      }
    }
  }
  const auto result = AnalyzeCollective(seeds, 1.0, 0.0).value();
  ASSERT_FALSE(result.tau_c.has_value());
  ASSERT_TRUE(result.whittle_lepski.has_value());
  EXPECT_GE(result.whittle_lepski->s, 0.7);
}

TEST(Needs, TheForecastOfTheWindowHolds) {
  // Half as many samples as are enough ask for more; what they ask for gives the window.
  int short_ones = 0;
  for (const size_t samples : {150u, 300u, 600u}) {
    const auto result = AnalyzeCollective(Walks(4, samples), 1.0, 0.0).value();
    VerdictInput input;
    input.collective = &result;
    input.target_s_tot = 0.9;
    if (result.window) continue;
    ++short_ones;
    const double wanted = Judge(input).needs.total_time_ps;
    EXPECT_GT(wanted, result.total_time_ps);
    const auto longer =
        AnalyzeCollective(Walks(4, static_cast<size_t>(1.5 * wanted / 0.4)), 1.0, 0.0).value();
    EXPECT_TRUE(longer.window.has_value()) << samples << " samples asked for " << wanted << " ps";
  }
  EXPECT_GE(short_ones, 2);
}

TEST(Needs, ScrapsAreNoSeeds) {
  auto seeds = Walks(4, 40000);
  for (size_t s = 1; s < 4; ++s) {
    for (auto& p : seeds[s].components) p.resize(400);
  }
  const auto result = AnalyzeCollective(seeds, 1.0, 0.0).value();
  VerdictInput input;
  input.collective = &result;
  const Verdict verdict = Judge(input);
  EXPECT_NE(verdict.status, "CONVERGED");
  EXPECT_THAT(verdict.gates[4].message,
              HasSubstr("1 independent velocity seeds of at least a fifth of the longest"));
}

TEST(Needs, ACopyIsNoSeed) {
  auto seeds = Walks(2, 400);
  seeds.push_back(seeds[0]);
  EXPECT_THAT(std::string(AnalyzeCollective(seeds, 1.0, 0.0).status().message()),
              HasSubstr("series 3 is a copy of series 1"));
}

TEST(Needs, WhatIsOpenIsNamedWhereTimeIsNotWhatIsMissing) {
  const auto result = AnalyzeCollective(Walks(4, 40000), 1.0, 0.0).value();
  ASSERT_TRUE(result.window);
  VerdictInput input;
  input.collective = &result;
  const Verdict stable = Judge(input);  // nothing is known of the first 80 % of the data
  EXPECT_THAT(stable.limited_by, StartsWith("G8"));
  EXPECT_THAT(stable.needs.message, HasSubstr("to pass twice"));
  EXPECT_NEAR(stable.needs.total_time_ps, 1.25 * result.total_time_ps, 1e-9 * result.total_time_ps);
  input.odd_seed = "seed 2 is in another phase";
  EXPECT_EQ(Judge(input).needs.message,
            "the length of the runs is not what is missing: G6 seeds agree: seed 2 is in another phase");
}

}  // namespace
}  // namespace superion::analysis
