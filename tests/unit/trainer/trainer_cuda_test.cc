// Built where CUDA is found; skipped where no device is seen.
#include <gtest/gtest.h>

#include "tests/unit/trainer/device_checks.h"

namespace superion::trainer {
namespace {

class TrainerCudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto device = ChooseDevice("cuda");
    if (!device.ok()) GTEST_SKIP() << device.status();
  }
};

TEST_F(TrainerCudaTest, ForceOperatorAgreesWithTheDensityOperatorAndItsAdjoint) {
  CheckForceOperator<double>(at::kCUDA, 1e-12);
  CheckForceOperator<float>(at::kCUDA, 1e-5);
}

TEST_F(TrainerCudaTest, StepIsThatOfTheCpu) {
  CheckStep<double>(Device::kCuda, 1e-10);
  CheckStep<float>(Device::kCuda, 1e-3);
}

TEST_F(TrainerCudaTest, SameInputSameBits) { CheckSameBits(Device::kCuda); }

TEST_F(TrainerCudaTest, TrainingGoesTheSameWayAndResumesCheckpointsOfTheOther) {
  CheckTraining(Device::kCuda, 1e-6);
}

TEST_F(TrainerCudaTest, AutoTakesTheDevice) {
  EXPECT_EQ(*ChooseDevice("auto"), Device::kCuda);
  EXPECT_NE(Describe(Device::kCuda), "cuda (unknown)");
}

}  // namespace
}  // namespace superion::trainer
