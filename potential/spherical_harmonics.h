// Real spherical harmonics as polynomials of the unit vector, docs/potential_model.md equation 2: component
// normalisation (the squares of one degree sum to 2l + 1), no Condon-Shortley phase, index l² + l + m.
//
// Y_l,±m = Q_lm(z) Re or Im w^m with w = x + iy and Q_lm the m-th derivative of the Legendre polynomial P_l,
// normalised. Q follows from a recursion in l, its derivative is a multiple of Q_l,m+1, that of w^m one of
// w^(m-1): no constant but the norms below.
#pragma once

#include "potential/host_device.h"

namespace superion {

inline constexpr int kMaxDegree = 5;
inline constexpr int kMaxLm = (kMaxDegree + 1) * (kMaxDegree + 1);

namespace harmonics {

constexpr double SquareRoot(double x) {
  double root = x > 1 ? x : 1;
  for (int k = 0; k < 60; ++k) root = 0.5 * (root + x / root);
  return root;
}

// Norm of Y_lm over that of the m-th derivative of P_l: sqrt((2l + 1) (2 - δ_m0) (l - m)! / (l + m)!).
constexpr double Norm(int l, int m) {
  double square = (2 * l + 1) * (m == 0 ? 1 : 2);
  for (int k = l - m + 1; k <= l + m; ++k) square /= k;
  return SquareRoot(square);
}
constexpr double DoubleFactorial(int n) { return n <= 1 ? 1 : n * DoubleFactorial(n - 2); }

// Q_mm; factors of z Q_l-1,m and of Q_l-2,m in Q_lm; Q_lm' / Q_l,m+1.
template <int m>
inline constexpr double kFirst = Norm(m, m) * DoubleFactorial(2 * m - 1);
template <int l, int m>
inline constexpr double kOnce = (2 * l - 1) * Norm(l, m) / Norm(l - 1, m) / (l - m);
template <int l, int m>
inline constexpr double kTwice = (l + m - 1) * Norm(l, m) / Norm(l - 2, m) / (l - m);
template <int l, int m>
inline constexpr double kSlope = Norm(l, m) / Norm(l, m + 1);

SUPERION_HOST_DEVICE constexpr int Column(int l, int m) { return l * (l + 1) / 2 + m; }

// q [(l_max + 1)(l_max + 2)/2]: Q_lm(z) at Column(l, m).
template <int kLMax, typename Scalar, int l = 0, int m = 0, typename Real>
[[gnu::always_inline]] SUPERION_HOST_DEVICE inline void Legendre(Real z, Real* q) {
  if constexpr (m > kLMax) {
    return;
  } else if constexpr (l > kLMax) {
    Legendre<kLMax, Scalar, m + 1, m + 1>(z, q);
  } else {
    if constexpr (l == m)
      q[Column(l, m)] = Real{} + Scalar(kFirst<m>);
    else if constexpr (l == m + 1)
      q[Column(l, m)] = Scalar(kOnce<l, m> * kFirst<m>) * z;
    else
      q[Column(l, m)] =
          Scalar(kOnce<l, m>) * z * q[Column(l - 1, m)] - Scalar(kTwice<l, m>) * q[Column(l - 2, m)];
    Legendre<kLMax, Scalar, l + 1, m>(z, q);
  }
}

// re, im [l_max + 1]: (x + iy)^m.
template <int kLMax, typename Scalar, int m = 0, typename Real>
[[gnu::always_inline]] SUPERION_HOST_DEVICE inline void Powers(Real x, Real y, Real* re, Real* im) {
  if constexpr (m == 0) {
    re[0] = Real{} + Scalar(1), im[0] = Real{};
  } else if constexpr (m == 1) {
    re[1] = x, im[1] = y;
  } else {
    re[m] = x * re[m - 1] - y * im[m - 1];
    im[m] = x * im[m - 1] + y * re[m - 1];
  }
  if constexpr (m < kLMax) Powers<kLMax, Scalar, m + 1>(x, y, re, im);
}

// Q and the powers at one direction, and what is made of them; template recursions run over l and m <= l.
template <int kLMax, typename Scalar, typename Real>
struct Polynomials {
  Real q[(kLMax + 1) * (kLMax + 2) / 2], re[kLMax + 1], im[kLMax + 1];

  [[gnu::always_inline]] SUPERION_HOST_DEVICE inline Polynomials(Real x, Real y, Real z) {
    Legendre<kLMax, Scalar>(z, q);
    Powers<kLMax, Scalar>(x, y, re, im);
  }

  template <int l = 0, int m = 0>
  [[gnu::always_inline]] SUPERION_HOST_DEVICE inline void Values(Real* out) const {
    if constexpr (l <= kLMax) {
      out[l * l + l + m] = q[Column(l, m)] * re[m];
      if constexpr (m > 0) out[l * l + l - m] = q[Column(l, m)] * im[m];
      Values<m == l ? l + 1 : l, m == l ? 0 : m + 1>(out);
    }
  }

