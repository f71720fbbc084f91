#include "analysis/verdict/homogeneity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

std::vector<DipoleSeries> Walks(double odd_factor, Random* random) {
  std::vector<DipoleSeries> seeds(4);
  for (size_t s = 0; s < 4; ++s) {
    seeds[s].interval_ps = 1.0;
    for (int c = 0; c < 3; ++c) {
      auto& p = seeds[s].components.emplace_back(BrownianDipole(201, 1.0, random));
      for (double& v : p) v *= s == 3 ? odd_factor : 1.0;
    }
  }
  return seeds;
}

TEST(Homogeneity, BartlettAlarmsAtItsRateAndSeesAnOddSeed) {
  Random random(1);
  int alarms = 0, found = 0;
  for (int r = 0; r < 500; ++r) {
    alarms += BartlettOfIncrements(Walks(1.0, &random), 1)->p < 0.01;
    found += BartlettOfIncrements(Walks(std::sqrt(1.5), &random), 1)->p < 0.01;
  }
  EXPECT_LE(alarms, 13);  // 5 expected
  EXPECT_GE(found, 475);
}

TEST(Homogeneity, FewHopsPerIncrementDoNotRaiseTheAlarm) {
  Random random(2);
  int alarms = 0;
  for (int r = 0; r < 300; ++r) {
    std::vector<DipoleSeries> seeds(4);
    for (auto& seed : seeds) {
      seed.interval_ps = 1.0;
      for (int c = 0; c < 3; ++c)
        seed.components.push_back(WalkDipole(201, 0.5, &random));  // one hop per increment
    }
    alarms += BartlettOfIncrements(seeds, 1)->p < 0.01;
  }
  EXPECT_LE(alarms, 10);  // 3 expected
}

TEST(Homogeneity, TooLittleDataSaysNothing) {
  Random random(3);
  auto one = Walks(1.0, &random);
  one.resize(1);
  EXPECT_FALSE(BartlettOfIncrements(one, 1).has_value());
  EXPECT_FALSE(BartlettOfIncrements(Walks(1.0, &random), 150).has_value());
  EXPECT_FALSE(SplitRhat(Walks(1.0, &random), 40).has_value());
}

TEST(Homogeneity, RhatOfEqualAndUnequalChains) {
  Random random(4);
  EXPECT_LT(*SplitRhat(Walks(1.0, &random), 2), 1.08);
  EXPECT_GT(*SplitRhat(Walks(3.0, &random), 2), 1.2);
  // Two chains without overlap: ranks 1..4 and 5..8.
  const double rhat = RankNormalisedRhat({{1, 2, 3, 4}, {5, 6, 7, 8}});
  EXPECT_GT(rhat, 2.0);
}

}  // namespace
}  // namespace superion::analysis
