#include "analysis/series/jackknife.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion::analysis {
namespace {

// Of a mean the jackknife is the standard error: sqrt(sum (x - mean)² / (n (n-1))).
TEST(Jackknife, OfAMeanIsTheStandardError) {
  const std::vector<double> x{1.0, 4.0, 2.0, 7.0, 3.0};
  double mean = 0.0, square = 0.0;
  for (double v : x) mean += v / 5.0;
  for (double v : x) square += (v - mean) * (v - mean);
  std::vector<double> without;
  for (double v : x) without.push_back((5.0 * mean - v) / 4.0);
  EXPECT_NEAR(JackknifeSd(without), std::sqrt(square / 20.0), 1e-14);
}

}  // namespace
}  // namespace superion::analysis
