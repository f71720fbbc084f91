// Trajectories of several formats as unwrapped paths of ions.
#pragma once

#include <string>
#include <vector>

#include "analysis/reader/inputs.h"

namespace superion::analysis {

// A trajectory in any of the formats of OpenFormat; `cell` of its first frame; `notes` gets what was mended.
// OutOfRange for one of our own with fewer than two frames.
absl::StatusOr<IonTrajectory> ReadIonTrajectory(const std::string& path, const InputOptions& options,
                                                Mat3* cell, std::vector<std::string>* notes);

}  // namespace superion::analysis
