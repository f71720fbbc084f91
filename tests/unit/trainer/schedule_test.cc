#include "trainer/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion::trainer {
namespace {

TEST(LearnsByHeart, WhereACycleBroughtLittleAndValidationSharesLittleOfIt) {
  const CycleErrors before = {1.0, 56, 55};
  EXPECT_TRUE(LearnsByHeart(before, {0.94, 53, 47}));
  EXPECT_FALSE(LearnsByHeart(before, {0.94, 49, 47})) << "validation gains as much";
  EXPECT_FALSE(LearnsByHeart(before, {0.5, 53, 47})) << "much is learned still";
  EXPECT_FALSE(LearnsByHeart(before, {0.94, 57, 55})) << "nothing is learned";
  EXPECT_FALSE(LearnsByHeart({1.0, 56, 0}, {0.94, 56, 47})) << "errors of training were not measured";
  EXPECT_FALSE(LearnsByHeart({1.0, std::nan(""), 55}, {0.94, 53, 47}));
  EXPECT_FALSE(LearnsByHeart({0, 0, 0}, {0, 0, 0})) << "nothing to learn";
  for (const double harder : {0.7, 1.5}) {  // frames of validation
    EXPECT_TRUE(LearnsByHeart({1.0, harder * 56, 55}, {0.94, harder * 53, 47}));
    EXPECT_FALSE(LearnsByHeart({1.0, harder * 56, 55}, {0.94, harder * 49, 47}));
  }
}

TEST(LateEnergyWeight, IsLowerForSeveralSpecies) {
  EXPECT_EQ(LateEnergyWeight(1), 300.0);
  EXPECT_EQ(LateEnergyWeight(2), LateEnergyWeight(5));
  EXPECT_LT(LateEnergyWeight(2), 300.0);
}

TEST(ScheduleFactor, WarmsUpAndAnneals) {
  EXPECT_NEAR(ScheduleFactor(0.0, 0, 100), 0.01, 1e-12);
  EXPECT_NEAR(ScheduleFactor(0.0, 99, 100), 1.0, 1e-12);
  EXPECT_NEAR(ScheduleFactor(0.5, 500, 100), 0.5005, 1e-12);
  EXPECT_NEAR(ScheduleFactor(1.0, 1000, 100), 0.001, 1e-12);
}

TEST(WeightsAt, GoesGeometricallyFromEarlyToLate) {
  const LossWeights early{1, 1, 0, 0.1}, late{100, 1, 0, 0.1};
  EXPECT_EQ(WeightsAt(early, late, 0.0).energy, 1.0);
  EXPECT_EQ(WeightsAt(early, late, 0.5).energy, 1.0);
  EXPECT_NEAR(WeightsAt(early, late, 0.7).energy, 10.0, 1e-9);
  EXPECT_NEAR(WeightsAt(early, late, 0.9).energy, 100.0, 1e-9);
  EXPECT_NEAR(WeightsAt(early, late, 1.0).energy, 100.0, 1e-9);
}

TEST(CycleFraction, EachIsTwiceAsLongAsTheOneBeforeAndRunsFromZeroToOne) {
  EXPECT_EQ(CycleAt(0.0, 1), 0);
  EXPECT_EQ(CycleAt(1.0, 1), 0);
  EXPECT_DOUBLE_EQ(CycleFraction(0.3, 0, 1), 0.3);
  EXPECT_EQ(CycleAt(0.99 / 7, 3), 0);
  EXPECT_NEAR(CycleFraction(0.5 / 7, 0, 3), 0.5, 1e-12);
  EXPECT_EQ(CycleFraction(1.2 / 7, 0, 3), 1.0);  // an epoch that outlasts its cycle stays annealed
  EXPECT_EQ(CycleAt(1.01 / 7, 3), 1);
  EXPECT_NEAR(CycleFraction(2.0 / 7, 1, 3), 0.5, 1e-12);
  EXPECT_EQ(CycleAt(3.01 / 7, 3), 2);
  EXPECT_NEAR(CycleFraction(5.0 / 7, 2, 3), 0.5, 1e-12);
  EXPECT_EQ(CycleAt(1.0, 3), 2);
  EXPECT_EQ(CycleFraction(1.0, 2, 3), 1.0);
}

TEST(DefaultEpochs, FollowTheAmountOfData) {
  EXPECT_EQ(DefaultBatchFrames(100, 1200), 5);  // 12 atoms each
  EXPECT_EQ(DefaultBatchFrames(100, 40000), 1);
  EXPECT_EQ(DefaultBatchFrames(100, 100), 16);
  EXPECT_EQ(DefaultEpochs(500, 30000, 1, false), 80);     // 40 000 steps of 60 atoms
  EXPECT_EQ(DefaultEpochs(200, 12000, 1, false), 150);    // 30 000 steps: no more than 150 epochs
  EXPECT_EQ(DefaultEpochs(50, 3000, 1, false), 400);      // but for 20 000 steps
  EXPECT_EQ(DefaultEpochs(500, 200000, 1, false), 75);    // 37 500 steps of 400 atoms
  EXPECT_EQ(DefaultEpochs(1000, 2000000, 1, false), 20);  // 20 000 steps of 2000 atoms
  EXPECT_EQ(DefaultEpochs(500, 30000, 1, true), 27);
}

TEST(DefaultCycles, AreThreeForLongTrainingsFromRandomWeights) {
  EXPECT_EQ(DefaultCycles(150, 200, 1, false), 3);
  EXPECT_EQ(DefaultCycles(150, 200, 1, true), 1);
  EXPECT_EQ(DefaultCycles(150, 200, 4, false), 1);  // 7500 steps
  EXPECT_EQ(DefaultCycles(14, 4000, 1, false), 3);
  EXPECT_EQ(DefaultCycles(13, 4000, 1, false), 1);
}

TEST(LargestForceLoss, IsTenTimesTheLowestAndMoreWhereForcesAreLearnedAlmostExactly) {
  EXPECT_DOUBLE_EQ(LargestForceLoss(0.02, 0.2), 0.2);
  // Relative errors of 1 % rms may grow to several per cent, not to a quarter of the forces.
  const double lowest = 0.5 * 0.01 * 0.01;
  EXPECT_GT(LargestForceLoss(lowest, 0.2), 0.5 * 0.05 * 0.05);
  EXPECT_LT(LargestForceLoss(lowest, 0.2), 0.2 * (0.25 - 0.1));
}

}  // namespace
}  // namespace superion::trainer
