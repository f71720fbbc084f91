// The operator G -> forces and virials on tensors of any device, differentiable: its backward is its adjoint.
// LibTorch's part of pair_kernel.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "potential/density.h"
#include "trainer/pair_kernel.h"

namespace superion::trainer {

// The pairs of a batch of frames laid end to end, on a device.
class PairTensors {
 public:
  PairTensors(const std::vector<const PairList*>& frames, at::Device device);
  const PairArrays& arrays() const { return arrays_; }
  at::Device device() const { return displacement_.device(); }

 private:
  at::Tensor integers_, displacement_;
  PairArrays arrays_;
};

struct Motion {
  at::Tensor forces;   // [n_atoms, 3] float64
  at::Tensor virials;  // [n_frames, 9] float64; [0, 9] when not wanted
};

template <typename Real>
class ForceOperator {
 public:
  ForceOperator(const ModelArchitecture& architecture, double density_scale);

  // `gradient` [n_atoms, n_density] on the device of the pairs. Operator and pairs must live until the
  // backward.
  Motion Apply(const PairTensors& pairs, const at::Tensor& gradient, bool virials) const;
  // Without a graph.
  Motion Forces(const PairTensors& pairs, const at::Tensor& gradient, bool virials) const;
  // ∂/∂gradient of Σ cotangent · motion; an empty cotangent of the virials counts as none.
  at::Tensor Adjoint(const PairTensors& pairs, const Motion& cotangent) const;

 private:
  int l_max_;
  PairSetting<Real> setting_;
};

}  // namespace superion::trainer
