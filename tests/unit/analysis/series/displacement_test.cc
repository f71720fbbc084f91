#include "analysis/series/displacement.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace superion::analysis {
namespace {

TEST(Displacement, LagsAreDistinctAndBounded) {
  const auto lags = LogSpacedLags(1000, 24);
  EXPECT_EQ(lags.front(), 1u);
  EXPECT_EQ(lags.back(), 1000u);
  for (size_t k = 1; k < lags.size(); ++k) EXPECT_LT(lags[k - 1], lags[k]);
  EXPECT_TRUE(LogSpacedLags(0, 24).empty());
}

TEST(Displacement, BlocksTogetherAreAllOriginsOfShortLags) {
  Random random(1);
  Components x(2, std::vector<double>(300));
  for (auto& c : x) {
    double at = 0.0;
    for (double& v : c) v = at += random.Gaussian();
  }
  const auto lags = LogSpacedLags(30, 24);
  const auto full = MeanSquareDisplacement(x);
  const auto sums = BlockedDisplacement(x, lags, 4);
  const auto mean = sums.Mean();
  for (size_t l = 0; l < lags.size(); ++l)
    EXPECT_NEAR(mean[l], full[lags[l]], 1e-9 * full[lags[l]]) << lags[l];
  // Leaving a block out and putting it back.
  const auto without = sums.MeanWithout(2);
  for (size_t l = 0; l < lags.size(); ++l) {
    double origins = 0.0;
    for (size_t b = 0; b < 4; ++b) origins += sums.count[sums.index(b, l)];
    const double own = sums.count[sums.index(2, l)];
    EXPECT_NEAR(without[l] * (origins - own) + sums.sum[sums.index(2, l)], mean[l] * origins, 1e-8);
  }
}

TEST(Displacement, StridedOriginsStayUnbiased) {
  // A straight line: every window gives the same, whatever its origin.
  Components x(1, std::vector<double>(5000));
  for (size_t i = 0; i < 5000; ++i) x[0][i] = 0.5 * static_cast<double>(i);
  const auto sums = BlockedDisplacement(x, LogSpacedLags(1200, 24), 5);
  const auto mean = sums.Mean();
  for (size_t l = 0; l < sums.lags.size(); ++l) {
    const auto m = static_cast<double>(sums.lags[l]);
    EXPECT_NEAR(mean[l], 0.25 * m * m, 1e-9 * m * m);
    EXPECT_NEAR(sums.Fourth(l), 0.0625 * m * m * m * m, 1e-9 * m * m * m * m);
  }
}

}  // namespace
}  // namespace superion::analysis
