// Forces of a learned potential for MD: the evaluator of potential/ behind a Verlet list per replica.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "md_runner/force_provider.h"
#include "potential/evaluator.h"

namespace superion {

struct ModelForceOptions {
  double skin = 1.0;                       // Å
  double minimum_distance_angstrom = 0.0;  // of every pair; 0: half the sum of the covalent radii, per pair
  EvaluatorOptions evaluator;
};

// InvalidArgument names a species of `species` [n_atoms] that the model does not know.
absl::StatusOr<std::unique_ptr<ForceProvider>> MakeModelForce(const Model& model,
                                                              const std::vector<std::string>& species,
                                                              const ModelForceOptions& options);

// Least distances of the guard, Å, [n * n] for the given symbols; see ModelForceOptions.
absl::StatusOr<std::vector<double>> MinimumDistances(const std::vector<std::string>& symbols,
                                                     double distance);

}  // namespace superion
