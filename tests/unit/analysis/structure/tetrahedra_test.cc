#include "analysis/structure/tetrahedra.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/science/structure_models.h"

namespace superion::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;
const Mat3 kCell{{{12, 0, 0}, {0, 12, 0}, {0, 0, 12}}};

Snapshot Unit(double stretch, size_t frame, size_t block) {
  const double d = 1.2;
  return SnapshotOf(kCell, {{0, 0, 0}, {d, d, d + stretch}, {d, -d, -d}, {-d, d, -d}, {-d, -d, d}}, frame,
                    block);
}

double Integral(const BlockMean& density, double width) {
  double sum = 0.0;
  for (double v : density.Mean()) sum += v * width;
  return sum;
}

TEST(TetrahedraTest, AFifthNeighbourNearbyIsAmbiguous) {
  const auto atoms = AtomsOf({{"P", 1}, {"S", 5}});
  Snapshot frame = Unit(0.0, 0, 0);
  frame.positions.push_back({2.2, 0, 0});
  size_t ambiguous = 0;
  EXPECT_TRUE(BondedTetrahedra(atoms, frame, "P", "S", &ambiguous).empty());
  EXPECT_EQ(ambiguous, 1u);
  frame.positions.back() = {5.0, 0, 0};
  EXPECT_EQ(BondedTetrahedra(atoms, frame, "P", "S", &ambiguous).size(), 1u);
  EXPECT_EQ(ambiguous, 0u);
  EXPECT_TRUE(BondedTetrahedra(atoms, frame, "Ge", "S", &ambiguous).empty());
}

// A corner that swings at 3 THz: the low-passed angles stand still, the unfiltered do not.
TEST(TetrahedraTest, LowPassTakesTheSwingAway) {
  const auto atoms = AtomsOf({{"P", 1}, {"S", 4}});
  std::vector<Snapshot> frames;
  for (size_t f = 0; f < 3000; ++f)
    frames.push_back(Unit(0.2 * std::sin(2.0 * kPi * 3.0 * 0.01 * double(f)), f, f / 1000));
  size_t ambiguous = 0;
  TetrahedronMotion::Options options;
  options.interval_ps = 0.01;
  TetrahedronMotion motion(BondedTetrahedra(atoms, frames[0], "P", "S", &ambiguous), options);
  motion.Add(frames);
  motion.EndSeed();
  EXPECT_NEAR(Integral(motion.angle(), 0.5), 1.0, 1e-12);
  EXPECT_NEAR(Integral(motion.slow_angle(), 0.5), 1.0, 1e-12);
  EXPECT_NEAR(Integral(motion.velocity(), 2.0 / 400.0), 1.0, 1e-12);
  const auto fast = motion.angle().Mean(), slow = motion.slow_angle().Mean();
  const auto spread = [](const std::vector<double>& p) {
    size_t bins = 0;
    for (double v : p) bins += v > 0.0 ? 1 : 0;
    return bins;
  };
  EXPECT_GT(spread(fast), 10u);
  EXPECT_LT(spread(slow), 4u);
  // The swing turns at up to 2π · 3 THz · some degrees; what is left of it is far slower.
  EXPECT_GT(spread(motion.velocity().Mean()), 10u);
  const auto slow_velocity = motion.slow_velocity().Mean();
  EXPECT_GT(slow_velocity[199] + slow_velocity[200], 0.9 * 400.0 / 0.1);
}

// Ideal ones that stand still: 60 degrees and no velocity, to the digit. Bin centres would give 60.25.
TEST(TetrahedraTest, MomentsAreThoseOfTheValues) {
  const auto atoms = AtomsOf({{"P", 1}, {"S", 4}});
  std::vector<Snapshot> frames;
  for (size_t f = 0; f < 60; ++f) frames.push_back(Unit(0.0, f, f / 20));
  size_t ambiguous = 0;
  TetrahedronMotion::Options options;
  options.interval_ps = 0.01;
  TetrahedronMotion motion(BondedTetrahedra(atoms, frames[0], "P", "S", &ambiguous), options);
  motion.Add(frames);
  motion.EndSeed();
  EXPECT_NEAR(motion.angle_moments().mean.value, 60.0, 1e-5);  // kept as float
  EXPECT_LT(motion.angle_moments().sd.value, 1e-5);
  EXPECT_LT(motion.angle_moments().mean.error, 1e-9);
  EXPECT_DOUBLE_EQ(motion.velocity_moments().mean.value, 0.0);
  EXPECT_NEAR(motion.slow_velocity_moments().mean.value, 0.0, 1e-9);
  EXPECT_NEAR(motion.slow_velocity_moments().sd.value, 0.0, 1e-9);
}

// Blocks {1, 3} and {5}, {6, 8} in a third: mean 4.6; its error that of the block means 2, 5, 7.
TEST(TetrahedraTest, MomentSumsGiveTheErrorsOfBlocks) {
  MomentSums sums(60.0);
  sums.Add(0, std::vector<double>{1.0, 3.0});
  sums.Add(1, std::vector<double>{5.0});
  sums.Add(2, std::vector<double>{6.0, 8.0});
  const MeanAndSpread got = sums.Result();
  EXPECT_NEAR(got.mean.value, 4.6, 1e-12);
  EXPECT_NEAR(got.mean.error, std::sqrt((64.0 + 1.0 + 49.0) / 9.0 / 6.0), 1e-12);
  EXPECT_NEAR(got.sd.value, std::sqrt(27.0 - 4.6 * 4.6), 1e-10);
  EXPECT_NEAR(got.sd.error, 1.0 / 3.0, 1e-10);  // of 1, 0, 1
  EXPECT_FALSE(std::isfinite(MomentSums().Result().mean.value));
}

}  // namespace
}  // namespace superion::analysis
