#include "potential/density.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "potential/pair_dispatch.h"
#include "potential/parallel.h"

namespace superion {
namespace {

constexpr int kCentersPerChunk = 8;

template <int kLMax, typename Real>
void DensityOfCenter(const PairSetting<Real>& s, const PairList& pairs, int begin, int end, Real* density) {
  constexpr int kLm = (kLMax + 1) * (kLMax + 1);
  PairGeometry<Real> g;
  std::fill(density, density + s.n_density, Real(0));
  for (int p = begin; p < end; ++p) {
    if (!Geometry<kLMax>(s, pairs.displacement[p].data(), false, &g)) continue;
    Real* block = density + pairs.neighbor_species[p] * s.n_radial * kLm;
    for (int n = 0; n < s.n_radial; ++n) {
      const Real b = s.scale * g.value[n];
      for (int lm = 0; lm < kLm; ++lm) block[n * kLm + lm] += b * g.y[lm];
    }
  }
}

template <int kLMax, typename Real>
void CotangentOfCenter(const PairSetting<Real>& s, const PairList& pairs, int begin, int end,
                       const double* force_cotangent, const double* virial_cotangent, Real* out) {
  constexpr int kLm = (kLMax + 1) * (kLMax + 1);
  PairGeometry<Real> g;
  std::fill(out, out + s.n_density, Real(0));
  for (int p = begin; p < end; ++p) {
    if (!Geometry<kLMax>(s, pairs.displacement[p].data(), true, &g)) continue;
    const int i = pairs.center[p], j = pairs.neighbor[p];
    double c[3];
    DisplacementCotangent(force_cotangent + 3 * i, force_cotangent + 3 * j,
                          virial_cotangent == nullptr ? nullptr : virial_cotangent + 9 * i,
                          pairs.displacement[p].data(), c);
    Real radial[kLm], angular[kLm];
    PairCotangent<kLMax>(s, g, c, radial, angular);
    Real* block = out + pairs.neighbor_species[p] * s.n_radial * kLm;
    for (int n = 0; n < s.n_radial; ++n) {
      const Real b = g.value[n], db = g.derivative[n];
      for (int lm = 0; lm < kLm; ++lm) block[n * kLm + lm] += db * radial[lm] + b * angular[lm];
    }
  }
}

std::vector<int> FirstPairs(const PairList& pairs) {
  std::vector<int> first(pairs.n_atoms + 1, 0);
  for (const int i : pairs.center) ++first[i + 1];
  for (int i = 0; i < pairs.n_atoms; ++i) first[i + 1] += first[i];
  return first;
}

void ForEachCenter(int n_atoms, int threads, const std::function<void(int)>& body) {
  const int chunks = (n_atoms + kCentersPerChunk - 1) / kCentersPerChunk;
  ParallelChunks(chunks, threads, [&](int chunk, int) {
    const int end = std::min(n_atoms, (chunk + 1) * kCentersPerChunk);
    for (int i = chunk * kCentersPerChunk; i < end; ++i) body(i);
  });
}

}  // namespace

template <typename Real>
DensityOperator<Real>::DensityOperator(const ModelArchitecture& architecture, double density_scale)
    : architecture_(architecture), density_scale_(density_scale) {}

template <typename Real>
void DensityOperator<Real>::Density(const PairList& pairs, Real* density, int threads) const {
  const PairSetting<Real> s = MakePairSetting<Real>(architecture_, density_scale_);
  const std::vector<int> first = FirstPairs(pairs);
  WithDegree(architecture_.l_max, [&](auto degree) {
    ForEachCenter(pairs.n_atoms, threads, [&](int i) {
      DensityOfCenter<degree()>(s, pairs, first[i], first[i + 1],
                                density + static_cast<size_t>(i) * s.n_density);
    });
  });
}

template <typename Real>
void DensityOperator<Real>::Forces(const PairList& pairs, const Real* gradient, double* forces,
                                   double* atom_virials, int threads) const {
  const PairSetting<Real> s = MakePairSetting<Real>(architecture_, density_scale_);
  const std::vector<int> first = FirstPairs(pairs);
  // Gradients of the pairs are computed in parallel and added up in the order of the pairs: same bits for any
  // threads.
  std::vector<Vec3> pair_gradient(pairs.center.size(), Vec3{0, 0, 0});
  WithDegree(architecture_.l_max, [&](auto degree) {
    ForEachCenter(pairs.n_atoms, threads, [&](int i) {
      PairGeometry<Real> g;
      for (int p = first[i]; p < first[i + 1]; ++p) {
        if (!Geometry<degree()>(s, pairs.displacement[p].data(), true, &g)) continue;
        const Real* block =
            gradient + static_cast<size_t>(i) * s.n_density + pairs.neighbor_species[p] * s.n_radial * s.n_lm;
        PairGradient<degree()>(s, g, block, pair_gradient[p].data());
      }
    });
  });
  std::fill(forces, forces + 3 * static_cast<size_t>(pairs.n_atoms), 0.0);
  if (atom_virials != nullptr)
    std::fill(atom_virials, atom_virials + 9 * static_cast<size_t>(pairs.n_atoms), 0.0);
  for (size_t p = 0; p < pairs.center.size(); ++p) {
    const int i = pairs.center[p], j = pairs.neighbor[p];
    for (int a = 0; a < 3; ++a) {
      forces[3 * i + a] += pair_gradient[p][a];
      forces[3 * j + a] -= pair_gradient[p][a];
    }
    if (atom_virials == nullptr) continue;
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b)
        atom_virials[9 * i + 3 * a + b] -= pairs.displacement[p][a] * pair_gradient[p][b];
  }
}

template <typename Real>
void DensityOperator<Real>::ForcesAdjoint(const PairList& pairs, const double* force_cotangent,
                                          const double* virial_cotangent, Real* gradient_cotangent,
                                          int threads) const {
  const PairSetting<Real> s = MakePairSetting<Real>(architecture_, density_scale_);
  const std::vector<int> first = FirstPairs(pairs);
  WithDegree(architecture_.l_max, [&](auto degree) {
    ForEachCenter(pairs.n_atoms, threads, [&](int i) {
      CotangentOfCenter<degree()>(s, pairs, first[i], first[i + 1], force_cotangent, virial_cotangent,
                                  gradient_cotangent + static_cast<size_t>(i) * s.n_density);
    });
  });
}

template class DensityOperator<float>;
template class DensityOperator<double>;

}  // namespace superion
