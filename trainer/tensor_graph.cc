#include "trainer/tensor_graph.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

namespace superion::trainer {
namespace {

using at::Tensor;

template <typename Real>
constexpr at::ScalarType kType = sizeof(Real) == 4 ? at::kFloat : at::kDouble;

}  // namespace

template <typename Real>
TensorGraph<Real>::TensorGraph(const ModelArchitecture& architecture, const FixedScales& scales,
                               at::Device device)
    : architecture_(architecture),
      device_(device),
      network_(architecture, kType<Real>, device),
      operator_(architecture, scales.density_scale) {}

template <typename Real>
Tensor TensorGraph<Real>::OnDevice(const std::vector<Real>& values, std::vector<int64_t> shape) const {
  return at::from_blob(const_cast<Real*>(values.data()), shape, kType<Real>).to(device_);
}

template <typename Real>
typename TensorGraph<Real>::Outputs TensorGraph<Real>::Run(const Batch<Real>& batch, const Tensor& parameters,
                                                           const Standardisation<Real>& standardisation,
                                                           bool virials, bool differentiable) {
  const int64_t z = architecture_.n_species(), f = architecture_.n_features();
  std::vector<int> species;
  for (const PreparedFrame* frame : batch.frames)
    species.insert(species.end(), frame->species.begin(), frame->species.end());
  const AtomSlots slots = MakeAtomSlots(species, architecture_.n_species(), device_);
  const Tensor density =
      network_.ToSlots(slots, OnDevice(batch.density, {batch.n_atoms(), architecture_.n_density()}))
          .requires_grad_(true);
  const Tensor in_slots =
      network_.Energies(parameters.to(device_), density, OnDevice(standardisation.mean, {z, f}),
                        OnDevice(standardisation.inverse_scale, {z, f}));
  const Tensor by_density =
      torch::autograd::grad({in_slots.sum()}, {density}, {}, differentiable, differentiable)[0];
  const Tensor gradient = network_.FromSlots(slots, by_density);
  pairs_ = std::make_unique<PairTensors>(batch.pairs, device_);
  const Motion motion = differentiable ? operator_.Apply(*pairs_, gradient, virials)
                                       : operator_.Forces(*pairs_, gradient, virials);
  return {in_slots.reshape({-1}).index_select(0, slots.slot).to(at::kCPU),
          {motion.forces.to(at::kCPU), motion.virials.to(at::kCPU)}};
}

template class TensorGraph<float>;
template class TensorGraph<double>;

}  // namespace superion::trainer
