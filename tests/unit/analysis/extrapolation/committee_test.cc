#include "analysis/extrapolation/committee.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"

namespace superion::analysis {
namespace {

// Without noise of their own the members' spread is that of a normal sample: Σ (x - mean)²/s² is χ².
TEST(CommitteeSpread, NoiselessMembersFollowChiSquare) {
  const CommitteeSpread spread = SpreadOf({{1.0, 1e-9}, {1.2, 1e-9}, {1.4, 1e-9}});
  const double sum = 0.08;
  EXPECT_NEAR(spread.s, std::sqrt(sum / 1.386294), 1e-5);    // median of χ² with two degrees of freedom
  EXPECT_NEAR(spread.low, std::sqrt(sum / 7.377759), 1e-5);  // 97.5 %
  EXPECT_NEAR(spread.high, std::sqrt(sum / 0.0506356), 1e-4);
  EXPECT_NEAR(spread.mean, 1.2, 1e-9);
}

TEST(CommitteeSpread, EqualMembersLeaveOnlyABound) {
  const CommitteeSpread spread = SpreadOf({{2.0, 0.1}, {2.0, 0.1}, {2.0, 0.1}, {2.0, 0.1}});
  EXPECT_EQ(spread.s, 0.0);
  EXPECT_EQ(spread.low, 0.0);
  EXPECT_EQ(spread.high, 0.0) << "values that agree far better than their noise bound the spread at zero";
  EXPECT_GT(SpreadOf({{2.0, 0.1}, {2.1, 0.1}, {1.9, 0.1}}).high, 0.1);
}

// The interval covers the true spread and its estimate is median-unbiased, with noise of the same size.
TEST(CommitteeSpread, CoversTheTrueSpread) {
  Random random(12);
  int covered = 0, above = 0;
  constexpr int kDraws = 1000;
  for (int k = 0; k < kDraws; ++k) {
    std::vector<MemberValue> members;
    for (double s : {0.05, 0.1, 0.1, 0.15})
      members.push_back({0.2 * random.Gaussian() + s * random.Gaussian(), s});
    const CommitteeSpread spread = SpreadOf(members);
    covered += spread.low <= 0.2 && 0.2 <= spread.high;
    above += spread.s > 0.2;
  }
  EXPECT_GE(covered, 930);
  EXPECT_LE(covered, 970);
  EXPECT_NEAR(above, 500, 60);
}

}  // namespace
}  // namespace superion::analysis
