// The per-atom network in LibTorch's tensor operations only: for devices other than the CPU, and, in float64,
// the plain statement of equations 4-7 of docs/potential_model.md that atom_network.h is compared with.
// Differentiable twice by autograd. Multiplications of matrices and sums only, no scattered additions: on a
// device, too, the order of a sum is fixed.
//
// All species are computed at once: every species has the same number of slots for atoms (the rest stays
// zero), and tensors of atoms are [Z, n_slots, …] or, by component, [n_lm, Z, n_slots, …].
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "trainer/parameter_layout.h"

namespace superion::trainer {

// Which slot the atoms of a batch have.
struct AtomSlots {
  int64_t n_slots = 0;  // of one species
  at::Tensor slot;      // [n_atoms] species · n_slots + place
};
AtomSlots MakeAtomSlots(const std::vector<int>& species, int n_species, at::Device device);

class TensorNetwork {
 public:
  TensorNetwork(const ModelArchitecture& architecture, at::ScalarType type, at::Device device);

  // [n_atoms, n_density] -> [n_lm, Z, n_slots, Z·N] and back.
  at::Tensor ToSlots(const AtomSlots& slots, const at::Tensor& density) const;
  at::Tensor FromSlots(const AtomSlots& slots, const at::Tensor& density) const;
  // Energies [Z, n_slots] in units of the energy scale, without reference energies, for the flat parameters,
  // the density in slots, and mean and 1 / scale [Z, F] of the invariants.
  at::Tensor Energies(const at::Tensor& parameters, const at::Tensor& density, const at::Tensor& mean,
                      const at::Tensor& inverse_scale) const;

 private:
  // The blocks of the parameters by name.
  using Weights = std::map<std::string, at::Tensor>;
  Weights Split(const at::Tensor& parameters) const;
  // Weights [L + 1, …] of degrees -> [n_lm, …] of components.
  at::Tensor ByComponent(const at::Tensor& by_degree) const;
  at::Tensor Product(const at::Tensor& path_weights, const at::Tensor& x, const at::Tensor& y) const;
  at::Tensor Gate(const at::Tensor& v) const;
  at::Tensor Invariants(const std::vector<at::Tensor>& x) const;
  at::Tensor Readout(const Weights& weights, const at::Tensor& x) const;

  ModelArchitecture architecture_;
  ParameterLayout layout_;
  // Constant matrices: component -> degree; (path, component of the result) -> pair of components, path,
  // component of the result (transposed); mean over the components of a degree.
  at::Tensor degree_, coupling_, path_, result_, mean_of_degree_;
};

}  // namespace superion::trainer
