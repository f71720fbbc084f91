// The way from parameters to energies, forces and virials of a batch on a device, in place of the kernels for
// the CPU: tensor_network.h and force_operator.h joined by autograd.
#pragma once

#include <memory>

#include "trainer/force_operator.h"
#include "trainer/tensor_network.h"
#include "trainer/training_graph.h"

namespace superion::trainer {

// What the standardisation of the invariants is, [Z, F] each.
template <typename Real>
struct Standardisation {
  const std::vector<Real>&mean, &inverse_scale;
};

template <typename Real>
class TensorGraph {
 public:
  TensorGraph(const ModelArchitecture& architecture, const FixedScales& scales, at::Device device);

  // On the CPU, in units of the energy scale.
  struct Outputs {
    at::Tensor energies;  // [n_atoms]
    Motion motion;
  };
  // `parameters` is a tensor of the CPU. With `differentiable` the outputs can be differentiated by it until
  // the next call.
  Outputs Run(const Batch<Real>& batch, const at::Tensor& parameters,
              const Standardisation<Real>& standardisation, bool virials, bool differentiable);

 private:
  at::Tensor OnDevice(const std::vector<Real>& values, std::vector<int64_t> shape) const;

  ModelArchitecture architecture_;
  at::Device device_;
  TensorNetwork network_;
  ForceOperator<Real> operator_;
  std::unique_ptr<PairTensors> pairs_;  // of the last batch: its graph points to them
};

}  // namespace superion::trainer
