#include <initializer_list>

#include "trainer/atom_network_kernel.h"

namespace superion::trainer {

namespace isa_avx512 {
template <typename Real>
Kernel<Real> MakeKernel();
}
namespace isa_avx2 {
template <typename Real>
Kernel<Real> MakeKernel();
}
namespace isa_baseline {
template <typename Real>
Kernel<Real> MakeKernel();
}

template <typename Real>
Kernel<Real> ChooseKernel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd"))
    return isa_avx512::MakeKernel<Real>();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    return isa_avx2::MakeKernel<Real>();
#endif
  return isa_baseline::MakeKernel<Real>();
}
template Kernel<float> ChooseKernel<float>();
template Kernel<double> ChooseKernel<double>();

KernelLayout MakeKernelLayout(const KernelShape& s) {
  KernelLayout at{};
  const long n = kTileAtoms, equivariant = n * s.n_lm * s.channels;
  // Multiples of 16 Reals keep every array on a cache line when the block itself is.
  const auto take = [&](long count) {
    const long offset = at.size;
    at.size += (count + 15) / 16 * 16;
    return offset;
  };
  at.density = take(n * s.n_lm * s.density_columns);
  for (int p = 0; p <= s.products; ++p) {
    at.x[p] = take(equivariant);
    at.x_bar[p] = take(equivariant);
  }
  for (int p = 0; p < s.products; ++p) {
    for (long* part : {&at.u[p], &at.v[p], &at.v_bar[p], &at.u_bar[p]}) *part = take(equivariant);
    at.gate[p] = take(n);
    at.gate_bar[p] = take(n);
  }
  at.feature = take(n * s.n_features);
  at.feature_bar = take(n * s.n_features);
  for (long* part :
       {&at.z1, &at.h1, &at.slope1, &at.z1_bar, &at.h1_bar, &at.z2, &at.h2, &at.slope2, &at.z2_bar})
    *part = take(n * s.hidden);
  return at;
}

}  // namespace superion::trainer
