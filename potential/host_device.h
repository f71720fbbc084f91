// Functions that a CPU loop and a CUDA kernel share.
#pragma once

#if defined(__CUDACC__)
#define SUPERION_HOST_DEVICE __host__ __device__
#else
#define SUPERION_HOST_DEVICE
#endif
