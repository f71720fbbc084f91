// Rotations of the crystal that a tensor of it must be invariant under.
#pragma once

#include <string>
#include <vector>

#include "analysis/transport/tracer.h"
#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

struct PointGroup {
  std::string symbol;           // Hermann-Mauguin, e.g. "m-3m"; "given" where the rotations were
  std::vector<Mat3> rotations;  // Cartesian, orthogonal, act on column vectors; the identity among them
};

// Point group of the structure whose atoms are `positions` (Å, Cartesian; [n] with `species`) in `cell`
// (rows: a, b, c): that of the crystal also where the cell is a supercell of it. Atoms up to
// `tolerance_angstrom` from a symmetric position count as there. Found by spglib (Togo, Shinohara & Tanaka,
// doi:10.1080/27660400.2024.2384822). NotFound when it finds nothing, InvalidArgument for no atom or no
// volume.
absl::StatusOr<PointGroup> FindPointGroup(const Mat3& cell, const std::vector<Vec3>& positions,
                                          const std::vector<std::string>& species, double tolerance_angstrom);

// The same of the time-averaged positions of the ions that are not `mobile`, relative to their centre of
// mass. NotFound when there are none.
absl::StatusOr<PointGroup> FrameworkPointGroup(const IonTrajectory& seed, const Mat3& cell,
                                               const std::vector<std::string>& mobile,
                                               double tolerance_angstrom);

// Of given rotations: the group that they generate. InvalidArgument for a matrix that is not orthogonal to
// 1e-6 or generators of more than 48 elements.
absl::StatusOr<PointGroup> GroupOf(const std::vector<Mat3>& generators);

}  // namespace superion::analysis