  template <int l = 0, int m = 0>
  [[gnu::always_inline]] SUPERION_HOST_DEVICE inline void Gradients(Real* gx, Real* gy, Real* gz) const {
    if constexpr (l <= kLMax) {
      const Real zero{};
      constexpr int plus = l * l + l + m, minus = l * l + l - m;
      gx[plus] = gy[plus] = gz[plus] = zero;
      if constexpr (m > 0) {
        const Real c = Scalar(m) * q[Column(l, m)];
        gx[plus] = c * re[m - 1], gy[plus] = -c * im[m - 1];
        gx[minus] = c * im[m - 1], gy[minus] = c * re[m - 1], gz[minus] = zero;
      }
      if constexpr (m < l) {
        const Real slope = Scalar(kSlope<l, m>) * q[Column(l, m + 1)];
        gz[plus] = slope * re[m];
        if constexpr (m > 0) gz[minus] = slope * im[m];
      }
      Gradients<m == l ? l + 1 : l, m == l ? 0 : m + 1>(gx, gy, gz);
    }
  }

  // Sums over l of t_l,±m Q_lm (value) and of t_l,±m Q_lm' (slope), then over m.
  template <int m = 0>
  [[gnu::always_inline]] SUPERION_HOST_DEVICE inline void Contract(const Real* t, Real* sx, Real* sy,
                                                                   Real* sz) const {
    if constexpr (m <= kLMax) {
      Real value_plus{}, value_minus{}, slope_plus{}, slope_minus{};
      Sums<m, m>(t, &value_plus, &value_minus, &slope_plus, &slope_minus);
      if constexpr (m == 0) {
        *sz += slope_plus;
      } else {
        *sx += Scalar(m) * (value_plus * re[m - 1] + value_minus * im[m - 1]);
        *sy += Scalar(m) * (value_minus * re[m - 1] - value_plus * im[m - 1]);
        *sz += slope_plus * re[m] + slope_minus * im[m];
      }
      Contract<m + 1>(t, sx, sy, sz);
    }
  }

 private:
  template <int l, int m>
  [[gnu::always_inline]] SUPERION_HOST_DEVICE inline void Sums(const Real* t, Real* vp, Real* vm, Real* sp,
                                                               Real* sm) const {
    if constexpr (l <= kLMax) {
      if constexpr (m > 0) {
        *vp += q[Column(l, m)] * t[l * l + l + m];
        *vm += q[Column(l, m)] * t[l * l + l - m];
      }
      if constexpr (m < l) {
        const Real slope = Scalar(kSlope<l, m>) * q[Column(l, m + 1)];
        *sp += slope * t[l * l + l + m];
        if constexpr (m > 0) *sm += slope * t[l * l + l - m];
      }
      Sums<l + 1, m>(t, vp, vm, sp, sm);
    }
  }
};

}  // namespace harmonics

// `y` [(l_max + 1)²] at the unit vector (ux, uy, uz). Real: a scalar or a vector type of the compiler.
template <int kLMax, typename Scalar, typename Real>
[[gnu::always_inline]] SUPERION_HOST_DEVICE inline void SphericalHarmonics(Real ux, Real uy, Real uz,
                                                                           Real* y) {
  harmonics::Polynomials<kLMax, Scalar, Real>(ux, uy, uz).Values(y);
}

// Derivatives of the polynomials with respect to ux, uy, uz, each [(l_max + 1)²]. Only their part
// perpendicular to the unit vector has a meaning; the caller projects.
template <int kLMax, typename Scalar, typename Real>
[[gnu::always_inline]] SUPERION_HOST_DEVICE inline void SphericalHarmonicsGradient(Real ux, Real uy, Real uz,
                                                                                   Real* gx, Real* gy,
                                                                                   Real* gz) {
  harmonics::Polynomials<kLMax, Scalar, Real>(ux, uy, uz).Gradients(gx, gy, gz);
}

// Sum over lm of t[lm] times the derivatives above: the three components in ox, oy, oz.
template <int kLMax, typename Scalar, typename Real>
[[gnu::always_inline]] SUPERION_HOST_DEVICE inline void ContractHarmonicsGradient(Real x, Real y, Real z,
                                                                                  const Real* t, Real* ox,
                                                                                  Real* oy, Real* oz) {
  Real sx{}, sy{}, sz{};
  harmonics::Polynomials<kLMax, Scalar, Real>(x, y, z).Contract(t, &sx, &sy, &sz);
  *ox = sx, *oy = sy, *oz = sz;
}

}  // namespace superion
