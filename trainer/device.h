// Which device a training runs on.
#pragma once

#include <functional>
#include <string>

#include "core/status.h"

namespace superion::trainer {

enum class Device {
  kCpu,         // the kernels of atom_network.h
  kCuda,        // tensor operations and the kernels of pair_kernel.h
  kCpuTensors,  // what kCuda does, on the CPU: for comparisons
};

// "auto", "cpu", "cuda" or "cpu_tensors". "auto" takes CUDA where this build has it and a device is seen.
// FailedPrecondition says what "cuda" lacks.
absl::StatusOr<Device> ChooseDevice(const std::string& name);
// "cpu", "cuda" or "cpu_tensors", as ChooseDevice takes it.
std::string NameOf(Device device);
// For people: "cuda (NVIDIA H200)".
std::string Describe(Device device);

// Calls body; an error that LibTorch throws (memory of the device, say) becomes a status that names the
// device: ResourceExhausted where memory ran out, else Aborted (Internal is for a training that diverged).
absl::Status CatchDeviceErrors(Device device, const std::function<absl::Status()>& body);

}  // namespace superion::trainer
