#include "potential/density.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <type_traits>

#include "potential/parallel.h"
#include "potential/spherical_harmonics.h"

namespace superion {
namespace {

constexpr int kMaxRadial = 32;
constexpr int kCentersPerChunk = 8;

// B_n(r) and dB_n/dr, equation 1. The factored forms of the cutoff vanish without cancellation at u = 1.
template <typename Real>
void RadialFunctions(int n_radial, Real cutoff, Real r, Real* value, Real* derivative) {
  const Real u = r / cutoff, x = 2 * u - 1, v = 1 - u;
  const Real f = v * v * v * (1 + u * (3 + 6 * u)), df = -30 * u * u * v * v / cutoff;
  Real t0 = 1, t1 = x, s0 = 0, s1 = 1;  // T_n and dT_n/dx by recursion
  for (int n = 0; n < n_radial; ++n) {
    value[n] = t0 * f;
    derivative[n] = s0 * (2 / cutoff) * f + t0 * df;
    const Real t2 = 2 * x * t1 - t0, s2 = 2 * t1 + 2 * x * s1 - s0;
    t0 = t1, t1 = t2, s0 = s1, s1 = s2;
  }
}

template <typename Real>
struct PairGeometry {
  Real r, unit[3];
  Real value[kMaxRadial], derivative[kMaxRadial];
  Real y[kMaxLm], gradient[3][kMaxLm];
};

template <typename Real>
struct Setting {
  int n_radial, n_lm, n_density;
  Real cutoff, scale;
};

// False beyond the cutoff.
template <int kLMax, typename Real>
bool Geometry(const Setting<Real>& s, const Vec3& d, bool with_gradient, PairGeometry<Real>* g) {
  const double r = Norm(d);
  if (!(r < static_cast<double>(s.cutoff)) || r == 0.0) return false;
  g->r = static_cast<Real>(r);
  for (int a = 0; a < 3; ++a) g->unit[a] = static_cast<Real>(d[a] / r);
  RadialFunctions(s.n_radial, s.cutoff, g->r, g->value, g->derivative);
  SphericalHarmonics<kLMax, Real>(g->unit[0], g->unit[1], g->unit[2], g->y);
  if (with_gradient) {
    SphericalHarmonicsGradient<kLMax, Real>(g->unit[0], g->unit[1], g->unit[2], g->gradient[0],
                                            g->gradient[1], g->gradient[2]);
  }
  return true;
}

template <int kLMax, typename Real>
void DensityOfCenter(const Setting<Real>& s, const PairList& pairs, int begin, int end, Real* density) {
  constexpr int kLm = (kLMax + 1) * (kLMax + 1);
  PairGeometry<Real> g;
  std::fill(density, density + s.n_density, Real(0));
  for (int p = begin; p < end; ++p) {
    if (!Geometry<kLMax>(s, pairs.displacement[p], false, &g)) continue;
    Real* block = density + pairs.neighbor_species[p] * s.n_radial * kLm;
    for (int n = 0; n < s.n_radial; ++n) {
      const Real b = s.scale * g.value[n];
      for (int lm = 0; lm < kLm; ++lm) block[n * kLm + lm] += b * g.y[lm];
    }
  }
}

// Gradient of G·A with respect to the displacement of one pair.
template <int kLMax, typename Real>
void PairGradient(const Setting<Real>& s, const PairGeometry<Real>& g, const Real* gradient, double* out) {
  constexpr int kLm = (kLMax + 1) * (kLMax + 1);
  Real with_derivative[kLm] = {}, with_value[kLm] = {};
  for (int n = 0; n < s.n_radial; ++n) {
    const Real b = g.value[n], db = g.derivative[n];
    for (int lm = 0; lm < kLm; ++lm) {
      with_derivative[lm] += db * gradient[n * kLm + lm];
      with_value[lm] += b * gradient[n * kLm + lm];
    }
  }
  Real radial = 0, t[3] = {0, 0, 0};
  for (int lm = 0; lm < kLm; ++lm) {
    radial += with_derivative[lm] * g.y[lm];
    for (int a = 0; a < 3; ++a) t[a] += with_value[lm] * g.gradient[a][lm];
  }
  const Real along = t[0] * g.unit[0] + t[1] * g.unit[1] + t[2] * g.unit[2];
  for (int a = 0; a < 3; ++a) {
    out[a] = static_cast<double>(s.scale * (radial * g.unit[a] + (t[a] - along * g.unit[a]) / g.r));
  }
}

template <int kLMax, typename Real>
void CotangentOfCenter(const Setting<Real>& s, const PairList& pairs, int begin, int end,
                       const double* force_cotangent, const double* virial_cotangent, Real* out) {
  constexpr int kLm = (kLMax + 1) * (kLMax + 1);
  PairGeometry<Real> g;
  std::fill(out, out + s.n_density, Real(0));
  for (int p = begin; p < end; ++p) {
    if (!Geometry<kLMax>(s, pairs.displacement[p], true, &g)) continue;
    const int i = pairs.center[p], j = pairs.neighbor[p];
    Real c[3];
    for (int a = 0; a < 3; ++a) {
      double sum = force_cotangent[3 * i + a] - force_cotangent[3 * j + a];
      if (virial_cotangent != nullptr) {
        for (int b = 0; b < 3; ++b) sum -= pairs.displacement[p][b] * virial_cotangent[9 * i + 3 * b + a];
      }
      c[a] = static_cast<Real>(sum) * s.scale;
    }
    const Real along = c[0] * g.unit[0] + c[1] * g.unit[1] + c[2] * g.unit[2];
    for (int a = 0; a < 3; ++a) c[a] = (c[a] - along * g.unit[a]) / g.r;
    Real radial[kLm], angular[kLm];
    for (int lm = 0; lm < kLm; ++lm) {
      radial[lm] = along * g.y[lm];
      angular[lm] = c[0] * g.gradient[0][lm] + c[1] * g.gradient[1][lm] + c[2] * g.gradient[2][lm];
    }
    Real* block = out + pairs.neighbor_species[p] * s.n_radial * kLm;
    for (int n = 0; n < s.n_radial; ++n) {
      const Real b = g.value[n], db = g.derivative[n];
      for (int lm = 0; lm < kLm; ++lm) block[n * kLm + lm] += db * radial[lm] + b * angular[lm];
    }
  }
}

template <typename Real>
Setting<Real> MakeSetting(const ModelArchitecture& a, double scale) {
  return {a.n_radial, a.n_lm(), a.n_density(), static_cast<Real>(a.cutoff_angstrom),
          static_cast<Real>(scale)};
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

// Calls body(std::integral_constant<int, l_max>).
template <typename Body>
void WithDegree(int l_max, const Body& body) {
  switch (l_max) {
    case 0:
      return body(std::integral_constant<int, 0>{});
    case 1:
      return body(std::integral_constant<int, 1>{});
    case 2:
      return body(std::integral_constant<int, 2>{});
    case 3:
      return body(std::integral_constant<int, 3>{});
  }
  SUPERION_CHECK(false && "l_max is checked by CheckArchitecture");
}

}  // namespace

template <typename Real>
DensityOperator<Real>::DensityOperator(const ModelArchitecture& architecture, double density_scale)
    : architecture_(architecture), density_scale_(density_scale) {
  SUPERION_CHECK(architecture.n_radial <= kMaxRadial && architecture.l_max <= kMaxDegree);
}

template <typename Real>
void DensityOperator<Real>::Density(const PairList& pairs, Real* density, int threads) const {
  const Setting<Real> s = MakeSetting<Real>(architecture_, density_scale_);
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
  const Setting<Real> s = MakeSetting<Real>(architecture_, density_scale_);
  const std::vector<int> first = FirstPairs(pairs);
  // Gradients of the pairs are computed in parallel and added up in the order of the pairs: same bits for any
  // threads.
  std::vector<Vec3> pair_gradient(pairs.center.size(), Vec3{0, 0, 0});
  WithDegree(architecture_.l_max, [&](auto degree) {
    ForEachCenter(pairs.n_atoms, threads, [&](int i) {
      PairGeometry<Real> g;
      for (int p = first[i]; p < first[i + 1]; ++p) {
        if (!Geometry<degree()>(s, pairs.displacement[p], true, &g)) continue;
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
  const Setting<Real> s = MakeSetting<Real>(architecture_, density_scale_);
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
