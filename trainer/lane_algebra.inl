// Vectors of lanes, small matrix products and the activation, for the instruction set that the including
// source is compiled for. Only for atom_network_kernel.cc: everything lies in an unnamed namespace of that
// instruction set.
#pragma once

#include <math.h>
#include <string.h>

#define SUPERION_INLINED __attribute__((always_inline))
#define SUPERION_INLINE inline SUPERION_INLINED

namespace superion::trainer::SUPERION_ISA {
namespace {

template <typename Real>
struct LanesOf {
  typedef Real Type __attribute__((vector_size(SUPERION_LANE_BYTES)));
  static constexpr int kCount = SUPERION_LANE_BYTES / static_cast<int>(sizeof(Real));
};
template <typename Real>
using Lanes = typename LanesOf<Real>::Type;

template <typename V, typename Real>
SUPERION_INLINE V Load(const Real* p) {
  V v;
  memcpy(&v, p, sizeof v);
  return v;
}
template <typename V, typename Real>
SUPERION_INLINE void Store(Real* p, const V& v) {
  memcpy(p, &v, sizeof v);
}
template <typename V, typename Real>
SUPERION_INLINE void Add(Real* p, const V& v) {
  Store<V>(p, Load<V>(p) + v);
}

// A matrix read element by element: element (row, column) is data[row * row_stride + column * column_stride].
template <typename Real>
struct Strided {
  const Real* data;
  long row_stride, column_stride;
};

template <typename Real, int kRows, typename V>
SUPERION_INLINE void GemmBlock(int inner, Strided<Real> a, const Real* b, long ldb, Real* c, long ldc,
                               bool add) {
  V sum[kRows];
  for (int r = 0; r < kRows; ++r) sum[r] = add ? Load<V>(c + r * ldc) : V{};
  for (int j = 0; j < inner; ++j) {
    const V bj = Load<V>(b + j * ldb);
    for (int r = 0; r < kRows; ++r) sum[r] += a.data[r * a.row_stride + j * a.column_stride] * bj;
  }
  for (int r = 0; r < kRows; ++r) Store<V>(c + r * ldc, sum[r]);
}

template <typename Real, int kRows, typename V>
SUPERION_INLINE void GemmBlock2(int inner, Strided<Real> a, const Real* b, long ldb, Real* c, long ldc,
                                bool add) {
  constexpr int kLanes = LanesOf<Real>::kCount;
  V sum[kRows][2];
  for (int r = 0; r < kRows; ++r)
    for (int s = 0; s < 2; ++s) sum[r][s] = add ? Load<V>(c + r * ldc + s * kLanes) : V{};
  for (int j = 0; j < inner; ++j) {
    const V b0 = Load<V>(b + j * ldb), b1 = Load<V>(b + j * ldb + kLanes);
    for (int r = 0; r < kRows; ++r) {
      const Real arj = a.data[r * a.row_stride + j * a.column_stride];
      sum[r][0] += arj * b0;
      sum[r][1] += arj * b1;
    }
  }
  for (int r = 0; r < kRows; ++r)
    for (int s = 0; s < 2; ++s) Store<V>(c + r * ldc + s * kLanes, sum[r][s]);
}

template <typename Real, int kRows>
void GemmRows(int inner, int cols, Strided<Real> a, const Real* b, long ldb, Real* c, long ldc, bool add) {
  using V = Lanes<Real>;
  constexpr int kLanes = LanesOf<Real>::kCount;
  int col = 0;
  for (; col + 2 * kLanes <= cols; col += 2 * kLanes)
    GemmBlock2<Real, kRows, V>(inner, a, b + col, ldb, c + col, ldc, add);
  for (; col + kLanes <= cols; col += kLanes)
    GemmBlock<Real, kRows, V>(inner, a, b + col, ldb, c + col, ldc, add);
  for (; col < cols; ++col) GemmBlock<Real, kRows, Real>(inner, a, b + col, ldb, c + col, ldc, add);
}

// c[rows, cols] (+)= a[rows, inner] b[inner, cols]
template <typename Real>
void Gemm(int rows, int inner, int cols, Strided<Real> a, const Real* b, long ldb, Real* c, long ldc,
          bool add) {
  constexpr int kBlock = SUPERION_LANE_BYTES == 64 ? 8 : 4;
  int row = 0;
  for (; row + kBlock <= rows; row += kBlock)
    GemmRows<Real, kBlock>(inner, cols, {a.data + row * a.row_stride, a.row_stride, a.column_stride}, b, ldb,
                           c + row * ldc, ldc, add);
  for (; row < rows; ++row)
    GemmRows<Real, 1>(inner, cols, {a.data + row * a.row_stride, a.row_stride, a.column_stride}, b, ldb,
                      c + row * ldc, ldc, add);
}

SUPERION_INLINE double Exp(double x) { return exp(x); }
// Cody and Waite's reduction and a polynomial of degree 6: relative error below 2e-7 for |x| < 87.
SUPERION_INLINE float Exp(float x) {
  x = x > 87.0f ? 87.0f : (x < -87.0f ? -87.0f : x);
  const float k = __builtin_rintf(x * 1.44269504f);
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float y = p * r * r + r + 1.0f;
  const int bits = (static_cast<int>(k) + 127) << 23;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  return y * scale;
}

// h = silu(z), slope = silu'(z)
template <typename Real>
void Silu(int count, const Real* z, Real* h, Real* slope) {
  for (int i = 0; i < count; ++i) {
    const Real sigma = Real(1) / (Real(1) + Exp(-z[i]));
    h[i] = z[i] * sigma;
    slope[i] = sigma * (Real(1) + z[i] * (Real(1) - sigma));
  }
}

// silu''(z)
template <typename Real>
SUPERION_INLINE Real SiluCurvature(Real z) {
  const Real sigma = Real(1) / (Real(1) + Exp(-z));
  return sigma * (Real(1) - sigma) * (Real(2) + z * (Real(1) - Real(2) * sigma));
}

}  // namespace
}  // namespace superion::trainer::SUPERION_ISA
