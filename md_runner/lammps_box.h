// LAMMPS wants a lower triangular cell with a positive diagonal; any cell becomes one by a rotation (and, for
// a left-handed cell, a reflection): restricted = cell · q, q orthogonal. Row vectors turn with them: r' = r
// q.
#pragma once

#include "core/vec3.h"

namespace superion {

struct RestrictedBox {
  Mat3 cell{};  // lower triangular
  Mat3 q{};     // orthogonal; the identity to the bit when the cell is restricted already

  Vec3 ToBox(const Vec3& r) const { return identity ? r : r * q; }
  Vec3 FromBox(const Vec3& r) const { return identity ? r : Vec3{Dot(q[0], r), Dot(q[1], r), Dot(q[2], r)}; }
  Mat3 TensorToBox(const Mat3& w) const;    // qᵀ w q
  Mat3 CellFromBox(const Mat3& box) const;  // box · qᵀ
  bool identity = true;
};

// The cell must not be singular.
RestrictedBox MakeRestrictedBox(const Mat3& cell);

}  // namespace superion
