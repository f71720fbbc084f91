// T-29: minima, saddles and barriers of the Müller-Brown surface, by the code that runs on crystals.
#include "md_runner/neb.h"

#include <gtest/gtest.h>

#include <cmath>

#include "md_runner/energy_profile.h"
#include "md_runner/saddle_mode.h"
#include "tests/science/mueller_brown.h"

namespace superion {
namespace {

Minimum MinimumNear(double x, double y) {
  MinimizeOptions options;
  options.force_tolerance = 1e-6;
  options.block = 2;
  options.fire = MuellerBrownSteps();
  return *Minimize(MuellerBrown(), {x, y}, options);
}

Band Path(const Minimum& from, const Minimum& to, int images) {
  NebOptions options;
  options.images = images;
  options.spring = 500.0;
  options.force_tolerance = 1e-3;
  options.climb_below = 20.0;
  options.max_steps = 20000;
  options.block = 2;
  options.fire = MuellerBrownSteps();
  return *FindPath(MuellerBrown(), from.x, to.x, options);
}

EnergyProfile ProfileOf(const Band& band) {
  std::vector<double> energy;
  for (const auto& p : band.points) energy.push_back(p.energy);
  return EnergyProfile(band.arc, energy, band.tangential);
}

TEST(ScienceT29MuellerBrown, Minima) {
  const double exact[3][3] = {{-0.558, 1.442, -146.700}, {0.623, 0.028, -108.167}, {-0.050, 0.467, -80.768}};
  for (const auto& [x, y, energy] : exact) {
    const Minimum m = MinimumNear(x + 0.05, y - 0.05);
    ASSERT_TRUE(m.converged);
    EXPECT_NEAR(m.point.energy, energy, 1e-3);
    EXPECT_NEAR(m.x[0], x, 1e-3);
    EXPECT_NEAR(m.x[1], y, 1e-3);
  }
}

TEST(ScienceT29MuellerBrown, BarrierToTheIntermediate) {
  const Minimum a = MinimumNear(-0.558, 1.442), c = MinimumNear(-0.05, 0.467);
  const Band band = Path(a, c, 7);
  ASSERT_TRUE(band.converged) << band.max_force;
  ASSERT_GT(band.saddle, 0);
  const auto top = static_cast<size_t>(band.saddle);
  EXPECT_NEAR(band.points[top].energy, -40.665, 1e-3);
  EXPECT_NEAR(band.points[top].energy - a.point.energy, 106.035, 2e-3);
  EXPECT_NEAR(band.images[top][0], -0.822, 1e-3);
  EXPECT_NEAR(band.images[top][1], 0.624, 1e-3);
  EXPECT_LE(LargestBlock(band.points[top].forces, 2), 1e-3);
  // One imaginary mode and no more.
  const auto modes = *LowestModes(MuellerBrown(), band.images[top], {1.0, 1.0}, {}, band.tangents[top], 2,
                                  {1e-4, 50, 1e-8, 1});
  ASSERT_EQ(modes.size(), 2u);
  EXPECT_LT(modes[0].eigenvalue, 0.0);
  EXPECT_GT(modes[1].eigenvalue, 0.0);
}

// The whole way over two saddles: the higher one is the barrier, the intermediate is seen in the profile.
TEST(ScienceT29MuellerBrown, WholePathFindsBothSaddlesAndTheIntermediate) {
  const Minimum a = MinimumNear(-0.558, 1.442), b = MinimumNear(0.623, 0.028);
  const Band band = Path(a, b, 19);
  ASSERT_TRUE(band.converged) << band.max_force;
  const EnergyProfile profile = ProfileOf(band);
  EXPECT_NEAR(profile.Highest().energy, -40.665, 1e-2);
  const auto inner = profile.InnerMinima(1.0);
  ASSERT_EQ(inner.size(), 1u);
  EXPECT_NEAR(inner[0].energy, -80.768, 0.1);
  const Minimum c = MinimumNear(-0.05, 0.467);
  const Band second = Path(c, b, 7);
  ASSERT_TRUE(second.converged);
  EXPECT_NEAR(second.points[static_cast<size_t>(second.saddle)].energy, -72.249, 1e-3);
}

// Images are equally far apart where nothing pulls them along the path: springs, without the climbing image.
TEST(ScienceT29MuellerBrown, ImagesAreEvenlySpread) {
  const Minimum a = MinimumNear(-0.558, 1.442), c = MinimumNear(-0.05, 0.467);
  const Band band = Path(a, c, 9);
  ASSERT_TRUE(band.converged);
  const auto top = static_cast<size_t>(band.saddle);
  for (size_t k = 2; k <= top; ++k) {
    EXPECT_NEAR((band.arc[k] - band.arc[k - 1]) / (band.arc[top] / static_cast<double>(top)), 1.0, 0.05) << k;
  }
}

TEST(ScienceT29MuellerBrown, EndsMustDiffer) {
  EXPECT_TRUE(absl::IsInvalidArgument(FindPath(MuellerBrown(), {0, 0}, {0, 0}, {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(FindPath(MuellerBrown(), {0, 0}, {0}, {}).status()));
  // A slope without a top: nothing climbs, and the path says so.
  const EnergySurface slope =
      [](const std::vector<Coordinates>& points) -> absl::StatusOr<std::vector<SurfacePoint>> {
    std::vector<SurfacePoint> out;
    for (const auto& x : points) out.push_back({x[0] + x[1] * x[1], {-1.0, -2.0 * x[1]}});
    return out;
  };
  NebOptions options;
  options.block = 2;
  const Band band = *FindPath(slope, {0, 0}, {1, 0}, options);
  EXPECT_EQ(band.saddle, -1);
  EXPECT_TRUE(band.converged);
}

}  // namespace
}  // namespace superion
