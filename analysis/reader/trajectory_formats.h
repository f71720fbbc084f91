// Trajectories of several formats as unwrapped paths of ions.
#pragma once

#include <string>

#include "analysis/reader/inputs.h"

namespace superion::analysis {

enum class FileFormat { kStream, kTrajectory, kLammpsDump, kExtxyz };
// By the first line; InvalidArgument when it is none of them.
absl::StatusOr<FileFormat> SniffFormat(const std::string& path);

// A trajectory in any of the formats, unwrapped; `cell` of its first frame. LAMMPS dumps (text, orthogonal or
// triclinic box): atoms are put in order of `id`; positions from xu yu zu, else xsu ysu zsu, else x y z or xs
// ys zs with image flags ix iy iz where they are there; species from `element`, else from options.types.
absl::StatusOr<IonTrajectory> ReadIonTrajectory(const std::string& path, const InputOptions& options,
                                                Mat3* cell);

}  // namespace superion::analysis
