#include "analysis/series/filter.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Cosines that the mirror continues without a kink pass or vanish exactly, and none is shifted.
TEST(LowPassTest, KeepsSlowAndDropsFast) {
  const size_t n = 401;
  std::vector<double> slow(n), both(n);
  for (size_t k = 0; k < n; ++k) {
    slow[k] = 3.0 + std::cos(4.0 * kPi * double(k) / double(n - 1));       // 0.005 cycles per sample
    both[k] = slow[k] + std::cos(40.0 * kPi * double(k) / double(n - 1));  // 0.05
  }
  const auto filtered = LowPass(both, 0.02);
  for (size_t k = 0; k < n; ++k) ASSERT_NEAR(filtered[k], slow[k], 1e-12);
  const auto all = LowPass(both, 0.5);
  for (size_t k = 0; k < n; ++k) ASSERT_NEAR(all[k], both[k], 1e-12);
}

TEST(LowPassTest, ReversedInputGivesReversedOutput) {
  std::vector<double> x;
  for (int k = 0; k < 100; ++k) x.push_back(std::sin(0.3 * k * k));
  const std::vector<double> reversed(x.rbegin(), x.rend());
  const auto a = LowPass(x, 0.1), b = LowPass(reversed, 0.1);
  for (size_t k = 0; k < 100; ++k) ASSERT_NEAR(a[k], b[99 - k], 1e-12);
}

// A cubic passes a cubic filter unchanged, the ends included.
TEST(SavitzkyGolayTest, KeepsPolynomials) {
  std::vector<double> y;
  for (int k = 0; k < 40; ++k) y.push_back(1.0 - 0.2 * k + 0.03 * k * k - 0.001 * k * k * k);
  const auto smooth = SavitzkyGolay(y, 7, 3);
  for (size_t k = 0; k < y.size(); ++k) EXPECT_NEAR(smooth[k], y[k], 1e-10);
}

// The classical weights of five points and degree two: (-3, 12, 17, 12, -3)/35.
TEST(SavitzkyGolayTest, ClassicalWeights) {
  std::vector<double> impulse(9, 0.0);
  impulse[4] = 35.0;
  const auto response = SavitzkyGolay(impulse, 2, 2);
  const double expected[] = {-3, 12, 17, 12, -3};
  for (size_t k = 0; k < 5; ++k) EXPECT_NEAR(response[2 + k], expected[k], 1e-11);
}

}  // namespace
}  // namespace superion::analysis
