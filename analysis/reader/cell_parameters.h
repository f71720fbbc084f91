// A cell as a user writes it.
#pragma once

#include <string>
#include <vector>

#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

// Å: three edges of an orthogonal cell; edges and the angles α, β, γ in degrees (a along x, b in the xy
// plane); or nine components of three vectors. InvalidArgument for other numbers of them and for no volume.
absl::StatusOr<Mat3> CellOf(const std::vector<double>& parameters);

// InvalidArgument when the cell that was `given` (without volume: none was) and the one that `where` holds
// differ by more than 1e-3 in an edge (relative) or in the cosine of an angle; orientation does not count.
absl::Status CheckSameCell(const Mat3& given, const Mat3& held, const std::string& where);

}  // namespace superion::analysis
