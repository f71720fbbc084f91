// Work on pairs: sorting the neighbors of a center by species, equations 1-3 and their derivative. Included
// inside an instruction set's namespace.

// Where the pairs of species z at tile atom t begin in the workspace.
template <typename Real>
[[gnu::always_inline]] inline int GroupBegin(const PackedModel<Real>& m, const Workspace<Real>& ws, int t,
                                             int z) {
  return (t * m.n_species + z) * ws.capacity;
}

template <typename Real>
[[gnu::always_inline]] inline int Padded(int count) {
  return (count + kWidth<Real> - 1) / kWidth<Real> * kWidth<Real>;
}

// Pairs within the cutoff, grouped by species; each group is padded with pairs beyond the cutoff.
template <typename Real>
void Gather(const PackedModel<Real>& m, const Frame<Real>& frame, const Tile& tile, int t,
            const Workspace<Real>& ws, const Results<Real>& results) {
  const int atom = tile.atoms[t], base = GroupBegin(m, ws, t, 0), end = frame.first[atom + 1];
  const double* core = m.core_range_squared + tile.species * m.n_species;
  int* count = ws.count + t * m.n_species;
  for (int z = 0; z < m.n_species; ++z) count[z] = 0;
  bool in_core = false;
  for (int p = frame.first[atom]; p < end;) {
    const int z = frame.neighbor_species[p], begin = base + z * ws.capacity;
    int at = begin + count[z];
    double nearest = m.cutoff_squared;
    do {  // a run of one species: `at` need not go through memory
      const double x = frame.displacement[3 * p], y = frame.displacement[3 * p + 1],
                   d = frame.displacement[3 * p + 2];
      const double square = x * x + y * y + d * d;
      ws.x[at] = static_cast<Real>(x);
      ws.y[at] = static_cast<Real>(y);
      ws.z[at] = static_cast<Real>(d);
      ws.r[at] = static_cast<Real>(square);
      ws.j[at] = frame.neighbor[p];
      at += square < m.cutoff_squared && square > 0.0;
      nearest = square < nearest ? square : nearest;
      ++p;
    } while (p < end && frame.neighbor_species[p] == z);
    count[z] = at - begin;
    in_core |= nearest < core[z];
  }
  results.in_core[atom] = in_core;
  int total = 0;
  for (int z = 0; z < m.n_species; ++z) {
    total += count[z];
    for (int k = count[z]; k < Padded<Real>(count[z]); ++k) {
      const int at = base + z * ws.capacity + k;
      ws.x[at] = ws.y[at] = 0;
      ws.z[at] = 2 * m.cutoff;
      ws.r[at] = 4 * m.cutoff * m.cutoff;
    }
  }
  results.count[atom] = total;
}

// f_c and df_c/du, equation 1.
template <typename Real>
[[gnu::always_inline]] inline void CutoffFunction(int power, Vector<Real> u, Vector<Real>* f,
                                                  Vector<Real>* df) {
  const Vector<Real> one = Vector<Real>{} + Real(1), v = one - u;
  if (power == 0) {
    *f = v * v * v * (one + u * (Real(3) + Real(6) * u)), *df = Real(-30) * u * u * v * v;
    return;
  }
  Vector<Real> p = v;
  for (int k = 2; k < power; ++k) p *= v;
  *f = p * v, *df = Real(-power) * p;
}

// Argument x of the Chebyshev polynomials and dx/du, equation 1.
template <typename Real>
[[gnu::always_inline]] inline void ChebyshevArgument(bool smoothstep, Vector<Real> u, Vector<Real>* x,
                                                     Vector<Real>* dx) {
  const Vector<Real> one = Vector<Real>{} + Real(1), v = one - u;
  if (smoothstep)
    *x = u * u * u * (Real(20) - u * (Real(30) - Real(12) * u)) - one, *dx = Real(60) * u * u * v * v;
  else
    *x = u + u - one, *dx = one + one;
}

