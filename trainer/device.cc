#include "trainer/device.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#ifdef SUPERION_WITH_CUDA
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>
#endif

namespace superion::trainer {
namespace {

#ifdef SUPERION_WITH_CUDA
constexpr bool kBuiltWithCuda = true;
bool DeviceIsSeen() { return at::hasCUDA() && c10::cuda::device_count() > 0; }
std::string DeviceName() {
  cudaDeviceProp properties;
  if (cudaGetDeviceProperties(&properties, c10::cuda::current_device()) != cudaSuccess) return "unknown";
  return properties.name;
}
#else
constexpr bool kBuiltWithCuda = false;
bool DeviceIsSeen() { return false; }
std::string DeviceName() { return "none"; }
#endif

}  // namespace

absl::StatusOr<Device> ChooseDevice(const std::string& name) {
  if (name == "cpu") return Device::kCpu;
  if (name == "cpu_tensors") return Device::kCpuTensors;
  if (name == "auto") return DeviceIsSeen() ? Device::kCuda : Device::kCpu;
  if (name != "cuda")
    return InvalidArgument("device: expected auto, cpu, cuda or cpu_tensors, found \"{}\"", name);
  if (!kBuiltWithCuda)
    return InvalidArgument(
        "device cuda: this build trains on CPUs only; install the CUDA toolkit (nvcc) and a LibTorch for "
        "CUDA, "
        "configure with -DSUPERION_CUDA=ON -DTorch_DIR=<folder of that LibTorch>/share/cmake/Torch and build "
        "again, or "
        "give cpu or auto");
  if (!DeviceIsSeen())
    return InvalidArgument(
        "device cuda: this build has CUDA but sees no device; check the driver (nvidia-smi) and "
        "CUDA_VISIBLE_DEVICES, or give cpu or auto");
  return Device::kCuda;
}

std::string NameOf(Device device) {
  switch (device) {
    case Device::kCpu:
      return "cpu";
    case Device::kCuda:
      return "cuda";
    case Device::kCpuTensors:
      return "cpu_tensors";
  }
  return "unknown";
}

std::string Describe(Device device) {
  return device == Device::kCuda ? fmt::format("cuda ({})", DeviceName()) : NameOf(device);
}

absl::Status CatchDeviceErrors(Device device, const std::function<absl::Status()>& body) {
  try {
    return body();
  } catch (const c10::OutOfMemoryError& error) {
    return ResourceExhausted(
        "training on {}: out of memory; give a smaller batch_frames, or the device cpu ({})", NameOf(device),
        error.what_without_backtrace());
  } catch (const c10::Error& error) {
    return absl::AbortedError(
        fmt::format("training on {}: {}", NameOf(device), error.what_without_backtrace()));
  }
}

}  // namespace superion::trainer
