// What single precision costs: the kernels that molecular dynamics uses against the same model in double
// precision.
#pragma once

#include <string>
#include <vector>

#include "core/structure.h"
#include "potential/model.h"
#include "potential/model_error.h"

namespace superion {

struct PrecisionError {
  std::string instruction_set;
  Deviation forces;            // eV/Å, components, single less double precision
  Deviation energy;            // eV per atom
  double largest_force = 0.0;  // eV/Å, largest difference of a component
};

// One entry for every instruction set that this machine has, over all atoms of all frames. Labels are not
// read. InvalidArgument when there are no frames or one holds an unknown species.
absl::StatusOr<std::vector<PrecisionError>> MeasurePrecision(const Model& model,
                                                             const std::vector<Frame>& frames);

// {instruction set: {force_rms_mev_per_angstrom, force_max_mev_per_angstrom, energy_rms_mev_per_atom}}
Json ToJson(const std::vector<PrecisionError>& errors);

}  // namespace superion
