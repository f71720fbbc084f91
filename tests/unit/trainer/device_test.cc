#include "trainer/device.h"

#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion::trainer {
namespace {

using ::testing::HasSubstr;

TEST(Device, NamesGoBothWays) {
  for (const char* name : {"cpu", "cpu_tensors"}) EXPECT_EQ(NameOf(*ChooseDevice(name)), name);
  EXPECT_EQ(Describe(Device::kCpu), "cpu");
  EXPECT_THAT(std::string(ChooseDevice("tpu").status().message()), HasSubstr("found \"tpu\""));
}

// Whatever this build and this machine have.
TEST(Device, AutoTakesCudaExactlyWhereCudaCanBeHad) {
  const auto cuda = ChooseDevice("cuda");
  EXPECT_EQ(*ChooseDevice("auto"), cuda.ok() ? Device::kCuda : Device::kCpu);
  if (cuda.ok()) return;
  EXPECT_EQ(cuda.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(cuda.status().message()),
              ::testing::AnyOf(HasSubstr("-DSUPERION_CUDA=ON"), HasSubstr("sees no device")));
}

TEST(Device, ErrorsOfLibTorchBecomeStatuses) {
  const absl::Status other = CatchDeviceErrors(Device::kCpu, [] {
    TORCH_CHECK(false, "matrices do not fit");
    return absl::OkStatus();
  });
  EXPECT_EQ(other.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(other.message()), HasSubstr("training on cpu: matrices do not fit"));
  const absl::Status memory = CatchDeviceErrors(Device::kCuda, [] {
    TORCH_CHECK_WITH(OutOfMemoryError, false, "tried to allocate 1 TiB");
    return absl::OkStatus();
  });
  EXPECT_EQ(memory.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(memory.message()), HasSubstr("batch_frames"));
  EXPECT_TRUE(CatchDeviceErrors(Device::kCpu, [] { return absl::OkStatus(); }).ok());
}

}  // namespace
}  // namespace superion::trainer
