// Full neighbor list of a periodic structure: every ordered pair (i, j, image) with r <= cutoff except an
// atom with itself. Correct for cells smaller than the cutoff (an atom may neighbor its own images and
// another atom several times). Distinct atoms at the same place are listed with r = 0: CheckStructure finds
// them.
#pragma once

#include <vector>

#include "core/structure.h"

namespace superion {

struct NeighborList {
  std::vector<int> first;     // [n_atoms + 1]: pairs of atom i are first[i] .. first[i+1]-1
  std::vector<int> neighbor;  // [n_pairs] index j
  std::vector<Vec3> shift;    // [n_pairs] Å: displacement = positions[j] + shift - positions[i]
};

// Cell-linked search, O(n). Deterministic order: by j, then by image. Positions need not be wrapped.
// InvalidArgument for a cutoff that is not positive or a periodic direction without extent.
absl::StatusOr<NeighborList> BuildNeighborList(const Structure& structure, double cutoff);

}  // namespace superion
