// Three-vectors and 3x3 matrices. Rows of a cell matrix are the cell vectors a, b, c.
#pragma once

#include <array>
#include <cmath>

namespace superion {

using Vec3 = std::array<double, 3>;
using Mat3 = std::array<Vec3, 3>;

inline Vec3 operator+(const Vec3& a, const Vec3& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
inline Vec3 operator-(const Vec3& a, const Vec3& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
inline Vec3 operator*(double s, const Vec3& a) { return {s * a[0], s * a[1], s * a[2]}; }
inline Vec3& operator+=(Vec3& a, const Vec3& b) { return a = a + b; }
inline Vec3& operator-=(Vec3& a, const Vec3& b) { return a = a - b; }
inline double Dot(const Vec3& a, const Vec3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
inline double Norm(const Vec3& a) { return std::sqrt(Dot(a, a)); }
inline Vec3 Cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

// Row vector times matrix: Cartesian from fractional coordinates when `m` is a cell.
inline Vec3 operator*(const Vec3& v, const Mat3& m) { return v[0] * m[0] + v[1] * m[1] + v[2] * m[2]; }

// Signed volume of the parallelepiped of the rows, Å³.
inline double Determinant(const Mat3& m) { return Dot(m[0], Cross(m[1], m[2])); }

// Inverse; the caller makes sure that the determinant is not zero.
inline Mat3 Inverse(const Mat3& m) {
  const double d = 1.0 / Determinant(m);
  const Vec3 x = d * Cross(m[1], m[2]), y = d * Cross(m[2], m[0]), z = d * Cross(m[0], m[1]);
  return {{{x[0], y[0], z[0]}, {x[1], y[1], z[1]}, {x[2], y[2], z[2]}}};
}

}  // namespace superion
