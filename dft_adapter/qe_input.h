// Input files of pw.x.
#pragma once

#include <string>
#include <vector>

#include "core/structure.h"
#include "dft_adapter/qe_settings.h"

namespace superion {

enum class QeTask { kScf, kDriver };

// Settings from a checked labeler object (core/labeler_spec.h).
QeSettings QeSettingsFromJson(const Json& labeler);

// Text of the input. Positions and cell are written in bohr with 17 digits, atoms in the order of
// `structure`, types in the order of DistinctSpecies(). Symmetry is off: a symmetric start structure and a
// rattled one must see the same k-points, and a driver must not symmetrise the forces of geometries that come
// later. Γ alone uses the real wave functions of `K_POINTS gamma`. InvalidArgument for a species without a
// pseudopotential.
absl::StatusOr<std::string> QeInput(const QeSettings& settings, const QeNumerics& numerics,
                                    const Structure& structure, QeTask task,
                                    const std::string& pseudo_directory);

}  // namespace superion
