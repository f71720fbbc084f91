// The kernels for one instruction set. A source file defines SUPERION_KERNEL_ISA (namespace) and
// SUPERION_VECTOR_BYTES, and is compiled with the matching flags.
#include <utility>

#include "potential/evaluator_kernel.h"
#include "potential/spherical_harmonics.h"

namespace superion::kernel::SUPERION_KERNEL_ISA {
namespace {

// The order matters.
// clang-format off
#include "potential/kernel_vector.inl"
#include "potential/kernel_pairs.inl"
#include "potential/kernel_layers.inl"
// clang-format on

template <typename Real, int kLMax, int kRadial>
void Evaluate(const PackedModel<Real>& m, const Frame<Real>& frame, const Tile& tile,
              const Workspace<Real>& ws, const Results<Real>& results, Profile* profile) {
  int64_t clock = profile == nullptr ? 0 : profile->now();
  const auto lap = [&](Phase phase) {
    if (profile == nullptr) return;
    const int64_t now = profile->now();
    profile->ns[phase] += now - clock;
    clock = now;
  };
  for (int t = 0; t < tile.n_atoms; ++t) Gather(m, frame, tile, t, ws, results);
  lap(kNeighbors);
  for (int t = 0; t < tile.n_atoms; ++t) DensityOfAtom<Real, kLMax>(m, ws, t);
  lap(kDensity);
  Layers(m, tile, ws, results);
  lap(kLayers);
  for (int t = 0; t < tile.n_atoms; ++t)
    ForcesOfAtom<Real, kLMax, kRadial>(m, frame, t, tile.atoms[t], ws, results);
  lap(kAdjoint);
}

template <typename Real, int kLMax>
void EvaluateDegree(const PackedModel<Real>& m, const Frame<Real>& frame, const Tile& tile,
                    const Workspace<Real>& ws, const Results<Real>& results, Profile* profile) {
  // The radial functions of sizes S, M and L stay in registers.
  if constexpr (kLMax >= 2) {
    if (m.n_radial == 8) return Evaluate<Real, kLMax, 8>(m, frame, tile, ws, results, profile);
    if (m.n_radial == 10) return Evaluate<Real, kLMax, 10>(m, frame, tile, ws, results, profile);
  }
  Evaluate<Real, kLMax, 0>(m, frame, tile, ws, results, profile);
}

template <typename Real>
void EvaluateTile(const PackedModel<Real>& m, const Frame<Real>& frame, const Tile& tile,
                  const Workspace<Real>& ws, const Results<Real>& results, Profile* profile) {
  switch (m.l_max) {
    case 0:
      return EvaluateDegree<Real, 0>(m, frame, tile, ws, results, profile);
    case 1:
      return EvaluateDegree<Real, 1>(m, frame, tile, ws, results, profile);
    case 2:
      return EvaluateDegree<Real, 2>(m, frame, tile, ws, results, profile);
    case 3:
      return EvaluateDegree<Real, 3>(m, frame, tile, ws, results, profile);
    case 4:
      return EvaluateDegree<Real, 4>(m, frame, tile, ws, results, profile);
    case 5:
      return EvaluateDegree<Real, 5>(m, frame, tile, ws, results, profile);
  }
}

}  // namespace

const Kernel<float> kFloatKernel = {EvaluateTile<float>, Scatter<float>};
const Kernel<double> kDoubleKernel = {EvaluateTile<double>, Scatter<double>};

}  // namespace superion::kernel::SUPERION_KERNEL_ISA
