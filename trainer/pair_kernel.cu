#include <cuda_runtime.h>

#include "trainer/pair_kernel.inl"

namespace superion::trainer {
namespace {

constexpr int kBlock = 128;  // threads

template <typename Stage>
__global__ void __launch_bounds__(kBlock) RunStage(long n, const Stage stage) {
  const long thread = static_cast<long>(blockIdx.x) * kBlock + threadIdx.x;
  if (thread < n) stage(thread);
}

struct CudaLaunch {
  cudaStream_t stream;
  template <typename Stage>
  void operator()(long n, const Stage& stage) const {
    if (n == 0) return;
    RunStage<<<static_cast<unsigned>((n + kBlock - 1) / kBlock), kBlock, 0, stream>>>(n, stage);
  }
};

const char* LastError() {
  const cudaError_t error = cudaGetLastError();
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

}  // namespace

template <int kLMax, typename Real>
const char* ForcesOnCuda(const ForceArguments<Real>& arguments, void* stream) {
  RunForces<kLMax>(arguments, CudaLaunch{static_cast<cudaStream_t>(stream)});
  return LastError();
}

template <int kLMax, typename Real>
const char* AdjointOnCuda(const AdjointArguments<Real>& arguments, void* stream) {
  RunAdjoint<kLMax>(arguments, CudaLaunch{static_cast<cudaStream_t>(stream)});
  return LastError();
}

#define SUPERION_INSTANTIATE(L, REAL)                                             \
  template const char* ForcesOnCuda<L, REAL>(const ForceArguments<REAL>&, void*); \
  template const char* AdjointOnCuda<L, REAL>(const AdjointArguments<REAL>&, void*);
SUPERION_FOR_EVERY_KERNEL(SUPERION_INSTANTIATE)

}  // namespace superion::trainer
