// The grade: how far an atom's last-layer features lie from those of the training atoms of its species,
// equation 10 of docs/potential_model.md (last-layer prediction rigidity, doi:10.1088/2632-2153/ad805f; the
// same form as D-optimality), and its calibration against measured force errors.
#pragma once

#include <vector>

#include "core/structure.h"
#include "potential/model.h"

namespace superion {

// Adds (or replaces) `grade_inverse` and `grade_fence` from the atoms of the training frames; labels are not
// used. A species without training atoms gets a fence so small that its atoms always grade as failed.
// InvalidArgument when a frame holds a species the model does not know or the model itself is not sound.
absl::Status AddUncertainty(Model* model, const std::vector<Frame>& frames, int threads = 1);

}  // namespace superion
