#include "core/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

namespace superion {
namespace {

// The first numbers of xoshiro256++ seeded with splitmix64(0), as other implementations publish them (they do
// not depend on the machine).
TEST(Random, GivesTheReferenceSequence) {
  Random random(0);
  EXPECT_EQ(random.Next(), 5987356902031041503u);
  EXPECT_EQ(random.Next(), 7051070477665621255u);
  EXPECT_EQ(random.Next(), 6633766593972829180u);
}

// One step from the state 1 2 3 4 by hand: rotl(1 + 4, 23) + 1 = 5 * 2^23 + 1.
TEST(Random, StepsAsThePaperSays) {
  Random random(7);
  random.set_state({1, 2, 3, 4});
  EXPECT_EQ(random.Next(), 41943041u);
  EXPECT_EQ(random.Next(), 58720359u);
}

TEST(Random, AStateContinuesTheSequenceWithGaussians) {
  Random a(11);
  for (int k = 0; k < 7; ++k) a.Gaussian();
  Random b(12);
  b.set_state(a.state());
  for (int k = 0; k < 100; ++k) {
    EXPECT_EQ(a.Gaussian(), b.Gaussian());
    EXPECT_EQ(a.Uniform(), b.Uniform());
    EXPECT_EQ(a.Below(10), b.Below(10));
  }
}

TEST(Random, UniformFillsItsBins) {
  Random random(3);
  constexpr int kBins = 64, kDraws = 640000;
  std::vector<int> count(kBins);
  for (int k = 0; k < kDraws; ++k) {
    const double x = random.Uniform();
    ASSERT_GE(x, 0.0);
    ASSERT_LT(x, 1.0);
    ++count[static_cast<int>(x * kBins)];
  }
  double chi2 = 0;
  for (const int n : count) chi2 += std::pow(n - kDraws / kBins, 2) / (kDraws / kBins);
  EXPECT_LT(std::abs(chi2 - 63), 5 * std::sqrt(2 * 63.0));
}

TEST(Random, GaussianHasTheMomentsOfANormal) {
  Random random(5);
  constexpr int n = 1000000;
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, lag = 0, last = 0;
  for (int k = 0; k < n; ++k) {
    const double x = random.Gaussian();
    m1 += x, m2 += x * x, m3 += x * x * x, m4 += x * x * x * x, lag += x * last;
    last = x;
  }
  // Five standard deviations of each estimate.
  EXPECT_NEAR(m1 / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(m2 / n, 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(m3 / n, 0, 5 * std::sqrt(15.0 / n));
  EXPECT_NEAR(m4 / n, 3, 5 * std::sqrt(96.0 / n));
  EXPECT_NEAR(lag / n, 0, 5 / std::sqrt(n));
}

TEST(Random, BelowIsUnbiasedAlsoForHugeRanges) {
  Random random(9);
  std::vector<int> count(3);
  for (int k = 0; k < 300000; ++k) ++count[random.Below(3)];
  for (const int n : count) EXPECT_NEAR(n, 100000, 5 * std::sqrt(100000 * 2 / 3.0));
  // With n = 3·2^62, x % n would fall below 2^62 in half of all cases instead of a third.
  const uint64_t n = uint64_t{3} << 62;
  int low = 0;
  for (int k = 0; k < 100000; ++k) {
    const uint64_t x = random.Below(n);
    ASSERT_LT(x, n);
    low += x < (uint64_t{1} << 62);
  }
  EXPECT_NEAR(low, 100000 / 3.0, 5 * std::sqrt(100000 * 2 / 9.0));
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(DeriveSeed, KeysGiveUnrelatedSeeds) {
  std::unordered_set<uint64_t> seeds;
  double flipped = 0;
  constexpr int n = 20000;
  for (int k = 0; k < n; ++k) {
    const uint64_t seed = DeriveSeed(1, "generation-0/label-" + std::to_string(k));
    seeds.insert(seed);
    flipped += std::popcount(seed ^ DeriveSeed(2, "generation-0/label-" + std::to_string(k)));
  }
  EXPECT_EQ(seeds.size(), size_t{n});
  EXPECT_NEAR(flipped / n, 32, 5 * 4 / std::sqrt(n));  // 64 fair bits: 32 +- 4
  EXPECT_NE(DeriveSeed(1, "a"), DeriveSeed(1, std::string_view("a\0", 2)));
  EXPECT_NE(DeriveSeed(1, "ab"), DeriveSeed(1, "ba"));
  EXPECT_NE(DeriveSeed(1, ""), DeriveSeed(2, ""));
}

// Seeds of campaigns and keys of tasks are counted from 1: parents and keys that are neighbours together.
TEST(DeriveSeed, NeighboursUnderNeighbouringParentsDiffer) {
  std::unordered_set<uint64_t> seeds;
  constexpr int kParents = 256, kKeys = 128;
  for (uint64_t parent = 0; parent < kParents; ++parent) {
    for (int c = 0; c < kKeys; ++c) seeds.insert(DeriveSeed(parent, std::string(1, static_cast<char>(c))));
  }
  EXPECT_EQ(seeds.size(), size_t{kParents} * kKeys);
  EXPECT_NE(DeriveSeed(1, "0/x"), DeriveSeed(0, "1/x"));
}

// Campaigns are repeated from their seeds years later: these numbers must never change.
TEST(DeriveSeed, NeverChanges) {
  EXPECT_EQ(DeriveSeed(1, ""), 6791897765849424158u);
  EXPECT_EQ(DeriveSeed(1, "generation-0/label-3"), 11138739437654304510u);
}

}  // namespace
}  // namespace superion