// B_n and, with the second pointer, dB_n/dr for one vector of pairs: [n_radial][width].
template <typename Real>
[[gnu::always_inline]] inline void RadialFunctions(int n_radial, const PackedModel<Real>& m, Vector<Real> r,
                                                   Vector<Real>* value, Vector<Real>* derivative) {
  const Vector<Real> one = Vector<Real>{} + Real(1);
  const Real inverse = Real(1) / m.cutoff;
  Vector<Real> u = r * inverse;
  u = u > one ? one : u;
  Vector<Real> x, dx, f, df;
  ChebyshevArgument<Real>(m.smoothstep, u, &x, &dx);
  CutoffFunction<Real>(m.cutoff_power, u, &f, &df);
  df *= inverse;
  const Vector<Real> slope = dx * inverse * f;
  Vector<Real> t0 = one, t1 = x, s0 = Vector<Real>{}, s1 = one;
  for (int n = 0; n < n_radial; ++n) {
    value[n] = t0 * f;
    if (derivative != nullptr) derivative[n] = s0 * slope + t0 * df;
    const Vector<Real> t2 = Real(2) * x * t1 - t0;
    const Vector<Real> s2 = Real(2) * (t1 + x * s1) - s0;
    t0 = t1, t1 = t2, s0 = s1, s1 = s2;
  }
}

// Exchanges the blocks of kHalf x kHalf numbers off the diagonal. The lanes are template parameters: in a
// loop the compiler would make the shuffles' masks at run time.
template <typename Real, int kHalf, int... kLane>
[[gnu::always_inline]] inline void ExchangeBlocks(Vector<Real>* row, std::integer_sequence<int, kLane...>) {
  constexpr int w = sizeof...(kLane);
#pragma GCC unroll 16
  for (int r = 0; r < w; ++r) {
    if (r & kHalf) continue;
    const Vector<Real> a = row[r], b = row[r + kHalf];
    row[r] = __builtin_shufflevector(a, b, (kLane & kHalf ? w + (kLane ^ kHalf) : kLane)...);
    row[r + kHalf] = __builtin_shufflevector(a, b, (kLane & kHalf ? w + kLane : (kLane ^ kHalf))...);
  }
}

// In place: the block of kWidth x kWidth numbers, rows are vectors.
template <typename Real, int kHalf = 1>
[[gnu::always_inline]] inline void Transpose(Vector<Real>* row) {
  if constexpr (kHalf < kWidth<Real>) {
    ExchangeBlocks<Real, kHalf>(row, std::make_integer_sequence<int, kWidth<Real>>{});
    Transpose<Real, 2 * kHalf>(row);
  }
}

// Radial functions and harmonics of one group of pairs; x, y, z become the unit vector and r the distance.
template <typename Real, int kLMax>
void Geometry(const PackedModel<Real>& m, const Workspace<Real>& ws, int begin, int count, Real* radial,
              Real* harmonics) {
  constexpr int w = kWidth<Real>, kLm = (kLMax + 1) * (kLMax + 1);
  for (int k = 0; k < Padded<Real>(count); k += w) {
    Real root[w] __attribute__((aligned(64)));
    for (int lane = 0; lane < w; ++lane) {
      root[lane] = sizeof(Real) == 4 ? __builtin_sqrtf(ws.r[begin + k + lane])
                                     : __builtin_sqrt(ws.r[begin + k + lane]);
    }
    const Vector<Real> r = Load(root), inverse = Real(1) / r;
    const Vector<Real> x = Load(ws.x + begin + k) * inverse, y = Load(ws.y + begin + k) * inverse;
    const Vector<Real> z = Load(ws.z + begin + k) * inverse;
    Store(ws.x + begin + k, x), Store(ws.y + begin + k, y), Store(ws.z + begin + k, z),
        Store(ws.r + begin + k, r);
    RadialFunctions<Real>(m.n_radial, m, r, reinterpret_cast<Vector<Real>*>(radial + k * m.n_radial),
                          nullptr);
    Vector<Real> value[HarmonicsStride(kLMax)] = {};
    SphericalHarmonics<kLMax, Real>(x, y, z, value);
#pragma GCC unroll 8
    for (int block = 0; block < kLm; block += w) {
      Transpose<Real>(value + block);
      for (int lane = 0; lane < w; ++lane)
        Store(harmonics + (k + lane) * HarmonicsStride(kLMax) + block, value[block + lane]);
    }
  }
}

