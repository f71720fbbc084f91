// Real spherical harmonics up to degree 3 as polynomials of the unit vector, docs/potential_model.md equation
// 2: component normalisation (the squares of one degree sum to 2l + 1), no Condon-Shortley phase, index l² +
// l + m.
#pragma once

#include "potential/host_device.h"

namespace superion {

inline constexpr int kMaxDegree = 3;
inline constexpr int kMaxLm = (kMaxDegree + 1) * (kMaxDegree + 1);

namespace harmonics {
inline constexpr double kSqrt3 = 1.7320508075688772, kSqrt5 = 2.2360679774997898, kSqrt7 = 2.6457513110645907;
inline constexpr double kSqrt15 = 3.8729833462074170, kSqrt105 = 10.246950765959598;
inline constexpr double kSqrt35_8 = 2.0916500663351889, kSqrt21_8 = 1.6201851746019651;
}  // namespace harmonics

// `y` [(l_max + 1)²] at the unit vector (ux, uy, uz). Real: a scalar or a vector type of the compiler.
template <int kLMax, typename Scalar, typename Real>
[[gnu::always_inline]] SUPERION_HOST_DEVICE inline void SphericalHarmonics(Real ux, Real uy, Real uz,
                                                                           Real* y) {
  using namespace harmonics;
  y[0] = Real{} + Scalar(1);
  if constexpr (kLMax >= 1) {
    y[1] = Scalar(kSqrt3) * uy;
    y[2] = Scalar(kSqrt3) * uz;
    y[3] = Scalar(kSqrt3) * ux;
  }
  if constexpr (kLMax >= 2) {
    y[4] = Scalar(kSqrt15) * ux * uy;
    y[5] = Scalar(kSqrt15) * uy * uz;
    y[6] = Scalar(0.5 * kSqrt5) * (Scalar(3) * uz * uz - Scalar(1));
    y[7] = Scalar(kSqrt15) * ux * uz;
    y[8] = Scalar(0.5 * kSqrt15) * (ux * ux - uy * uy);
  }
  if constexpr (kLMax >= 3) {
    const Real five = Scalar(5) * uz * uz - Scalar(1);
    y[9] = Scalar(kSqrt35_8) * uy * (Scalar(3) * ux * ux - uy * uy);
    y[10] = Scalar(kSqrt105) * ux * uy * uz;
    y[11] = Scalar(kSqrt21_8) * uy * five;
    y[12] = Scalar(0.5 * kSqrt7) * uz * (five - Scalar(2));
    y[13] = Scalar(kSqrt21_8) * ux * five;
    y[14] = Scalar(0.5 * kSqrt105) * uz * (ux * ux - uy * uy);
    y[15] = Scalar(kSqrt35_8) * ux * (ux * ux - Scalar(3) * uy * uy);
  }
}

// Derivatives of the polynomials with respect to ux, uy, uz, each [(l_max + 1)²]. Only their part
// perpendicular to the unit vector has a meaning; the caller projects.
template <int kLMax, typename Scalar, typename Real>
[[gnu::always_inline]] SUPERION_HOST_DEVICE inline void SphericalHarmonicsGradient(Real ux, Real uy, Real uz,
                                                                                   Real* gx, Real* gy,
                                                                                   Real* gz) {
  using namespace harmonics;
  const Real zero{};
  gx[0] = gy[0] = gz[0] = zero;
  if constexpr (kLMax >= 1) {
    const Real c = zero + Scalar(kSqrt3);
    gx[1] = zero, gy[1] = c, gz[1] = zero;
    gx[2] = zero, gy[2] = zero, gz[2] = c;
    gx[3] = c, gy[3] = zero, gz[3] = zero;
  }
  if constexpr (kLMax >= 2) {
    const Real x = Scalar(kSqrt15) * ux, y = Scalar(kSqrt15) * uy, z = Scalar(kSqrt15) * uz;
    gx[4] = y, gy[4] = x, gz[4] = zero;
    gx[5] = zero, gy[5] = z, gz[5] = y;
    gx[6] = zero, gy[6] = zero, gz[6] = Scalar(3 * kSqrt5) * uz;
    gx[7] = z, gy[7] = zero, gz[7] = x;
    gx[8] = x, gy[8] = -y, gz[8] = zero;
  }
  if constexpr (kLMax >= 3) {
    const Real five = Scalar(kSqrt21_8) * (Scalar(5) * uz * uz - Scalar(1));
    const Real difference = ux * ux - uy * uy, xy = ux * uy, xz = ux * uz, yz = uy * uz;
    gx[9] = Scalar(6 * kSqrt35_8) * xy, gy[9] = Scalar(3 * kSqrt35_8) * difference, gz[9] = zero;
    gx[10] = Scalar(kSqrt105) * yz, gy[10] = Scalar(kSqrt105) * xz, gz[10] = Scalar(kSqrt105) * xy;
    gx[11] = zero, gy[11] = five, gz[11] = Scalar(10 * kSqrt21_8) * yz;
    gx[12] = zero, gy[12] = zero, gz[12] = Scalar(1.5 * kSqrt7) * (Scalar(5) * uz * uz - Scalar(1));
    gx[13] = five, gy[13] = zero, gz[13] = Scalar(10 * kSqrt21_8) * xz;
    gx[14] = Scalar(kSqrt105) * xz, gy[14] = Scalar(-kSqrt105) * yz,
    gz[14] = Scalar(0.5 * kSqrt105) * difference;
    gx[15] = Scalar(3 * kSqrt35_8) * difference, gy[15] = Scalar(-6 * kSqrt35_8) * xy, gz[15] = zero;
  }
}

// Sum over lm of t[lm] times the derivatives above: the three components in ox, oy, oz.
template <int kLMax, typename Scalar, typename Real>
[[gnu::always_inline]] SUPERION_HOST_DEVICE inline void ContractHarmonicsGradient(Real x, Real y, Real z,
                                                                                  const Real* t, Real* ox,
                                                                                  Real* oy, Real* oz) {
  using namespace harmonics;
  Real sx{}, sy{}, sz{};
  if constexpr (kLMax >= 1) {
    sx = Scalar(kSqrt3) * t[3], sy = Scalar(kSqrt3) * t[1], sz = Scalar(kSqrt3) * t[2];
  }
  if constexpr (kLMax >= 2) {
    sx += Scalar(kSqrt15) * (y * t[4] + z * t[7] + x * t[8]);
    sy += Scalar(kSqrt15) * (x * t[4] + z * t[5] - y * t[8]);
    sz += Scalar(kSqrt15) * (y * t[5] + x * t[7]) + Scalar(3 * kSqrt5) * z * t[6];
  }
  if constexpr (kLMax >= 3) {
    const Real xy = Scalar(2) * x * y, xz = x * z, yz = y * z, d = x * x - y * y,
               five = Scalar(5) * z * z - Scalar(1);
    sx += Scalar(3 * kSqrt35_8) * (xy * t[9] + d * t[15]) + Scalar(kSqrt105) * (yz * t[10] + xz * t[14]) +
          Scalar(kSqrt21_8) * five * t[13];
    sy += Scalar(3 * kSqrt35_8) * (d * t[9] - xy * t[15]) + Scalar(kSqrt105) * (xz * t[10] - yz * t[14]) +
          Scalar(kSqrt21_8) * five * t[11];
    sz += Scalar(0.5 * kSqrt105) * (xy * t[10] + d * t[14]) +
          Scalar(10 * kSqrt21_8) * (yz * t[11] + xz * t[13]) + Scalar(1.5 * kSqrt7) * five * t[12];
  }
  *ox = sx, *oy = sy, *oz = sz;
}

}  // namespace superion
