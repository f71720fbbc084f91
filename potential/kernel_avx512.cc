#define SUPERION_KERNEL_ISA avx512
#define SUPERION_VECTOR_BYTES 64
#include "potential/evaluator_kernel.inl"
