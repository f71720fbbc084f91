#include "md_runner/minimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace superion {
namespace {

// A valley a hundred times as stiff across as along, turned by 30 degrees.
EnergySurface Valley(int* calls) {
  return [calls](const std::vector<Coordinates>& points) -> absl::StatusOr<std::vector<SurfacePoint>> {
    std::vector<SurfacePoint> out;
    ++*calls;
    const double c = std::cos(M_PI / 6.0), s = std::sin(M_PI / 6.0);
    for (const auto& x : points) {
      const double u = c * x[0] + s * x[1] - 2.0, v = -s * x[0] + c * x[1];
      out.push_back({0.5 * u * u + 50.0 * v * v, {-(c * u - s * 100.0 * v), -(s * u + c * 100.0 * v)}});
    }
    return out;
  };
}

TEST(MinimizerTest, FindsTheMinimumOfAStiffValley) {
  int calls = 0;
  MinimizeOptions options;
  options.force_tolerance = 1e-8;
  options.block = 2;
  const Minimum m = *Minimize(Valley(&calls), {-1.0, 3.0}, options);
  EXPECT_TRUE(m.converged);
  EXPECT_NEAR(m.x[0], 2.0 * std::cos(M_PI / 6.0), 1e-7);
  EXPECT_NEAR(m.x[1], 2.0 * std::sin(M_PI / 6.0), 1e-7);
  EXPECT_NEAR(m.point.energy, 0.0, 1e-14);
  EXPECT_EQ(calls, m.steps + 1);
}

TEST(MinimizerTest, SaysWhenItDidNotArrive) {
  int calls = 0;
  MinimizeOptions options;
  options.max_steps = 3;
  const Minimum m = *Minimize(Valley(&calls), {-1.0, 3.0}, options);
  EXPECT_FALSE(m.converged);
  EXPECT_EQ(m.steps, 3);
  EXPECT_GT(m.max_force, options.force_tolerance);
}

TEST(MinimizerTest, RefusesEnergiesThatAreNotFinite) {
  const EnergySurface broken =
      [](const std::vector<Coordinates>& points) -> absl::StatusOr<std::vector<SurfacePoint>> {
    return std::vector<SurfacePoint>(points.size(), {std::numeric_limits<double>::quiet_NaN(), {1.0}});
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(Minimize(broken, {0.0}, {}).status()));
}

TEST(MinimizerTest, NoStepIsLongerThanAllowed) {
  FireOptions options;
  options.largest_move = 0.02;
  Fire fire(options);
  Coordinates x = {0.0, 0.0};
  for (int k = 0; k < 20; ++k) {
    const Coordinates before = x;
    fire.Step({1e6, -3.0}, &x);
    EXPECT_LE(std::abs(x[0] - before[0]), 0.02 * (1 + 1e-12));
    EXPECT_LE(std::abs(x[1] - before[1]), 0.02);
  }
  EXPECT_GT(x[0], 0.1);
}

TEST(MinimizerTest, LargestBlockIsTheForceOnOneAtom) {
  EXPECT_DOUBLE_EQ(LargestBlock({3, 4, 0, 0, 0, 2}, 3), 5.0);
  EXPECT_DOUBLE_EQ(LargestBlock({3, 4, 0, 0, 0, 2}, 1), 4.0);
}

}  // namespace
}  // namespace superion
