#include "trainer/pair_kernel.inl"

namespace superion::trainer {
namespace {

struct HostLaunch {
  template <typename Stage>
  void operator()(long n, const Stage& stage) const {
    for (long thread = 0; thread < n; ++thread) stage(thread);
  }
};

}  // namespace

template <int kLMax, typename Real>
void ForcesOnHost(const ForceArguments<Real>& arguments) {
  RunForces<kLMax>(arguments, HostLaunch{});
}

template <int kLMax, typename Real>
void AdjointOnHost(const AdjointArguments<Real>& arguments) {
  RunAdjoint<kLMax>(arguments, HostLaunch{});
}

#define SUPERION_INSTANTIATE(L, REAL)                               \
  template void ForcesOnHost<L, REAL>(const ForceArguments<REAL>&); \
  template void AdjointOnHost<L, REAL>(const AdjointArguments<REAL>&);
SUPERION_FOR_EVERY_KERNEL(SUPERION_INSTANTIATE)

}  // namespace superion::trainer
