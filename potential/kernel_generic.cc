#define SUPERION_KERNEL_ISA generic
#define SUPERION_VECTOR_BYTES 16
#include "potential/evaluator_kernel.inl"
