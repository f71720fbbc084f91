// The per-atom network written again with dense operations of LibTorch that differentiate themselves (twice
// where asked): slow, short, and independent of the trainer's sparse kernels. The judge of their values and
// gradients.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "potential/model.h"

namespace superion::trainer {

// Energies [n_atoms] without reference energies, in units of the energy scale, for density [n_atoms,
// n_density] and the flat parameters; everything in float64.
at::Tensor ReferenceAtomEnergies(const ModelArchitecture& architecture, const at::Tensor& parameters,
                                 const at::Tensor& density, const std::vector<int>& species,
                                 const std::vector<double>& mean, const std::vector<double>& scale);

}  // namespace superion::trainer
