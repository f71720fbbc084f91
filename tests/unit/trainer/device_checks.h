// What must hold on every device: the force operator, a step and a training there agree with the kernels for
// the CPU. Called with the CPU by device_path_test.cc and with CUDA by trainer_cuda_test.cc.
#pragma once

#include <c10/core/Device.h>

#include "trainer/device.h"

namespace superion::trainer {

// Forces, virials and adjoint against DensityOperator, for every degree, on frames of unlike sizes; and
// ⟨u, F(G)⟩ = ⟨F*(u), G⟩. `tolerance` is relative.
template <typename Real>
void CheckForceOperator(at::Device device, double tolerance);
// Twice the same bits.
void CheckSameBits(Device device);
// Loss and its gradient by all parameters, with forces, energies and virials, against the CPU; likewise what
// Predict gives.
template <typename Real>
void CheckStep(Device device, double tolerance);
// A training in float64 goes the same way: learning curve and parameters. A checkpoint of one device is
// resumed on the other.
void CheckTraining(Device device, double tolerance);

}  // namespace superion::trainer