// density[n][lm] += B_n(pair) Y_lm(pair) for kBlock radial functions from n0 on.
template <typename Real, int kLMax, int kBlock>
void AccumulateBlock(int n_radial, int n0, int count, const Real* radial, const Real* harmonics,
                     Real* density) {
  constexpr int w = kWidth<Real>, kVectors = ((kLMax + 1) * (kLMax + 1) + w - 1) / w;
  Vector<Real> sum[kBlock][kVectors] = {};
  for (int k = 0; k < count; ++k) {
    const Real* b = radial + (k / w * n_radial + n0) * w + k % w;
    const Real* y = harmonics + k * HarmonicsStride(kLMax);
    for (int n = 0; n < kBlock; ++n) {
      const Real factor = b[n * w];
      for (int v = 0; v < kVectors; ++v) sum[n][v] += factor * Load(y + v * w);
    }
  }
  for (int n = 0; n < kBlock; ++n)
    for (int v = 0; v < kVectors; ++v) Store(density + (n0 + n) * HarmonicsStride(kLMax) + v * w, sum[n][v]);
}

template <typename Real, int kLMax, int kBlock>
void Accumulate(int n_radial, int n0, int count, const Real* radial, const Real* harmonics, Real* density) {
  if constexpr (kBlock == 1) {
    for (; n0 < n_radial; ++n0)
      AccumulateBlock<Real, kLMax, 1>(n_radial, n0, count, radial, harmonics, density);
  } else {
    for (; n0 + kBlock <= n_radial; n0 += kBlock) {
      AccumulateBlock<Real, kLMax, kBlock>(n_radial, n0, count, radial, harmonics, density);
    }
    if (n0 < n_radial) Accumulate<Real, kLMax, kBlock - 1>(n_radial, n0, count, radial, harmonics, density);
  }
}

template <typename Real, int kLMax>
void DensityOfAtom(const PackedModel<Real>& m, const Workspace<Real>& ws, int t) {
  constexpr int w = kWidth<Real>, kVectors = ((kLMax + 1) * (kLMax + 1) + w - 1) / w;
  constexpr int kLargest = kRegisters / kVectors;
  Real* density = ws.density + t * m.n_species * m.n_radial * HarmonicsStride(kLMax);
  for (int z = 0; z < m.n_species; ++z) {
    const int begin = GroupBegin(m, ws, t, z), count = ws.count[t * m.n_species + z];
    Geometry<Real, kLMax>(m, ws, begin, count, ws.radial, ws.harmonics);
    Real* block = density + z * m.n_radial * HarmonicsStride(kLMax);
    constexpr int kBlock = kLargest > 12 ? 12 : kLargest < 1 ? 1 : kLargest;
    Accumulate<Real, kLMax, kBlock>(m.n_radial, 0, count, ws.radial, ws.harmonics, block);
  }
}

