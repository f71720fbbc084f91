// The stages of pair_kernel.h. A stage is an object called once for every thread index; `launch(n, stage)`
// calls it for 0 .. n - 1 in any order, and stages follow one another.
#pragma once

#include "trainer/pair_kernel.h"

namespace superion::trainer {
namespace {

// A thread per pair: the gradient of G·A of its center by its displacement.
template <int kLMax, typename Real>
struct PairGradientStage {
  ForceArguments<Real> a;
  SUPERION_HOST_DEVICE void operator()(long p) const {
    PairGeometry<Real> g;
    double* out = a.pair_gradient + 3 * p;
    out[0] = out[1] = out[2] = 0.0;
    if (!Geometry<kLMax>(a.setting, a.pairs.displacement + 3 * p, true, &g)) return;
    const Real* block = a.gradient + a.pairs.center[p] * static_cast<long>(a.setting.n_density) +
                        a.pairs.neighbor_species[p] * a.setting.n_radial * a.setting.n_lm;
    PairGradient<kLMax>(a.setting, g, block, out);
  }
};

// A thread per component of a force: the pairs of the atom as center, then as neighbor.
struct ForceStage {
  PairArrays pairs;
  const double* pair_gradient;
  double* forces;
  SUPERION_HOST_DEVICE void operator()(long thread) const {
    const long i = thread / 3, a = thread % 3;
    double sum = 0.0;
    for (int p = pairs.first_pair[i]; p < pairs.first_pair[i + 1]; ++p) sum += pair_gradient[3L * p + a];
    for (int k = pairs.first_incoming[i]; k < pairs.first_incoming[i + 1]; ++k)
      sum -= pair_gradient[3L * pairs.incoming[k] + a];
    forces[thread] = sum;
  }
};

// A thread per component of the virial of an atom's pairs.
struct AtomVirialStage {
  PairArrays pairs;
  const double* pair_gradient;
  double* atom_virials;
  SUPERION_HOST_DEVICE void operator()(long thread) const {
    const long i = thread / 9, a = thread % 9 / 3, b = thread % 3;
    double sum = 0.0;
    for (int p = pairs.first_pair[i]; p < pairs.first_pair[i + 1]; ++p)
      sum -= pairs.displacement[3L * p + a] * pair_gradient[3L * p + b];
    atom_virials[thread] = sum;
  }
};

// A thread per component of the virial of a frame.
struct FrameVirialStage {
  PairArrays pairs;
  const double* atom_virials;
  double* virials;
  SUPERION_HOST_DEVICE void operator()(long thread) const {
    const long frame = thread / 9, component = thread % 9;
    double sum = 0.0;
    for (long i = pairs.first_atom[frame]; i < pairs.first_atom[frame + 1]; ++i)
      sum += atom_virials[9 * i + component];
    virials[thread] = sum;
  }
};

// A thread per pair: what the adjoint of its gradient is made of, [value, derivative, radial, angular].
template <int kLMax, typename Real>
struct FactorStage {
  AdjointArguments<Real> a;
  SUPERION_HOST_DEVICE void operator()(long p) const {
    const int n_radial = a.setting.n_radial, n_lm = a.setting.n_lm;
    Real* value = a.factors + 2 * p * (n_radial + n_lm);
    Real *derivative = value + n_radial, *radial = derivative + n_radial, *angular = radial + n_lm;
    PairGeometry<Real> g;
    const double* displacement = a.pairs.displacement + 3 * p;
    if (!Geometry<kLMax>(a.setting, displacement, true, &g)) {
      for (int k = 0; k < 2 * (n_radial + n_lm); ++k) value[k] = Real(0);
      return;
    }
    const long i = a.pairs.center[p], j = a.pairs.neighbor[p];
    const double* virial = a.virial_cotangent;
    double cotangent[3];
    DisplacementCotangent(a.force_cotangent + 3 * i, a.force_cotangent + 3 * j,
                          virial == nullptr ? nullptr : virial + 9L * a.pairs.frame[i], displacement,
                          cotangent);
    for (int n = 0; n < n_radial; ++n) value[n] = g.value[n], derivative[n] = g.derivative[n];
    PairCotangent<kLMax>(a.setting, g, cotangent, radial, angular);
  }
};

// A thread per component of the cotangent of G: the pairs of its center with neighbors of its species.
template <typename Real>
struct CotangentStage {
  AdjointArguments<Real> a;
  SUPERION_HOST_DEVICE void operator()(long thread) const {
    const int n_radial = a.setting.n_radial, n_lm = a.setting.n_lm;
    const long i = thread / a.setting.n_density;
    const int element = static_cast<int>(thread % a.setting.n_density);
    const int lm = element % n_lm, n = element / n_lm % n_radial, species = element / n_lm / n_radial;
    Real sum = 0;
    for (int p = a.pairs.first_pair[i]; p < a.pairs.first_pair[i + 1]; ++p) {
      if (a.pairs.neighbor_species[p] != species) continue;
      const Real *value = a.factors + 2L * p * (n_radial + n_lm), *radial = value + 2 * n_radial;
      sum += value[n_radial + n] * radial[lm] + value[n] * radial[n_lm + lm];
    }
    a.gradient_cotangent[thread] = sum;
  }
};

template <int kLMax, typename Real, typename Launch>
void RunForces(const ForceArguments<Real>& a, const Launch& launch) {
  launch(a.pairs.n_pairs, PairGradientStage<kLMax, Real>{a});
  launch(3 * a.pairs.n_atoms, ForceStage{a.pairs, a.pair_gradient, a.forces});
  if (a.virials == nullptr) return;
  launch(9 * a.pairs.n_atoms, AtomVirialStage{a.pairs, a.pair_gradient, a.atom_virials});
  launch(9 * a.pairs.n_frames, FrameVirialStage{a.pairs, a.atom_virials, a.virials});
}

template <int kLMax, typename Real, typename Launch>
void RunAdjoint(const AdjointArguments<Real>& a, const Launch& launch) {
  launch(a.pairs.n_pairs, FactorStage<kLMax, Real>{a});
  launch(a.pairs.n_atoms * a.setting.n_density, CotangentStage<Real>{a});
}

}  // namespace
}  // namespace superion::trainer

// Instantiates FUNCTION for every degree and precision.
#define SUPERION_FOR_EVERY_KERNEL(FUNCTION) \
  FUNCTION(0, float)                        \
  FUNCTION(0, double)                       \
  FUNCTION(1, float)                        \
  FUNCTION(1, double)                       \
  FUNCTION(2, float)                        \
  FUNCTION(2, double)                       \
  FUNCTION(3, float)                        \
  FUNCTION(3, double)                       \
  FUNCTION(4, float)                        \
  FUNCTION(4, double)                       \
  FUNCTION(5, float)                        \
  FUNCTION(5, double)
