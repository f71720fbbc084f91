// How long one step of a model takes on this machine, and where the time goes.
#pragma once

#include "core/structure.h"
#include "potential/model.h"

namespace superion {

struct BenchmarkOptions {
  int threads = 1;
  int steps = 100;
  std::string instruction_set;  // as in EvaluatorOptions
  double skin_angstrom = 0.5;   // of the neighbor list that the displacements come from
};

// Steps like those of molecular dynamics: atoms tremble by 0.02 Å, displacements of a list with a skin are
// renewed, the model is evaluated in single precision with grades. The document of `superion bench model
// --json`: us_per_atom_step and its parts (electrostatics where the model has charges), neighbor list,
// neighbors within the cutoff per atom, instruction set.
absl::StatusOr<Json> BenchmarkModel(const Model& model, const Structure& structure,
                                    const BenchmarkOptions& options);

}  // namespace superion