// Gradient of G·A with respect to the displacements of one vector of pairs of species z.
template <typename Real, int kLMax, int kRadial>
[[gnu::always_inline]] inline void PairGradient(const PackedModel<Real>& m, const Real* gradient,
                                                Vector<Real> r, Vector<Real> x, Vector<Real> y,
                                                Vector<Real> z, Vector<Real>* out) {
  constexpr int kLm = (kLMax + 1) * (kLMax + 1);
  const int n_radial = kRadial > 0 ? kRadial : m.n_radial;
  Vector<Real> value[kRadial > 0 ? kRadial : 32], derivative[kRadial > 0 ? kRadial : 32];
  RadialFunctions<Real>(n_radial, m, r, value, derivative);
  Vector<Real> radial[kLm], angular[kLm], harmonic[kLm];
  for (int lm = 0; lm < kLm; ++lm) {
    const Real* g = gradient + lm * m.znp;
    Vector<Real> a = value[0] * g[0], b = derivative[0] * g[0];
    for (int n = 1; n < n_radial; ++n) {
      a += value[n] * g[n];
      b += derivative[n] * g[n];
    }
    angular[lm] = a, radial[lm] = b;
  }
  SphericalHarmonics<kLMax, Real>(x, y, z, harmonic);
  Vector<Real> along = radial[0] * harmonic[0];
  for (int lm = 1; lm < kLm; ++lm) along += radial[lm] * harmonic[lm];
  Vector<Real> tx, ty, tz;
  ContractHarmonicsGradient<kLMax, Real>(x, y, z, angular, &tx, &ty, &tz);
  const Vector<Real> inverse = Real(1) / r;
  along -= (tx * x + ty * y + tz * z) * inverse;
  out[0] = along * x + tx * inverse, out[1] = along * y + ty * inverse, out[2] = along * z + tz * inverse;
}

// Forces of the center on its neighbors, their sum and their virial.
template <typename Real, int kLMax, int kRadial>
void ForcesOfAtom(const PackedModel<Real>& m, const Frame<Real>& frame, int t, int atom,
                  const Workspace<Real>& ws, const Results<Real>& results) {
  constexpr int w = kWidth<Real>;
  Vector<Real> own[3] = {}, virial[9] = {};
  int written = frame.first[atom];
  for (int species = 0; species < m.n_species; ++species) {
    const int begin = GroupBegin(m, ws, t, species), count = ws.count[t * m.n_species + species];
    const Real* gradient = ws.gradient + t * m.n_lm * m.znp + species * m.n_radial;
    for (int k = 0; k < count; k += w) {
      const Vector<Real> r = Load(ws.r + begin + k);
      const Vector<Real> unit[3] = {Load(ws.x + begin + k), Load(ws.y + begin + k), Load(ws.z + begin + k)};
      Vector<Real> p[3];
      PairGradient<Real, kLMax, kRadial>(m, gradient, r, unit[0], unit[1], unit[2], p);
      for (int a = 0; a < 3; ++a) {
        own[a] += p[a];
        const Vector<Real> d = r * unit[a];
        for (int b = 0; b < 3; ++b) virial[3 * a + b] -= d * p[b];
      }
      const int valid = count - k < w ? count - k : w;
      for (int lane = 0; lane < valid; ++lane, ++written) {
        results.pair_force[written] = {-p[0][lane], -p[1][lane], -p[2][lane], Real(0)};
        results.target[written] = ws.j[begin + k + lane];
      }
    }
  }
  for (int a = 0; a < 3; ++a) results.own_force[4 * atom + a] = static_cast<double>(Sum<Real>(own[a]));
  results.own_force[4 * atom + 3] = 0.0;
  for (int a = 0; a < 9; ++a) results.virial[9 * atom + a] = static_cast<double>(Sum<Real>(virial[a]));
}

template <typename Real>
void Scatter(const Frame<Real>& frame, const Results<Real>& results, int n_atoms, double* forces) {
  typedef double Four __attribute__((vector_size(32), aligned(8)));
  typedef Real FourReal __attribute__((vector_size(4 * sizeof(Real)), aligned(sizeof(Real))));
  for (int i = 0; i < n_atoms; ++i) {
    for (int p = frame.first[i]; p < frame.first[i] + results.count[i]; ++p) {
      const FourReal force = *reinterpret_cast<const FourReal*>(results.pair_force + p);
      *reinterpret_cast<Four*>(forces + 4 * results.target[p]) += __builtin_convertvector(force, Four);
    }
  }
}
