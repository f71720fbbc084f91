#include "md_runner/lammps_box.h"

#include <cmath>

namespace superion {
namespace {

constexpr Mat3 kIdentity{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

bool IsRestricted(const Mat3& c) {
  return c[0][1] == 0.0 && c[0][2] == 0.0 && c[1][2] == 0.0 && c[0][0] > 0.0 && c[1][1] > 0.0 &&
         c[2][2] > 0.0;
}

}  // namespace

Mat3 RestrictedBox::TensorToBox(const Mat3& w) const {
  if (identity) return w;
  const Mat3 wq{w[0] * q, w[1] * q, w[2] * q};
  Mat3 turned{};
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      for (int k = 0; k < 3; ++k) turned[a][b] += q[k][a] * wq[k][b];
    }
  }
  return turned;
}

Mat3 RestrictedBox::CellFromBox(const Mat3& box) const {
  return {FromBox(box[0]), FromBox(box[1]), FromBox(box[2])};
}

RestrictedBox MakeRestrictedBox(const Mat3& cell) {
  if (IsRestricted(cell)) return {cell, kIdentity, true};
  const auto& [a, b, c] = cell;
  RestrictedBox box;
  box.identity = false;
  const double ax = Norm(a);
  const double bx = Dot(a, b) / ax, by = Norm(Cross(a, b)) / ax;
  const double cx = Dot(a, c) / ax, cy = (Dot(b, c) - bx * cx) / by;
  const double cz = std::abs(Determinant(cell)) / (ax * by);
  box.cell = {{{ax, 0, 0}, {bx, by, 0}, {cx, cy, cz}}};
  const Mat3 inverse = Inverse(cell);
  box.q = {inverse[0] * box.cell, inverse[1] * box.cell, inverse[2] * box.cell};
  return box;
}

}  // namespace superion
