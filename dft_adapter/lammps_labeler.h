// Labels from a potential of LAMMPS through its C library, in a child process of its own: LAMMPS ends its
// process on an input error, which must cost one label and not the task.
#pragma once

#include <memory>

#include "dft_adapter/labeler.h"

namespace superion {

// A cell as LAMMPS wants it: a along x, b in the xy plane. `to_lammps` turns row vectors (r' = r *
// to_lammps); it is orthogonal, and a reflection when the cell is left-handed.
struct LammpsCell {
  Mat3 rows;
  Mat3 to_lammps;
};
LammpsCell RestrictedCell(const Mat3& cell);

absl::StatusOr<std::unique_ptr<Labeler>> MakeLammpsLabeler(const Json& checked,
                                                           const LabelerOptions& options);

}  // namespace superion
