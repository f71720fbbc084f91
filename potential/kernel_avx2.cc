#define SUPERION_KERNEL_ISA avx2
#define SUPERION_VECTOR_BYTES 32
#include "potential/evaluator_kernel.inl"
