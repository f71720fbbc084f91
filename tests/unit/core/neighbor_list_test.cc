#include "core/neighbor_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "core/random.h"

namespace superion {
namespace {

using Pair = std::tuple<int, int, long, long, long>;  // i, j, image in 1e-6 Å

Pair Key(int i, int j, const Vec3& shift) {
  return {i, j, std::lround(shift[0] * 1e6), std::lround(shift[1] * 1e6), std::lround(shift[2] * 1e6)};
}

std::map<Pair, double> Pairs(const Structure& s, const NeighborList& list) {
  std::map<Pair, double> pairs;
  for (size_t i = 0; i < s.size(); ++i) {
    for (int k = list.first[i]; k < list.first[i + 1]; ++k) {
      const int j = list.neighbor[k];
      const double r = Norm(s.positions[j] + list.shift[k] - s.positions[i]);
      EXPECT_TRUE(pairs.emplace(Key(i, j, list.shift[k]), r).second) << "listed twice";
    }
  }
  return pairs;
}

// Every image within a generous range, without any idea of cells or heights beyond it.
std::map<Pair, double> BruteForce(const Structure& s, double cutoff) {
  std::array<int, 3> range{};
  double spread = 0;
  for (const Vec3& a : s.positions) {
    for (const Vec3& b : s.positions) spread = std::max(spread, Norm(a - b));
  }
  for (int k = 0; k < 3; ++k) {
    if (!s.pbc[k]) continue;
    // The other vectors of a mixed structure are orthogonal in these tests, so that this height is right.
    const Vec3 normal = Cross(s.cell[(k + 1) % 3], s.cell[(k + 2) % 3]);
    const double height = s.Volume() / Norm(normal);
    range[k] = static_cast<int>((cutoff + spread) / height) + 1;
  }
  std::map<Pair, double> pairs;
  for (int a = -range[0]; a <= range[0]; ++a) {
    for (int b = -range[1]; b <= range[1]; ++b) {
      for (int c = -range[2]; c <= range[2]; ++c) {
        const Vec3 shift = Vec3{double(a), double(b), double(c)} * s.cell;
        for (size_t i = 0; i < s.size(); ++i) {
          for (size_t j = 0; j < s.size(); ++j) {
            if (i == j && a == 0 && b == 0 && c == 0) continue;
            const double r = Norm(s.positions[j] + shift - s.positions[i]);
            if (r <= cutoff) pairs.emplace(Key(i, j, shift), r);
          }
        }
      }
    }
  }
  return pairs;
}

void ExpectEqualToBruteForce(const Structure& s, double cutoff) {
  const auto list = BuildNeighborList(s, cutoff);
  ASSERT_TRUE(list.ok()) << list.status();
  const auto found = Pairs(s, *list), expected = BruteForce(s, cutoff);
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [pair, r] : expected) {
    const auto it = found.find(pair);
    ASSERT_NE(it, found.end());
    EXPECT_NEAR(it->second, r, 1e-9);
  }
}

Structure RandomStructure(Random* random, int n_atoms, double size, double skew) {
  Structure s;
  for (int k = 0; k < 3; ++k) {
    s.cell[k][k] = size * (0.5 + random->Uniform());
    for (int l = 0; l < k; ++l) s.cell[k][l] = skew * size * (2 * random->Uniform() - 1);
  }
  for (int i = 0; i < n_atoms; ++i) {
    const Vec3 f{3 * random->Uniform() - 1, 3 * random->Uniform() - 1, 3 * random->Uniform() - 1};
    s.positions.push_back(f * s.cell);  // not wrapped on purpose
    s.species.push_back("Li");
  }
  return s;
}

TEST(NeighborList, AgreesWithBruteForceInTriclinicCells) {
  Random random(1);
  for (int k = 0; k < 12; ++k) ExpectEqualToBruteForce(RandomStructure(&random, 8, 7.0, 0.5), 4.0);
}

TEST(NeighborList, AgreesWithBruteForceInCellsFarSmallerThanTheCutoff) {
  Random random(2);
  for (int k = 0; k < 6; ++k) ExpectEqualToBruteForce(RandomStructure(&random, 2, 1.8, 0.4), 5.0);
}

TEST(NeighborList, AgreesWithBruteForceInStronglySkewedCells) {
  Random random(3);
  for (int k = 0; k < 6; ++k) ExpectEqualToBruteForce(RandomStructure(&random, 3, 5.0, 2.5), 5.0);
}

TEST(NeighborList, AgreesWithBruteForceInManyBins) {
  Random random(4);
  ExpectEqualToBruteForce(RandomStructure(&random, 150, 22.0, 0.3), 3.5);
}

TEST(NeighborList, RespectsDirectionsThatAreNotPeriodic) {
  Random random(5);
  for (int mask = 0; mask < 8; ++mask) {
    Structure s = RandomStructure(&random, 12, 5.0, 0.0);
    s.pbc = {(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
    ExpectEqualToBruteForce(s, 4.0);
    const auto with_cell = BuildNeighborList(s, 4.0);
    for (int k = 0; k < 3; ++k) {
      if (!s.pbc[k]) s.cell[k] = {0, 0, 0};  // a vector that is not used may be missing
    }
    const auto without = BuildNeighborList(s, 4.0);
    ASSERT_TRUE(without.ok()) << without.status();
    EXPECT_EQ(without->neighbor, with_cell->neighbor);
  }
}

TEST(NeighborList, FarSpreadMoleculesStaySmall) {
  Structure s;
  s.pbc = {false, false, false};
  s.species = {"Li", "S", "Li"};
  s.positions = {{-1e5, 0, 0}, {1e5, 3e4, 2}, {1e5, 3e4, 4}};
  const auto list = BuildNeighborList(s, 2.5);
  ASSERT_TRUE(list.ok());
  EXPECT_THAT(list->first, testing::ElementsAre(0, 0, 1, 2));
  EXPECT_THAT(list->neighbor, testing::ElementsAre(2, 1));
}

// fcc: 12 neighbors at a/√2, 6 at a, 24 at a√1.5, 12 at a√2.
TEST(NeighborList, CountsTheShellsOfFcc) {
  Structure s;
  s.cell = {{{0, 2, 2}, {2, 0, 2}, {2, 2, 0}}};
  s.species = {"Cu"};
  s.positions = {{0.3, -7.1, 25}};
  for (const auto& [cutoff, n] : std::map<double, size_t>{{2.9, 12}, {4.1, 18}, {5.0, 42}, {5.7, 54}}) {
    EXPECT_EQ(BuildNeighborList(s, cutoff)->neighbor.size(), n) << cutoff;
  }
}

TEST(NeighborList, HoldsThePairExactlyAtTheCutoff) {
  Structure s;
  s.cell = {{{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}};
  s.species = {"Li"};
  s.positions = {{0, 0, 0}};
  EXPECT_EQ(BuildNeighborList(s, 3.0)->neighbor.size(), 6u);
  EXPECT_EQ(BuildNeighborList(s, 6.0)->neighbor.size(), 32u);
}

TEST(NeighborList, EveryPairHasItsReverse) {
  Random random(6);
  const Structure s = RandomStructure(&random, 20, 6.0, 0.8);
  const auto list = BuildNeighborList(s, 5.0);
  std::map<Pair, double> pairs = Pairs(s, *list);
  for (size_t i = 0; i < s.size(); ++i) {
    for (int k = list->first[i]; k < list->first[i + 1]; ++k) {
      EXPECT_EQ(pairs.count(Key(list->neighbor[k], static_cast<int>(i), -1.0 * list->shift[k])), 1u);
    }
  }
}

TEST(NeighborList, OrderIsByNeighborAndRepeatable) {
  Random random(7);
  const Structure s = RandomStructure(&random, 20, 6.0, 0.8);
  const auto a = BuildNeighborList(s, 5.0), b = BuildNeighborList(s, 5.0);
  EXPECT_EQ(a->neighbor, b->neighbor);
  EXPECT_EQ(a->shift, b->shift);
  for (size_t i = 0; i < s.size(); ++i) {
    EXPECT_TRUE(std::is_sorted(a->neighbor.begin() + a->first[i], a->neighbor.begin() + a->first[i + 1]));
  }
}

TEST(NeighborList, ImpossibleRequestsAreErrors) {
  Structure s;
  s.cell = {{{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}};
  s.species = {"Li"};
  s.positions = {{0, 0, 0}};
  EXPECT_TRUE(absl::IsInvalidArgument(BuildNeighborList(s, 0).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(BuildNeighborList(s, -1).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(BuildNeighborList(s, std::nan("")).status()));
  Structure flat = s;
  flat.cell[2] = flat.cell[1];
  EXPECT_TRUE(absl::IsInvalidArgument(BuildNeighborList(flat, 3).status()));
  Structure lost = s;
  lost.positions[0][1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(absl::IsInvalidArgument(BuildNeighborList(lost, 3).status()));
  EXPECT_EQ(BuildNeighborList(Structure{}, 3)->first.size(), 1u);
}

}  // namespace
}  // namespace superion
