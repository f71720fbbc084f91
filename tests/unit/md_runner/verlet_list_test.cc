#include "md_runner/verlet_list.h"

#include <algorithm>

#include "core/neighbor_list.h"
#include "core/random.h"
#include "gmock/gmock.h"

namespace superion {
namespace {

Structure Salt() {
  Structure s;
  s.cell = {{{5.85, 0, 0}, {0.7, 5.6, 0}, {-0.4, 0.5, 6.1}}};
  Random random(3);
  for (int i = 0; i < 12; ++i) {
    s.species.push_back(i < 8 ? "Li" : "S");
    s.positions.push_back(Vec3{random.Uniform(), random.Uniform(), random.Uniform()} * s.cell);
  }
  return s;
}

std::vector<int> SpeciesOf(const Structure& s) {
  std::vector<int> species;
  for (const auto& symbol : s.species) species.push_back(symbol == "S");
  return species;
}

// The list of a fresh search, as pairs: by center, then by species.
PairList Reference(const Structure& s, double cutoff) {
  const NeighborList list = BuildNeighborList(s, cutoff).value();
  PairList pairs;
  pairs.n_atoms = static_cast<int>(s.size());
  for (size_t i = 0; i < s.size(); ++i) {
    for (const int species : {0, 1})
      for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
        if ((s.species[list.neighbor[p]] == "S") != species) continue;
        pairs.center.push_back(static_cast<int>(i));
        pairs.neighbor.push_back(list.neighbor[p]);
        pairs.neighbor_species.push_back(species);
        pairs.displacement.push_back(s.positions[list.neighbor[p]] + list.shift[p] - s.positions[i]);
      }
  }
  return pairs;
}

// The pairs of a list at one instant.
PairList PairsOf(const Structure& s, const VerletOptions& options) {
  VerletList list(s.species, SpeciesOf(s), 2, options);
  EXPECT_TRUE(list.Update(s.cell, s.positions).ok());
  PairList pairs;
  list.WritePairs(s.positions, 0, 0, &pairs);
  return pairs;
}

void ExpectSamePairs(const PairList& found, const PairList& expected) {
  ASSERT_EQ(found.center, expected.center);
  ASSERT_EQ(found.neighbor, expected.neighbor);
  ASSERT_EQ(found.neighbor_species, expected.neighbor_species);
  for (size_t p = 0; p < found.displacement.size(); ++p) {
    ASSERT_LT(Norm(found.displacement[p] - expected.displacement[p]), 1e-12);
  }
}

TEST(VerletListTest, EqualsFreshSearchAlongARandomWalkInACellSmallerThanTheCutoff) {
  Structure s = Salt();
  VerletList list(s.species, SpeciesOf(s), 2, {6.0, 1.0, {}});
  Random random(5);
  for (int step = 0; step < 60; ++step) {
    PairList pairs;
    ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
    list.WritePairs(s.positions, 0, 0, &pairs);
    ExpectSamePairs(pairs, Reference(s, 6.0));
    for (Vec3& r : s.positions) r += Vec3{0.08 * random.Gaussian(), 0.08 * random.Gaussian(), 0.3};
  }
  // A common drift of 0.3 Å a step moves every atom beyond half the skin each second step.
  EXPECT_GE(list.builds(), 20);
}

TEST(VerletListTest, FollowsACellThatBreathesWithFewBuilds) {
  Structure s = Salt();
  VerletList list(s.species, SpeciesOf(s), 2, {6.0, 1.0, {}});
  const Mat3 start = s.cell;
  const std::vector<Vec3> positions = s.positions;
  for (int step = 0; step < 40; ++step) {
    const double scale = 1.0 + 0.04 * std::sin(0.2 * step);
    for (int a = 0; a < 3; ++a) s.cell[a] = scale * start[a];
    for (size_t i = 0; i < s.size(); ++i) s.positions[i] = scale * positions[i];
    PairList pairs;
    ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
    list.WritePairs(s.positions, 0, 0, &pairs);
    ExpectSamePairs(pairs, Reference(s, 6.0));
  }
  EXPECT_LT(list.builds(), 10);
}

TEST(VerletListTest, RebuildsExactlyWhenAnAtomLeavesHalfTheSkin) {
  Structure s = Salt();
  VerletList list(s.species, SpeciesOf(s), 2, {6.0, 1.0, {}});
  ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
  s.positions[4][1] += 0.499;
  ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
  EXPECT_EQ(list.builds(), 1);
  s.positions[4][1] += 0.002;
  ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
  EXPECT_EQ(list.builds(), 2);
  list.Forget();
  ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
  EXPECT_EQ(list.builds(), 3);
}

TEST(VerletListTest, StatesTheClosestPairAsAFractionOfWhatItsSpeciesAllow) {
  Structure s;
  s.cell = {{{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}};
  s.species = {"Li", "S", "S"};
  s.positions = {{0, 0, 0}, {2.0, 0, 0}, {2.0, 1.5, 0}};
  // Li-Li 1, Li-S 1.6, S-S 1 Å: the Li-S pair at 2 Å is at 1.25, the S-S pair at 1.5 Å at 1.5.
  VerletList list(s.species, SpeciesOf(s), 2, {6.0, 1.0, {1.0, 1.6, 1.6, 1.0}});
  ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
  PairList pairs;
  EXPECT_NEAR(list.WritePairs(s.positions, 0, 0, &pairs), 1.25, 1e-12);
  VerletList blind(s.species, SpeciesOf(s), 2, {6.0, 1.0, {}});
  ASSERT_TRUE(blind.Update(s.cell, s.positions).ok());
  EXPECT_TRUE(std::isinf(blind.WritePairs(s.positions, 0, 0, &pairs)));
}

// Enough atoms for the search by cells.
TEST(VerletListTest, SearchesLargeSystemsByCells) {
  Structure s;
  s.cell = {{{5.2, 0, 0}, {0.5, 5.4, 0}, {0, 0, 5.6}}};
  s.species = {"Li", "S"};
  s.positions = {{0, 0, 0}, {2.6, 2.7, 2.8}};
  s = Supercell(s, {9, 10, 9});
  ASSERT_GT(s.size(), 1500u);
  Random random(2);
  for (Vec3& r : s.positions) r += Vec3{0.2 * random.Gaussian(), 40 * random.Gaussian(), random.Gaussian()};
  ExpectSamePairs(PairsOf(s, {5.0, 0.7, {}}), Reference(s, 5.0));
}

TEST(VerletListTest, ACellWithoutHeightIsAnError) {
  Structure s = Salt();
  s.cell[2] = {0, 0, 1e-4};
  VerletList list(s.species, SpeciesOf(s), 2, {6.0, 1.0, {}});
  EXPECT_TRUE(absl::IsInvalidArgument(list.Update(s.cell, s.positions)));
}

// By either search; and the list is built again by the next call, whatever that brings.
TEST(VerletListTest, AnAtomTooFarAwayIsAnErrorUntilItComesBack) {
  for (const int copies : {1, 6}) {
    Structure s = Supercell(Salt(), {copies, copies, copies});
    const std::vector<Vec3> start = s.positions;
    VerletList list(s.species, SpeciesOf(s), 2, {5.0, 0.7, {}});
    ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
    s.positions[1] = s.positions[1] + 16000.0 * s.cell[0];
    for (int again = 0; again < 2; ++again)
      EXPECT_TRUE(absl::IsFailedPrecondition(list.Update(s.cell, s.positions))) << s.size();
    s.positions = start;
    ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
    PairList pairs;
    list.WritePairs(s.positions, 0, 0, &pairs);
    ExpectSamePairs(pairs, Reference(s, 5.0));
  }
}

TEST(VerletListTest, RunsOfOneSpeciesWhateverTheOrderOfTheAtoms) {
  Structure s = Salt();
  for (size_t i = 0; i < s.size(); ++i) s.species[i] = i % 3 == 1 ? "S" : "Li";
  ExpectSamePairs(PairsOf(s, {6.0, 1.0, {}}), Reference(s, 6.0));
}

TEST(VerletListTest, StacksSystemsEndToEnd) {
  const Structure s = Salt();
  VerletList list(s.species, SpeciesOf(s), 2, {6.0, 1.0, {}});
  ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
  PairList pairs;
  list.WritePairs(s.positions, 0, 0, &pairs);
  const size_t one = pairs.center.size();
  list.WritePairs(s.positions, pairs.n_atoms, one, &pairs);
  ASSERT_EQ(pairs.center.size(), 2 * one);
  EXPECT_EQ(pairs.n_atoms, 24);
  for (size_t p = 0; p < one; ++p) {
    ASSERT_EQ(pairs.center[one + p], pairs.center[p] + 12);
    ASSERT_EQ(pairs.neighbor[one + p], pairs.neighbor[p] + 12);
  }
}

TEST(VerletListTest, WritesInThePlaceOfOtherPairs) {
  Structure s = Salt();
  VerletList list(s.species, SpeciesOf(s), 2, {6.0, 1.0, {}});
  ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
  PairList pairs;
  list.WritePairs(s.positions, 0, 0, &pairs);
  for (const double step : {-0.02, 0.04}) {  // more pairs, then fewer
    for (int a = 0; a < 3; ++a) s.cell[a] = (1.0 + step) * s.cell[a];
    for (Vec3& r : s.positions) r = (1.0 + step) * r;
    ASSERT_TRUE(list.Update(s.cell, s.positions).ok());
    list.WritePairs(s.positions, 0, 0, &pairs);
    ExpectSamePairs(pairs, Reference(s, 6.0));
  }
}

}  // namespace
}  // namespace superion
