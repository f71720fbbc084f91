// A cell as a user writes it.
#pragma once

#include <vector>

#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

// Å: three edges of an orthogonal cell; edges and the angles α, β, γ in degrees (a along x, b in the xy
// plane); or nine components of three vectors. InvalidArgument for other numbers of them and for no volume.
absl::StatusOr<Mat3> CellOf(const std::vector<double>& parameters);

}  // namespace superion::analysis
