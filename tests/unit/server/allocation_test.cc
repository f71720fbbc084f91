#include "server/active_learning/allocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace superion {
namespace {

// Four seeds of `segments` segments of 10 ps each, with a budget of 40 segments.
Standing FourSeeds(int segments, double needed_time_ps) {
  Standing standing;
  standing.status = "RUNNING";
  for (int seed = 0; seed < 4; ++seed) standing.seeds.push_back({seed, segments});
  standing.next_seed = 4;
  standing.used = 4 * segments;
  standing.share = 40;
  standing.segment_ps = 10.0;
  standing.equilibration_ps = 1.0;
  standing.total_time_ps = 40.0 * segments;
  standing.needed_time_ps = needed_time_ps;
  standing.tau_c_ps = 5.0;
  standing.needed_seeds = 4;
  standing.diffusive = true;
  return standing;
}

int Total(const std::vector<SeedShare>& shares) {
  return std::accumulate(shares.begin(), shares.end(), 0,
                         [](int sum, const SeedShare& s) { return sum + s.segments; });
}

TEST(Allocation, WhatIsConvergedOrMeltedOrDeadGetsNothing) {
  Standing standing = FourSeeds(2, 500.0);
  standing.status = "CONVERGED";
  EXPECT_TRUE(Allocate(standing, 100).empty());
  standing.status = "FRAMEWORK_UNSTABLE";
  EXPECT_TRUE(Allocate(standing, 100).empty());
  standing.status = "RUNNING";
  standing.seeds.clear();
  EXPECT_TRUE(Allocate(standing, 100).empty());
}

TEST(Allocation, GivesWhatTheForecastAsksForInWholeRounds) {
  const auto shares = Allocate(FourSeeds(4, 210.0), 0);  // 50 ps more: five segments, rounded to two per seed
  ASSERT_EQ(shares.size(), 4u);
  for (const SeedShare& share : shares) {
    EXPECT_EQ(share.segments, 2);
    EXPECT_FALSE(share.added);
  }
}

TEST(Allocation, CheckpointsAreGeometric) {
  for (int segments : {1, 2, 4, 7}) {
    // The forecast wants next to nothing: still a quarter more.
    Standing little = FourSeeds(segments, 40.0 * segments + 1.0);
    little.share = 400;
    EXPECT_GE(Total(Allocate(little, 0)), segments) << "a quarter of 4 x " << segments;
    // It wants far more: at most as much again, because a forecast from few data is a guess.
    Standing much = FourSeeds(segments, 1e6);
    much.share = 400;
    EXPECT_EQ(Total(Allocate(much, 0)), 4 * segments);
  }
}

TEST(Allocation, TheBudgetIsNeverExceeded) {
  for (int segments = 1; segments <= 12; ++segments) {
    for (double needed : {0.0, 300.0, 1e5}) {
      for (int pool : {0, 3, 50}) {
        const Standing standing = FourSeeds(segments, needed);
        const int own = std::max(0, standing.share - standing.used);
        EXPECT_LE(Total(Allocate(standing, pool)), own + pool);
        if (pool == 0 && own == 0) {
          EXPECT_TRUE(Allocate(standing, pool).empty());
        }
      }
    }
  }
}

TEST(Allocation, ThePoolGoesOnlyToWhatItCanFinish) {
  EXPECT_EQ(Total(Allocate(FourSeeds(10, 480.0), 20)), 12);  // 80 ps: 8 segments, at least a quarter of 40
  EXPECT_TRUE(Allocate(FourSeeds(10, 4000.0), 20).empty());
  Standing silent = FourSeeds(10, 480.0);
  silent.status = "NO_HOPS";
  EXPECT_TRUE(Allocate(silent, 20).empty()) << "no forecast, no claim";
}

TEST(Allocation, LongSeedsAreJoinedByNewOnes) {
  Standing standing =
      FourSeeds(8, 640.0);  // 80 ps each, 320 ps more are needed, but only eight segments are left
  standing.tau_c_ps = 1.0;  // 80 correlation times per seed
  const auto shares = Allocate(standing, 0);
  ASSERT_EQ(shares.size(), 1u);
  EXPECT_TRUE(shares[0].added);
  EXPECT_EQ(shares[0].seed, 4);
  EXPECT_EQ(shares[0].segments, 8);
  standing.share = 400;
  const auto many = Allocate(standing, 0);
  ASSERT_EQ(many.size(), 4u) << "four new ones as long as the old";
  for (const SeedShare& share : many) EXPECT_EQ(share.segments, 8);
  standing.equilibration_ps = 20.0;  // a quarter of a new seed would be thrown away
  for (const SeedShare& share : Allocate(standing, 0)) EXPECT_FALSE(share.added);
  standing.equilibration_ps = 1.0;
  standing.tau_c_ps = 2.0;  // 40 correlation times: go on with the old ones
  for (const SeedShare& share : Allocate(standing, 0)) EXPECT_FALSE(share.added);
  standing.tau_c_ps = 0.1;
  standing.diffusive = false;  // a correlation time of motion that is not diffusive yet means nothing
  for (const SeedShare& share : Allocate(standing, 0)) EXPECT_FALSE(share.added);
}

TEST(Allocation, MissingSeedsComeBeforeLongerOnes) {
  Standing standing = FourSeeds(4, 480.0);
  standing.seeds.resize(2);
  standing.used = 8;
  standing.total_time_ps = 80.0;
  standing.share = 20;
  standing.tau_c_ps = 1.0;
  const auto shares = Allocate(standing, 0);
  ASSERT_EQ(shares.size(), 2u);
  for (const SeedShare& share : shares) {
    EXPECT_TRUE(share.added);
    EXPECT_EQ(share.segments, 4);
  }
}

TEST(Allocation, TheShortestSeedCatchesUp) {
  Standing standing = FourSeeds(4, 250.0);
  standing.seeds[2].segments = 1;
  standing.used = 13;
  standing.total_time_ps = 130.0;
  int longest = 0, of_short = 0;
  for (const SeedShare& share : Allocate(standing, 0)) {
    longest = std::max(longest, share.segments);
    if (share.seed == 2) of_short = share.segments;
  }
  EXPECT_EQ(of_short, longest);
  EXPECT_GE(of_short, 4);
}

TEST(Allocation, WithoutAForecastTheDataAreDoubledWithinTheOwnBudget) {
  Standing standing = FourSeeds(2, 0.0);
  standing.needed_time_ps.reset();
  EXPECT_EQ(Total(Allocate(standing, 0)), 8);
  EXPECT_FALSE(MissingSegments(standing).has_value());
}

TEST(Allocation, ReadsAnAnalysisDocument) {
  Standing standing;
  ReadAnalysis({{"status", "RUNNING"},
                {"total_time_ps", 12.5},
                {"tau_c_ps", nullptr},
                {"gates", {{{"id", "G1"}, {"passed", false}}, {{"id", "G3"}, {"passed", true}}}},
                {"needs", {{"total_time_ps", 50.0}, {"seeds", 4}, {"message", ""}}}},
               &standing);
  EXPECT_EQ(standing.status, "RUNNING");
  EXPECT_EQ(*standing.total_time_ps, 12.5);
  EXPECT_EQ(*standing.needed_time_ps, 50.0);
  EXPECT_FALSE(standing.tau_c_ps.has_value());
  EXPECT_EQ(standing.needed_seeds, 4);
  EXPECT_TRUE(standing.diffusive);
  Standing nothing;
  ReadAnalysis(Json(), &nothing);
  ReadAnalysis({{"needs", nullptr}}, &nothing);
  EXPECT_FALSE(nothing.needed_time_ps.has_value());
}

}  // namespace
}  // namespace superion
