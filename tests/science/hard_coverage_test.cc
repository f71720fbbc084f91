// T-10 where it is hard: few hops, clusters, unequal axes, and cages nearly as slow as the runs. Judged by
// all gates on the collective dipole (G3-G8).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "analysis/verdict/verdict.h"
#include "tests/science/hard_processes.h"

namespace superion::analysis {
namespace {

constexpr int kSeeds = 4;

struct Case {
  const char* name;
  MakeRun run;
  size_t samples;
  int replicates;
  double covered_at_least;  // of all intervals
  double wrong_at_most;     // CONVERGED, and σ outside the interval: of all draws
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class ScienceT10Hard : public testing::TestWithParam<Case> {};

TEST_P(ScienceT10Hard, IntervalsOfWhatConvergedHoldTheTruth) {
  const Case& c = GetParam();
  int covered = 0, converged = 0, wrong = 0;
  double mean = 0.0, s = 0.0;
  for (int r = 0; r < c.replicates; ++r) {
    Random random(DeriveSeed(13, std::string(c.name) + "/" + std::to_string(r)));
    std::vector<DipoleSeries> runs, first;
    for (int seed = 0; seed < kSeeds; ++seed) {
      runs.push_back(c.run(c.samples, &random));
      first.push_back(Truncated(runs.back(), c.samples * 4 / 5));
    }
    const auto result = AnalyzeCollective(runs, 1.0, 0.0);
    ASSERT_TRUE(result.ok() && result->whittle_lepski) << result.status();
    const auto& fit = *result->whittle_lepski;
    const bool holds = std::abs(std::log(fit.sigma)) <= 1.96 * fit.s;
    bool passes = PassesAtCheckpoint(*result, 0.10, 0.0);
    if (passes) {
      const auto earlier = AnalyzeCollective(first, 1.0, 0.0);
      ASSERT_TRUE(earlier.ok()) << earlier.status();
      passes = PassesAtCheckpoint(*earlier, 0.10, 0.0);
    }
    covered += holds;
    converged += passes;
    wrong += passes && !holds;
    mean += fit.sigma / c.replicates;
    s += fit.s / c.replicates;
  }
  const auto part = [&](int n) { return static_cast<double>(n) / c.replicates; };
  const auto slack = [&](double p) { return 2.0 * std::sqrt(p * (1.0 - p) / c.replicates); };
  std::printf(
      "%s: coverage %.3f, converged %.3f, of these covered %.3f, converged and wrong %.3f, bias %+.3f, "
      "mean s_tot %.3f (%d replicates)\n",
      c.name, part(covered), part(converged),
      converged == 0 ? 1.0 : 1.0 - static_cast<double>(wrong) / converged, part(wrong), mean - 1.0, s,
      c.replicates);
  EXPECT_GE(part(covered), c.covered_at_least - slack(0.95));
  EXPECT_LE(part(wrong), c.wrong_at_most + slack(c.wrong_at_most));
}

std::string CaseName(const testing::TestParamInfo<Case>& info) { return info.param.name; }

// Runs of 600 with hops at rates that make 240, 960 of them; a twentieth of the jumps as long as ten.
#ifdef SUPERION_NIGHTLY
INSTANTIATE_TEST_SUITE_P(Full, ScienceT10Hard,
                         testing::Values(Case{"hops240", JumpProcess({0.1}), 6000, 400, 0.92, 0.05},
                                         Case{"hops960", JumpProcess({0.4}), 6000, 400, 0.92, 0.05},
                                         Case{"clusters", JumpProcess({1.0, 0.05, 10.0}), 6000, 400, 0.92,
                                              0.05},
                                         Case{"axes_10_1_1", UnequalAxes({10, 1, 1}), 6000, 400, 0.92, 0.05},
                                         Case{"axes_58_1_1", UnequalAxes({58, 1, 1}), 6000, 400, 0.92, 0.05},
                                         Case{"cage10_1_5", SlowCage(60, 1.5), 6000, 400, 0.0, 0.40},
                                         Case{"cage20_1_5", SlowCage(30, 1.5), 6000, 400, 0.0, 0.30},
                                         Case{"cage30_1_5", SlowCage(20, 1.5), 6000, 400, 0.0, 0.15},
                                         Case{"cage5_2_2", SlowCage(120, 2.2), 6000, 400, 0.0, 0.40},
                                         Case{"cage10_2_2", SlowCage(60, 2.2), 6000, 400, 0.0, 0.15},
                                         Case{"cage20_2_2", SlowCage(30, 2.2), 6000, 400, 0.0, 0.05},
                                         Case{"cage40_2_2", SlowCage(15, 2.2), 6000, 400, 0.85, 0.05},
                                         Case{"cage5_5", SlowCage(120, 5), 6000, 400, 0.0, 0.15},
                                         Case{"cage10_5", SlowCage(60, 5), 6000, 400, 0.0, 0.05},
                                         Case{"cage20_5", SlowCage(30, 5), 6000, 400, 0.0, 0.05}),
                         CaseName);
#else
INSTANTIATE_TEST_SUITE_P(Small, ScienceT10Hard,
                         testing::Values(Case{"hops240", JumpProcess({0.1}), 6000, 50, 0.92, 0.05},
                                         Case{"axes_10_1_1", UnequalAxes({10, 1, 1}), 6000, 50, 0.92, 0.05},
                                         Case{"cage10_2_2", SlowCage(60, 2.2), 6000, 50, 0.0, 0.15},
                                         Case{"cage20_2_2", SlowCage(30, 2.2), 6000, 50, 0.0, 0.05}),
                         CaseName);
#endif

}  // namespace
}  // namespace superion::analysis
