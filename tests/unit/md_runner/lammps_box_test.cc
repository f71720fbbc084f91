#include "md_runner/lammps_box.h"

#include "gtest/gtest.h"

namespace superion {
namespace {

void ExpectNear(const Vec3& a, const Vec3& b) { EXPECT_LT(Norm(a - b), 1e-12); }

TEST(LammpsBoxTest, RestrictedCellsStayAsTheyAreToTheBit) {
  const Mat3 cell{{{5.85, 0, 0}, {0.3, 5.9, 0}, {-1, 0.2, 6.1}}};
  const RestrictedBox box = MakeRestrictedBox(cell);
  EXPECT_TRUE(box.identity);
  EXPECT_EQ(box.cell, cell);
  EXPECT_EQ(box.FromBox(box.ToBox({0.1, 0.2, 0.3})), (Vec3{0.1, 0.2, 0.3}));
}

// A general, and a left-handed cell: lengths, angles and fractional coordinates survive.
TEST(LammpsBoxTest, TurnsAnyCellAndBack) {
  for (const double sign : {1.0, -1.0}) {
    const Mat3 cell{{{1, 5, 2}, {-4, 2, 1}, {sign * 0.5, sign * -1, sign * 6}}};
    const RestrictedBox box = MakeRestrictedBox(cell);
    EXPECT_FALSE(box.identity);
    for (int a = 0; a < 3; ++a) {
      EXPECT_GT(box.cell[a][a], 0.0);
      for (int b = 0; b < 3; ++b) {
        EXPECT_NEAR(Dot(box.cell[a], box.cell[b]), Dot(cell[a], cell[b]), 1e-11);
        EXPECT_TRUE(b <= a || box.cell[a][b] == 0.0);
      }
      ExpectNear(box.ToBox(cell[a]), box.cell[a]);
      ExpectNear(box.CellFromBox(box.cell)[a], cell[a]);
    }
    const Vec3 r{0.3, -2, 7};
    ExpectNear(box.FromBox(box.ToBox(r)), r);
    EXPECT_NEAR(Norm(box.ToBox(r)), Norm(r), 1e-12);
    // r ⊗ r turns as r does.
    const Mat3 rr{r[0] * r, r[1] * r, r[2] * r};
    const Vec3 t = box.ToBox(r);
    for (int a = 0; a < 3; ++a) ExpectNear(box.TensorToBox(rr)[a], t[a] * t);
  }
}

}  // namespace
}  // namespace superion
