// What one pair of atoms gives to the density, to the forces and to the adjoint of the forces; equations 1-3
// and 9 of docs/potential_model.md. Shared by the loops of density.cc and the CUDA kernels of the trainer:
// plain pointers and arithmetic only.
#pragma once

#include <math.h>

#include "potential/host_device.h"
#include "potential/spherical_harmonics.h"

namespace superion {

inline constexpr int kMaxRadial = 32;

template <typename Real>
struct PairSetting {
  int n_radial, n_lm, n_density;
  int cutoff_power;
  bool smoothstep;
  Real cutoff, scale;  // Å, density_scale
};

template <typename Real>
struct PairGeometry {
  Real r, unit[3];
  Real value[kMaxRadial], derivative[kMaxRadial];  // B_n(r), dB_n/dr
  Real y[kMaxLm], gradient[3][kMaxLm];
};

// f_c and df_c/du at u = r / r_c, equation 1. The factored forms vanish without cancellation at u = 1.
template <typename Real>
SUPERION_HOST_DEVICE inline void CutoffFunction(int power, Real u, Real* f, Real* df) {
  const Real v = 1 - u;
  if (power == 0) {
    *f = v * v * v * (1 + u * (3 + 6 * u)), *df = -30 * u * u * v * v;
    return;
  }
  Real p = v;
  for (int k = 2; k < power; ++k) p *= v;
  *f = p * v, *df = -power * p;
}

// Argument x of the Chebyshev polynomials and dx/du at u = r / r_c, equation 1.
template <typename Real>
SUPERION_HOST_DEVICE inline void ChebyshevArgument(bool smoothstep, Real u, Real* x, Real* dx) {
  const Real v = 1 - u;
  if (smoothstep)
    *x = u * u * u * (20 - u * (30 - 12 * u)) - 1, *dx = 60 * u * u * v * v;
  else
    *x = u - v, *dx = 2;
}

// B_n(r) and dB_n/dr, equation 1.
template <typename Real>
SUPERION_HOST_DEVICE inline void RadialFunctions(const PairSetting<Real>& s, Real r, Real* value,
                                                 Real* derivative) {
  const Real u = r / s.cutoff;
  Real x, dx, f, df;
  ChebyshevArgument(s.smoothstep, u, &x, &dx);
  CutoffFunction(s.cutoff_power, u, &f, &df);
  dx /= s.cutoff, df /= s.cutoff;
  Real t0 = 1, t1 = x, s0 = 0, s1 = 1;  // T_n and dT_n/dx by recursion
  for (int n = 0; n < s.n_radial; ++n) {
    value[n] = t0 * f;
    derivative[n] = s0 * dx * f + t0 * df;
    const Real t2 = 2 * x * t1 - t0, s2 = 2 * t1 + 2 * x * s1 - s0;
    t0 = t1, t1 = t2, s0 = s1, s1 = s2;
  }
}

// `d` [3] is the displacement, Å. False beyond the cutoff.
template <int kLMax, typename Real>
SUPERION_HOST_DEVICE inline bool Geometry(const PairSetting<Real>& s, const double* d, bool with_gradient,
                                          PairGeometry<Real>* g) {
  const double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  if (!(r < static_cast<double>(s.cutoff)) || r == 0.0) return false;
  g->r = static_cast<Real>(r);
  for (int a = 0; a < 3; ++a) g->unit[a] = static_cast<Real>(d[a] / r);
  RadialFunctions(s, g->r, g->value, g->derivative);
  SphericalHarmonics<kLMax, Real>(g->unit[0], g->unit[1], g->unit[2], g->y);
  if (with_gradient) {
    SphericalHarmonicsGradient<kLMax, Real>(g->unit[0], g->unit[1], g->unit[2], g->gradient[0],
                                            g->gradient[1], g->gradient[2]);
  }
  return true;
}

// Gradient of G·A with respect to the displacement of one pair; `gradient` [n_radial, n_lm] is G of the
// center at the neighbor's species.
template <int kLMax, typename Real>
SUPERION_HOST_DEVICE inline void PairGradient(const PairSetting<Real>& s, const PairGeometry<Real>& g,
                                              const Real* gradient, double* out) {
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

// Cotangent [3] of the gradient by the displacement of a pair of atoms i and j: forces hold +gradient at i
// and -gradient at j, the virial -displacement ⊗ gradient. `virial` [9] may be null.
SUPERION_HOST_DEVICE inline void DisplacementCotangent(const double* force_i, const double* force_j,
                                                       const double* virial, const double* displacement,
                                                       double* out) {
  for (int a = 0; a < 3; ++a) {
    out[a] = force_i[a] - force_j[a];
    if (virial == nullptr) continue;
    for (int b = 0; b < 3; ++b) out[a] -= displacement[b] * virial[3 * b + a];
  }
}

// Adjoint of PairGradient: ∂/∂gradient[n, lm] of cotangent · PairGradient is
// derivative[n] radial[lm] + value[n] angular[lm]. `cotangent` [3], `radial` and `angular` [n_lm].
template <int kLMax, typename Real>
SUPERION_HOST_DEVICE inline void PairCotangent(const PairSetting<Real>& s, const PairGeometry<Real>& g,
                                               const double* cotangent, Real* radial, Real* angular) {
  constexpr int kLm = (kLMax + 1) * (kLMax + 1);
  Real c[3];
  for (int a = 0; a < 3; ++a) c[a] = static_cast<Real>(cotangent[a]) * s.scale;
  const Real along = c[0] * g.unit[0] + c[1] * g.unit[1] + c[2] * g.unit[2];
  for (int a = 0; a < 3; ++a) c[a] = (c[a] - along * g.unit[a]) / g.r;
  for (int lm = 0; lm < kLm; ++lm) {
    radial[lm] = along * g.y[lm];
    angular[lm] = c[0] * g.gradient[0][lm] + c[1] * g.gradient[1][lm] + c[2] * g.gradient[2][lm];
  }
}

}  // namespace superion
