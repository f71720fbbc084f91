// The way that a training takes on devices other than the CPU, taken on the CPU.
#include <gtest/gtest.h>

#include "tests/unit/trainer/device_checks.h"

namespace superion::trainer {
namespace {

TEST(DevicePath, ForceOperatorAgreesWithTheDensityOperatorAndItsAdjoint) {
  CheckForceOperator<double>(at::kCPU, 1e-13);
  CheckForceOperator<float>(at::kCPU, 2e-6);
}

TEST(DevicePath, StepIsThatOfTheKernels) {
  CheckStep<double>(Device::kCpuTensors, 1e-11);
  CheckStep<float>(Device::kCpuTensors, 1e-3);
}

TEST(DevicePath, SameInputSameBits) { CheckSameBits(Device::kCpuTensors); }

TEST(DevicePath, TrainingGoesTheSameWayAndResumesCheckpointsOfTheOther) {
  CheckTraining(Device::kCpuTensors, 1e-6);
}

}  // namespace
}  // namespace superion::trainer
