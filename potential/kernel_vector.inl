// Vector types of the compiler, a small dense product and the activation. Included inside an instruction
// set's namespace.

#if SUPERION_VECTOR_BYTES == 64
constexpr int kRegisters = 24, kRowBlock = 8, kColumnBlock = 2;
#else
constexpr int kRegisters = 12, kRowBlock = 4, kColumnBlock = 2;
#endif

template <typename Real>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float type __attribute__((vector_size(SUPERION_VECTOR_BYTES)));
  typedef int32_t index __attribute__((vector_size(SUPERION_VECTOR_BYTES)));
};
template <>
struct VectorOf<double> {
  typedef double type __attribute__((vector_size(SUPERION_VECTOR_BYTES)));
  typedef int64_t index __attribute__((vector_size(SUPERION_VECTOR_BYTES)));
};
template <typename Real>
using Vector = typename VectorOf<Real>::type;
template <typename Real>
constexpr int kWidth = SUPERION_VECTOR_BYTES / static_cast<int>(sizeof(Real));

template <typename Real>
[[gnu::always_inline]] inline Vector<Real> Load(const Real* p) {
  return *reinterpret_cast<const Vector<Real>*>(p);
}
template <typename Real>
[[gnu::always_inline]] inline void Store(Real* p, Vector<Real> v) {
  *reinterpret_cast<Vector<Real>*>(p) = v;
}
template <typename Real>
[[gnu::always_inline]] inline Real Sum(Vector<Real> v) {
  Real sum = v[0];
  for (int k = 1; k < kWidth<Real>; ++k) sum += v[k];
  return sum;
}

// c[row][columns] = init[columns] + sum_k a[row][k] b[k][columns]; rows are found through offsets.
template <typename Real>
struct Product {
  const Real* a;
  const int* a_row;
  int a_step;  // between k and k + 1
  int depth;
  const Real* b;     // [depth][columns]
  int columns;       // multiple of kPad
  const Real* init;  // [columns] or null
  Real* c;
  const int* c_row;
};

template <typename Real, int kRows, int kVectors>
[[gnu::always_inline]] inline void ProductBlock(const Product<Real>& p, int row, int column) {
  constexpr int w = kWidth<Real>;
  Vector<Real> sum[kRows][kVectors];
  const Real* a[kRows];
  for (int r = 0; r < kRows; ++r) {
    a[r] = p.a + p.a_row[row + r];
    for (int v = 0; v < kVectors; ++v) {
      sum[r][v] = p.init == nullptr ? Vector<Real>{} : Load(p.init + column + v * w);
    }
  }
  const Real* b = p.b + column;
  for (int k = 0, at = 0; k < p.depth; ++k, at += p.a_step, b += p.columns) {
    Vector<Real> line[kVectors];
    for (int v = 0; v < kVectors; ++v) line[v] = Load(b + v * w);
    for (int r = 0; r < kRows; ++r) {
      const Real factor = a[r][at];
      for (int v = 0; v < kVectors; ++v) sum[r][v] += factor * line[v];
    }
  }
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) Store(p.c + p.c_row[row + r] + column + v * w, sum[r][v]);
}

template <typename Real, int kRows>
void ProductRows(const Product<Real>& p, int row) {
  constexpr int w = kWidth<Real>;
  int column = 0;
  for (; column + kColumnBlock * w <= p.columns; column += kColumnBlock * w) {
    ProductBlock<Real, kRows, kColumnBlock>(p, row, column);
  }
  for (; column < p.columns; column += w) ProductBlock<Real, kRows, 1>(p, row, column);
}

template <typename Real, int kRows>
void ProductTail(const Product<Real>& p, int row, int rows) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return ProductRows<Real, kRows>(p, row);
    ProductTail<Real, kRows - 1>(p, row, rows);
  }
}

template <typename Real>
void Multiply(const Product<Real>& p, int rows) {
  int row = 0;
  for (; row + kRowBlock <= rows; row += kRowBlock) ProductRows<Real, kRowBlock>(p, row);
  ProductTail<Real, kRowBlock - 1>(p, row, rows - row);
}

// exp(x): 2^n times a polynomial in the rest, |rest| <= ln 2 / 2; relative error 2e-7.
[[gnu::always_inline]] inline Vector<float> Exponential(Vector<float> x) {
  const Vector<float> low = Vector<float>{} - 87.0f, high = Vector<float>{} + 87.0f;
  x = x < low ? low : x;
  x = x > high ? high : x;
  const Vector<float> shift =
      Vector<float>{} + 12582912.0f;  // 1.5 · 2^23: rounds to an integer in the low bits
  const Vector<float> shifted = x * 1.44269504088896341f + shift, n = shifted - shift;
  const Vector<float> f = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Vector<float> y = f * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * f + 8.3334519073e-3f;
  y = y * f + 4.1665795894e-2f;
  y = y * f + 1.6666665459e-1f;
  y = y * f + 5.0000001201e-1f;
  y = y * f * f + f + 1.0f;
  using Index = VectorOf<float>::index;
  const Index exponent = (Index)shifted << 23;  // the bits of the constant fall out on the left
  return (Vector<float>)((Index)y + exponent);
}
[[gnu::always_inline]] inline Vector<double> Exponential(Vector<double> x) {
  Vector<double> y;
  for (int k = 0; k < kWidth<double>; ++k) y[k] = __builtin_exp(x[k]);
  return y;
}

// h = z sigmoid(z) in place and its slope.
template <typename Real>
void Silu(int n, Real* z, Real* slope) {
  for (int k = 0; k < n; k += kWidth<Real>) {
    const Vector<Real> x = Load(z + k);
    const Vector<Real> sigmoid = Real(1) / (Real(1) + Exponential(-x));
    Store(z + k, Vector<Real>(x * sigmoid));
    Store(slope + k, Vector<Real>(sigmoid * (Real(1) + x * (Real(1) - sigmoid))));
  }
}
