// Long-range part of a model with fixed charges: the smooth Coulomb energy of Gaussians, equation 11 of
// docs/potential_model.md. What is learned is the rest, which is short-ranged.
#pragma once

#include <vector>

#include "potential/evaluator.h"
#include "potential/model.h"

namespace superion {

// Width of the Gaussians for a model of this cutoff (1/Å): what they miss of Coulomb's law, erfc(alpha r),
// has faded to 2e-5 at the cutoff, so that the learned part can hold it.
double ElectrostaticAlpha(double cutoff_angstrom);

// Adds energy, forces, virial (and half of charge times potential to the energy of each atom) to what the
// short-ranged part gave. Nothing to do for a model without charges. `species` [n_atoms] are indices into the
// model's species; only cell and positions of the structure are read.
absl::Status AddElectrostatics(const Model& model, const std::vector<int>& species,
                               const Structure& structure, Evaluation* result);

// Takes the same off the labels of a frame (energy, forces, stress: those that it has).
absl::Status SubtractElectrostatics(const ModelArchitecture& architecture,
                                    const Electrostatics& electrostatics, Frame* frame);

}  // namespace superion
