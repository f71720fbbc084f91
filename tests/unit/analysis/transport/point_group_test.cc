#include "analysis/transport/point_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace superion::analysis {
namespace {

struct Crystal {
  Mat3 cell;
  std::vector<Vec3> positions;
  std::vector<std::string> species;
};

// CsCl in a supercell, turned about the z axis, every atom displaced by up to `noise`.
Crystal CaesiumChloride(const std::array<int, 3>& repeats, double stretch, double noise) {
  const double a = 4.0, angle = 0.3;
  const Mat3 turn{{{std::cos(angle), std::sin(angle), 0}, {-std::sin(angle), std::cos(angle), 0}, {0, 0, 1}}};
  const Mat3 unit{{{a, 0, 0}, {0, a, 0}, {0, 0, a * stretch}}};
  Crystal out;
  for (size_t i = 0; i < 3; ++i) out.cell[i] = (static_cast<double>(repeats[i]) * unit[i]) * turn;
  Random random(1);
  for (int x = 0; x < repeats[0]; ++x) {
    for (int y = 0; y < repeats[1]; ++y) {
      for (int z = 0; z < repeats[2]; ++z) {
        for (double half : {0.0, 0.5}) {
          Vec3 r = (Vec3{x + half, y + half, z + half} * unit) * turn;
          for (double& v : r) v += noise * (2.0 * random.Uniform() - 1.0);
          out.positions.push_back(r);
          out.species.push_back(half == 0.0 ? "Cs" : "Cl");
        }
      }
    }
  }
  return out;
}

TEST(PointGroup, OfACubicCrystalAlsoInASupercellThatIsNotCubic) {
  for (const std::array<int, 3>& repeats : {std::array{1, 1, 1}, std::array{2, 2, 2}, std::array{1, 2, 3}}) {
    const Crystal c = CaesiumChloride(repeats, 1.0, repeats[2] > 1 ? 0.03 : 0.0);
    const auto group = FindPointGroup(c.cell, c.positions, c.species, 0.2);
    ASSERT_TRUE(group.ok()) << group.status();
    EXPECT_EQ(group->symbol, "m-3m");
    EXPECT_EQ(group->rotations.size(), 48u);
    for (const Mat3& r : group->rotations) EXPECT_NEAR(std::abs(Determinant(r)), 1.0, 1e-9);
  }
}

TEST(PointGroup, OfATetragonalCrystal) {
  const Crystal c = CaesiumChloride({2, 2, 1}, 1.3, 0.0);
  const auto group = FindPointGroup(c.cell, c.positions, c.species, 0.2);
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_EQ(group->symbol, "4/mmm");
  ASSERT_EQ(group->rotations.size(), 16u);
  // The unique axis is z, whatever the crystal was turned by.
  for (const Mat3& r : group->rotations) EXPECT_NEAR(std::abs(r[2][2]), 1.0, 1e-9);
}

TEST(PointGroup, OfTheMeanFramework) {
  const Crystal c = CaesiumChloride({2, 2, 2}, 1.0, 0.0);
  IonTrajectory seed;
  seed.origin = "model";
  Random random(2);
  for (size_t i = 0; i < c.positions.size(); ++i) {
    seed.species.push_back(c.species[i]);
    seed.masses_u.push_back(1.0);
    for (size_t k = 0; k < 3; ++k) {
      std::vector<double> x(400);
      for (double& v : x) v = c.positions[i][k] + 0.3 * random.Gaussian();
      seed.positions.push_back(x);
    }
  }
  seed.species.push_back("Li");
  seed.masses_u.push_back(1.0);
  for (size_t k = 0; k < 3; ++k) seed.positions.emplace_back(400, 0.7);
  const auto group = FrameworkPointGroup(seed, c.cell, {"Li"}, 0.2);
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_EQ(group->symbol, "m-3m");
  EXPECT_EQ(FrameworkPointGroup(seed, c.cell, {"Li", "Cs", "Cl"}, 0.2).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(PointGroup, GeneratorsMakeTheGroup) {
  const Mat3 fourfold{{{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}}, threefold{{{0, 0, 1}, {1, 0, 0}, {0, 1, 0}}};
  const auto four = GroupOf({fourfold});
  ASSERT_TRUE(four.ok());
  EXPECT_EQ(four->rotations.size(), 4u);
  const auto cubic = GroupOf({fourfold, threefold});
  ASSERT_TRUE(cubic.ok());
  EXPECT_EQ(cubic->rotations.size(), 24u);
}

TEST(PointGroup, BadInputIsNamed) {
  using testing::HasSubstr;
  const double c = std::cos(0.1), s = std::sin(0.1);
  EXPECT_THAT(std::string(GroupOf({{{{c, -s, 0}, {s, c, 0}, {0, 0, 1}}}}).status().message()),
              HasSubstr("more than 48"));
  EXPECT_THAT(std::string(GroupOf({{{{1, 0.1, 0}, {0, 1, 0}, {0, 0, 1}}}}).status().message()),
              HasSubstr("matrix 1 is not orthogonal"));
  EXPECT_EQ(FindPointGroup({}, {{0, 0, 0}}, {"Li"}, 0.2).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FindPointGroup({{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}, {}, 0.2).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace superion::analysis
