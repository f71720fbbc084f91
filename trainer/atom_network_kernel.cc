// Compiled once per instruction set with SUPERION_ISA and SUPERION_LANE_BYTES defined; see the header.
#include "trainer/atom_network_kernel.h"

#include <math.h>
#include <string.h>

#include "trainer/lane_algebra.inl"

namespace superion::trainer::SUPERION_ISA {
namespace {

// Calls body.template operator()<V>(i, k): V lanes at flat index i = atom * channels + k.
template <typename Real, typename Body>
SUPERION_INLINE void ForChannels(int n, int channels, const Body& body) {
  constexpr int kLanes = LanesOf<Real>::kCount;
  if (channels % kLanes == 0) {
    for (int atom = 0; atom < n; ++atom)
      for (int k = 0; k < channels; k += kLanes)
        body.template operator()<Lanes<Real>>(atom * channels + k, k);
  } else {
    for (int atom = 0; atom < n; ++atom)
      for (int k = 0; k < channels; ++k) body.template operator()<Real>(atom * channels + k, k);
  }
}

// One tile: shape, layout, weights and number of atoms are fixed for the life of the object.
template <typename Real>
class Tile {
 public:
  Tile(const KernelShape& shape, const KernelLayout& at, const KernelWeights<Real>& w, int n)
      : s_(shape), at_(at), w_(w), n_(n), row_(static_cast<long>(n) * shape.channels) {}

  void Body(Real* t) const {
    Mix(t + at_.density, t + at_.x[0]);
    for (int p = 0; p < s_.products; ++p) {
      Product(p, t + at_.x[p], t + at_.x[0], t + at_.u[p], false);
      MixProduct(w_.mix[p], t + at_.u[p], t + at_.v[p], false);
      Gate(p, t);
    }
    Invariants(t);
  }

  void Energy(Real* t, Real* energy, Real* gradient) const {
    Body(t);
    Readout(t, energy);
    if (gradient == nullptr) return;
    ReadoutBackward(t);
    BodyBackward(t);
    MixBackward(t + at_.x_bar[0], gradient);
  }

  void WeightGradient(const Real* t, const Real* e, Real* d, const KernelWeights<Real>& g) const {
    BodyTangent(t, d);
    ReadoutTangent(t, d);
    ReadoutWeightGradient(t, e, d, g);
    BodyWeightGradient(t, d, g);
  }

 private:
  long Equivariant() const { return s_.n_lm * row_; }

  void Mix(const Real* density, Real* x) const {
    for (int l = 0; l <= s_.l_max; ++l)
      Gemm<Real>((2 * l + 1) * n_, s_.n_density, s_.channels,
                 {density + static_cast<long>(l * l) * n_ * s_.density_columns, s_.density_columns, 1},
                 w_.mix0 + static_cast<long>(l) * s_.n_density * s_.channels, s_.channels, x + l * l * row_,
                 s_.channels, false);
  }
  void MixBackward(const Real* x_bar, Real* gradient) const {
    for (int l = 0; l <= s_.l_max; ++l)
      Gemm<Real>((2 * l + 1) * n_, s_.channels, s_.density_columns, {x_bar + l * l * row_, s_.channels, 1},
                 w_.mix0_t + static_cast<long>(l) * s_.channels * s_.density_columns, s_.density_columns,
                 gradient + static_cast<long>(l * l) * n_ * s_.density_columns, s_.density_columns, false);
  }
  // weight_bar[l] += input[l]ᵀ output_bar[l], summed over m and atoms
  void MixWeightGradient(const Real* input, int columns, int input_stride, const Real* output_bar,
                         Real* weight_bar) const {
    for (int l = 0; l <= s_.l_max; ++l)
      Gemm<Real>(columns, (2 * l + 1) * n_, s_.channels,
                 {input + static_cast<long>(l * l) * n_ * input_stride, 1, input_stride},
                 output_bar + l * l * row_, s_.channels,
                 weight_bar + static_cast<long>(l) * columns * s_.channels, s_.channels, true);
  }
  void MixProduct(const Real* weight, const Real* in, Real* out, bool add) const {
    for (int l = 0; l <= s_.l_max; ++l)
      Gemm<Real>((2 * l + 1) * n_, s_.channels, s_.channels, {in + l * l * row_, s_.channels, 1},
                 weight + l * s_.channels * s_.channels, s_.channels, out + l * l * row_, s_.channels, add);
  }

  // u (+)= w · (x ⊗ y)
  void Product(int p, const Real* x, const Real* y, Real* u, bool add) const {
    if (!add) memset(u, 0, sizeof(Real) * Equivariant());
    const Real* w = w_.path[p];
    const KernelShape& s = s_;
    const long row = row_;
    ForChannels<Real>(n_, s.channels, [&]<typename V>(int i, int k) SUPERION_INLINED {
      for (const KernelGroup* g = s.groups; g != s.groups + s.n_groups; ++g) {
        V t{};
        for (const KernelTerm* c = s.terms + g->first; c != s.terms + g->first + g->count; ++c)
          t += static_cast<Real>(c->value) * Load<V>(x + c->lm1 * row + i) * Load<V>(y + c->lm2 * row + i);
        Add<V>(u + g->lm3 * row + i, Load<V>(w + g->path * s.channels + k) * t);
      }
    });
  }
  // x_bar += w · ∂(x ⊗ y)/∂x · u_bar, y_bar likewise
  void ProductBackward(int p, const Real* x, const Real* y, const Real* u_bar, Real* x_bar,
                       Real* y_bar) const {
    const Real* w = w_.path[p];
    const KernelShape& s = s_;
    const long row = row_;
    ForChannels<Real>(n_, s.channels, [&]<typename V>(int i, int k) SUPERION_INLINED {
      for (const KernelGroup* g = s.groups; g != s.groups + s.n_groups; ++g) {
        const V b = Load<V>(w + g->path * s.channels + k) * Load<V>(u_bar + g->lm3 * row + i);
        for (const KernelTerm* c = s.terms + g->first; c != s.terms + g->first + g->count; ++c) {
          const V cb = static_cast<Real>(c->value) * b;
          Add<V>(x_bar + c->lm1 * row + i, cb * Load<V>(y + c->lm2 * row + i));
          Add<V>(y_bar + c->lm2 * row + i, cb * Load<V>(x + c->lm1 * row + i));
        }
      }
    });
  }
  // Derivative of ProductBackward along the tangents (dx, dy, du_bar), and of the gradient by the path
  // weights.
  struct ProductTangents {
    const Real *x, *y, *u_bar, *dx, *dy, *du_bar;
    Real *dx_bar, *dy_bar, *w_bar;
  };
  void ProductWeightGradient(int p, const ProductTangents& a) const {
    const Real* w = w_.path[p];
    const KernelShape& s = s_;
    const long row = row_;
    ForChannels<Real>(n_, s.channels, [&]<typename V>(int i, int k) SUPERION_INLINED {
      for (const KernelGroup* g = s.groups; g != s.groups + s.n_groups; ++g) {
        const V weight = Load<V>(w + g->path * s.channels + k);
        const V u_bar = Load<V>(a.u_bar + g->lm3 * row + i), du_bar = Load<V>(a.du_bar + g->lm3 * row + i);
        const V b = weight * u_bar, db = weight * du_bar;
        V t{}, dt{};
        for (const KernelTerm* c = s.terms + g->first; c != s.terms + g->first + g->count; ++c) {
          const Real value = static_cast<Real>(c->value);
          const V x = value * Load<V>(a.x + c->lm1 * row + i), dx = value * Load<V>(a.dx + c->lm1 * row + i);
          const V y = Load<V>(a.y + c->lm2 * row + i), dy = Load<V>(a.dy + c->lm2 * row + i);
          t += x * y;
          dt += dx * y + x * dy;
          Add<V>(a.dx_bar + c->lm1 * row + i, value * (db * y + b * dy));
          Add<V>(a.dy_bar + c->lm2 * row + i, db * x + b * dx);
        }
        Add<V>(a.w_bar + g->path * s.channels + k, du_bar * t + u_bar * dt);
      }
    });
  }

  // Σ_lm,k a b of one atom
  Real Inner(const Real* a, const Real* b, int atom) const {
    Real sum = 0;
    for (int lm = 0; lm < s_.n_lm; ++lm)
      for (int k = 0; k < s_.channels; ++k) {
        const long i = lm * row_ + atom * s_.channels + k;
        sum += a[i] * b[i];
      }
    return sum;
  }
  template <typename Body>
  SUPERION_INLINE void ForAtom(int atom, const Body& body) const {
    for (int lm = 0; lm < s_.n_lm; ++lm)
      for (int k = 0; k < s_.channels; ++k) body(lm * row_ + atom * s_.channels + k);
  }
  Real GateSize() const { return static_cast<Real>(s_.n_lm * s_.channels); }

  void Gate(int p, Real* t) const {
    const Real* v = t + at_.v[p];
    Real* x = t + at_.x[p + 1];
    for (int atom = 0; atom < n_; ++atom) {
      const Real g = Real(1) / static_cast<Real>(sqrt(Real(1) + Inner(v, v, atom) / GateSize()));
      t[at_.gate[p] + atom] = g;
      ForAtom(atom, [&](long i) SUPERION_INLINED { x[i] = g * v[i]; });
    }
  }
  void GateBackward(int p, Real* t) const {
    const Real* v = t + at_.v[p];
    const Real* x_bar = t + at_.x_bar[p + 1];
    Real* v_bar = t + at_.v_bar[p];
    for (int atom = 0; atom < n_; ++atom) {
      const Real g = t[at_.gate[p] + atom], g_bar = Inner(x_bar, v, atom);
      t[at_.gate_bar[p] + atom] = g_bar;
      const Real c = g * g * g * g_bar / GateSize();
      ForAtom(atom, [&](long i) SUPERION_INLINED { v_bar[i] = g * x_bar[i] - c * v[i]; });
    }
  }
  void GateTangent(int p, const Real* t, Real* d) const {
    const Real *v = t + at_.v[p], *dv = d + at_.v[p];
    Real* dx = d + at_.x[p + 1];
    for (int atom = 0; atom < n_; ++atom) {
      const Real g = t[at_.gate[p] + atom], dg = -g * g * g * Inner(v, dv, atom) / GateSize();
      d[at_.gate[p] + atom] = dg;
      ForAtom(atom, [&](long i) SUPERION_INLINED { dx[i] = g * dv[i] + dg * v[i]; });
    }
  }
  void GateBackwardTangent(int p, const Real* t, Real* d) const {
    const Real *v = t + at_.v[p], *dv = d + at_.v[p];
    const Real *x_bar = t + at_.x_bar[p + 1], *dx_bar = d + at_.x_bar[p + 1];
    Real* dv_bar = d + at_.v_bar[p];
    for (int atom = 0; atom < n_; ++atom) {
      const Real g = t[at_.gate[p] + atom], dg = d[at_.gate[p] + atom], g_bar = t[at_.gate_bar[p] + atom];
      const Real dg_bar = Inner(dx_bar, v, atom) + Inner(x_bar, dv, atom);
      const Real c = g * g * g * g_bar / GateSize();
      const Real dc = (Real(3) * g * g * dg * g_bar + g * g * g * dg_bar) / GateSize();
      ForAtom(atom, [&](long i) SUPERION_INLINED {
        dv_bar[i] = dg * x_bar[i] + g * dx_bar[i] - dc * v[i] - c * dv[i];
      });
    }
  }

  // Calls body(feature column of channel 0, lm, 1/(2l+1), a, b) for every component of every invariant pair.
  template <typename Body>
  SUPERION_INLINE void ForPairs(const Body& body) const {
    for (int pair = 0; pair < s_.n_pairs; ++pair)
      for (int lm = 0; lm < s_.n_lm; ++lm) {
        const int l = s_.degree[lm];
        body(s_.channels * (1 + pair * (s_.l_max + 1) + l), lm, Real(1) / Real(2 * l + 1), s_.pair_a[pair],
             s_.pair_b[pair]);
      }
  }
  template <typename Body>
  SUPERION_INLINE void ForRows(int column, int lm, const Body& body) const {
    for (int atom = 0; atom < n_; ++atom)
      for (int k = 0; k < s_.channels; ++k)
        body(static_cast<long>(atom) * s_.n_features + column + k, lm * row_ + atom * s_.channels + k);
  }

  void Invariants(Real* t) const {
    Real* f = t + at_.feature;
    memset(f, 0, sizeof(Real) * n_ * s_.n_features);
    const Real* x0 = t + at_.x[0];
    ForRows(0, 0, [&](long i, long j) SUPERION_INLINED { f[i] = x0[j]; });
    ForPairs([&](int column, int lm, Real c, int a, int b) SUPERION_INLINED {
      const Real *xa = t + at_.x[a], *xb = t + at_.x[b];
      ForRows(column, lm, [&](long i, long j) SUPERION_INLINED { f[i] += c * xa[j] * xb[j]; });
    });
  }
  void InvariantsBackward(const Real* f_bar, Real* t) const {
    for (int p = 0; p <= s_.products; ++p) memset(t + at_.x_bar[p], 0, sizeof(Real) * Equivariant());
    Real* x0_bar = t + at_.x_bar[0];
    ForRows(0, 0, [&](long i, long j) SUPERION_INLINED { x0_bar[j] += f_bar[i]; });
    ForPairs([&](int column, int lm, Real c, int a, int b) SUPERION_INLINED {
      const Real *xa = t + at_.x[a], *xb = t + at_.x[b];
      Real *xa_bar = t + at_.x_bar[a], *xb_bar = t + at_.x_bar[b];
      ForRows(column, lm, [&](long i, long j) SUPERION_INLINED {
        const Real cf = c * f_bar[i];
        xa_bar[j] += cf * xb[j];
        xb_bar[j] += cf * xa[j];
      });
    });
  }
  void InvariantsTangent(const Real* t, Real* d) const {
    Real* df = d + at_.feature;
    memset(df, 0, sizeof(Real) * n_ * s_.n_features);
    const Real* dx0 = d + at_.x[0];
    ForRows(0, 0, [&](long i, long j) SUPERION_INLINED { df[i] = dx0[j]; });
    ForPairs([&](int column, int lm, Real c, int a, int b) SUPERION_INLINED {
      const Real *xa = t + at_.x[a], *xb = t + at_.x[b], *dxa = d + at_.x[a], *dxb = d + at_.x[b];
      ForRows(column, lm,
              [&](long i, long j) SUPERION_INLINED { df[i] += c * (dxa[j] * xb[j] + xa[j] * dxb[j]); });
    });
  }
  // f_bar and df_bar by raw invariants
  void InvariantsBackwardTangent(const Real* t, const Real* f_bar, const Real* df_bar, Real* d) const {
    for (int p = 0; p <= s_.products; ++p) memset(d + at_.x_bar[p], 0, sizeof(Real) * Equivariant());
    Real* dx0_bar = d + at_.x_bar[0];
    ForRows(0, 0, [&](long i, long j) SUPERION_INLINED { dx0_bar[j] += df_bar[i]; });
    ForPairs([&](int column, int lm, Real c, int a, int b) SUPERION_INLINED {
      const Real *xa = t + at_.x[a], *xb = t + at_.x[b], *dxa = d + at_.x[a], *dxb = d + at_.x[b];
      Real *dxa_bar = d + at_.x_bar[a], *dxb_bar = d + at_.x_bar[b];
      ForRows(column, lm, [&](long i, long j) SUPERION_INLINED {
        const Real cf = c * f_bar[i], dcf = c * df_bar[i];
        dxa_bar[j] += dcf * xb[j] + cf * dxb[j];
        dxb_bar[j] += dcf * xa[j] + cf * dxa[j];
      });
    });
  }

  void Readout(Real* t, Real* energy) const {
    const int F = s_.n_features, H = s_.hidden;
    Real *x = t + at_.feature, *z1 = t + at_.z1, *z2 = t + at_.z2;
    for (int atom = 0; atom < n_; ++atom) {
      for (int f = 0; f < F; ++f) x[atom * F + f] = (x[atom * F + f] - w_.mean[f]) * w_.inverse_scale[f];
      memcpy(z1 + atom * H, w_.b1, sizeof(Real) * H);
      memcpy(z2 + atom * H, w_.b2, sizeof(Real) * H);
    }
    Gemm<Real>(n_, F, H, {x, F, 1}, w_.w1_t, H, z1, H, true);
    Silu(n_ * H, z1, t + at_.h1, t + at_.slope1);
    Gemm<Real>(n_, H, H, {t + at_.h1, H, 1}, w_.w2_t, H, z2, H, true);
    Silu(n_ * H, z2, t + at_.h2, t + at_.slope2);
    for (int atom = 0; atom < n_; ++atom) {
      Real sum = 0;
      for (int f = 0; f < F; ++f) sum += w_.w_lin[f] * x[atom * F + f];
      for (int h = 0; h < H; ++h) sum += w_.w3[h] * t[at_.h2 + atom * H + h];
      energy[atom] = sum;
    }
  }
  // Leaves the gradient of the energies by the raw invariants in feature_bar.
  void ReadoutBackward(Real* t) const {
    const int F = s_.n_features, H = s_.hidden;
    Real* f_bar = t + at_.feature_bar;
    Real *z1_bar = t + at_.z1_bar, *h1_bar = t + at_.h1_bar, *z2_bar = t + at_.z2_bar;
    for (int atom = 0; atom < n_; ++atom) {
      for (int h = 0; h < H; ++h) z2_bar[atom * H + h] = w_.w3[h] * t[at_.slope2 + atom * H + h];
      memcpy(f_bar + atom * F, w_.w_lin, sizeof(Real) * F);
    }
    Gemm<Real>(n_, H, H, {z2_bar, H, 1}, w_.w2, H, h1_bar, H, false);
    for (int i = 0; i < n_ * H; ++i) z1_bar[i] = h1_bar[i] * t[at_.slope1 + i];
    Gemm<Real>(n_, H, F, {z1_bar, H, 1}, w_.w1, F, f_bar, F, true);
    for (int atom = 0; atom < n_; ++atom)
      for (int f = 0; f < F; ++f) f_bar[atom * F + f] *= w_.inverse_scale[f];
  }
  void BodyBackward(Real* t) const {
    InvariantsBackward(t + at_.feature_bar, t);
    for (int p = s_.products - 1; p >= 0; --p) {
      GateBackward(p, t);
      MixProduct(w_.mix_t[p], t + at_.v_bar[p], t + at_.u_bar[p], false);
      ProductBackward(p, t + at_.x[p], t + at_.x[0], t + at_.u_bar[p], t + at_.x_bar[p], t + at_.x_bar[0]);
    }
  }

  void BodyTangent(const Real* t, Real* d) const {
    Mix(d + at_.density, d + at_.x[0]);
    for (int p = 0; p < s_.products; ++p) {
      Product(p, d + at_.x[p], t + at_.x[0], d + at_.u[p], false);
      Product(p, t + at_.x[p], d + at_.x[0], d + at_.u[p], true);
      MixProduct(w_.mix[p], d + at_.u[p], d + at_.v[p], false);
      GateTangent(p, t, d);
    }
    InvariantsTangent(t, d);
  }
  void ReadoutTangent(const Real* t, Real* d) const {
    const int F = s_.n_features, H = s_.hidden;
    Real* dx = d + at_.feature;
    for (int atom = 0; atom < n_; ++atom)
      for (int f = 0; f < F; ++f) dx[atom * F + f] *= w_.inverse_scale[f];
    Gemm<Real>(n_, F, H, {dx, F, 1}, w_.w1_t, H, d + at_.z1, H, false);
    for (int i = 0; i < n_ * H; ++i) d[at_.h1 + i] = t[at_.slope1 + i] * d[at_.z1 + i];
    Gemm<Real>(n_, H, H, {d + at_.h1, H, 1}, w_.w2_t, H, d + at_.z2, H, false);
    for (int i = 0; i < n_ * H; ++i) d[at_.h2 + i] = t[at_.slope2 + i] * d[at_.z2 + i];
  }

  void ReadoutWeightGradient(const Real* t, const Real* e, Real* d, const KernelWeights<Real>& g) const {
    const int F = s_.n_features, H = s_.hidden;
    const Real *x = t + at_.feature, *dx = d + at_.feature, *h2 = t + at_.h2, *dh2 = d + at_.h2;
    Real *dz1_bar = d + at_.z1_bar, *dh1_bar = d + at_.h1_bar, *dz2_bar = d + at_.z2_bar;
    for (int atom = 0; atom < n_; ++atom) {
      for (int f = 0; f < F; ++f) g.w_lin[f] += e[atom] * x[atom * F + f] + dx[atom * F + f];
      for (int h = 0; h < H; ++h) {
        const int i = atom * H + h;
        g.w3[h] += e[atom] * h2[i] + dh2[i];
        dz2_bar[i] = w_.w3[h] * (e[atom] * t[at_.slope2 + i] + SiluCurvature(t[at_.z2 + i]) * d[at_.z2 + i]);
        g.b2[h] += dz2_bar[i];
      }
    }
    Gemm<Real>(H, n_, H, {dz2_bar, 1, H}, t + at_.h1, H, g.w2, H, true);
    Gemm<Real>(H, n_, H, {t + at_.z2_bar, 1, H}, d + at_.h1, H, g.w2, H, true);
    Gemm<Real>(n_, H, H, {dz2_bar, H, 1}, w_.w2, H, dh1_bar, H, false);
    for (int atom = 0; atom < n_; ++atom)
      for (int h = 0; h < H; ++h) {
        const int i = atom * H + h;
        dz1_bar[i] =
            dh1_bar[i] * t[at_.slope1 + i] + t[at_.h1_bar + i] * SiluCurvature(t[at_.z1 + i]) * d[at_.z1 + i];
        g.b1[h] += dz1_bar[i];
      }
    Gemm<Real>(H, n_, F, {dz1_bar, 1, H}, x, F, g.w1, F, true);
    Gemm<Real>(H, n_, F, {t + at_.z1_bar, 1, H}, dx, F, g.w1, F, true);
    Real* df_bar = d + at_.feature_bar;
    for (int atom = 0; atom < n_; ++atom)
      for (int f = 0; f < F; ++f) df_bar[atom * F + f] = e[atom] * w_.w_lin[f];
    Gemm<Real>(n_, H, F, {dz1_bar, H, 1}, w_.w1, F, df_bar, F, true);
    for (int atom = 0; atom < n_; ++atom)
      for (int f = 0; f < F; ++f) df_bar[atom * F + f] *= w_.inverse_scale[f];
  }

  void BodyWeightGradient(const Real* t, Real* d, const KernelWeights<Real>& g) const {
    InvariantsBackwardTangent(t, t + at_.feature_bar, d + at_.feature_bar, d);
    for (int p = s_.products - 1; p >= 0; --p) {
      GateBackwardTangent(p, t, d);
      MixWeightGradient(d + at_.u[p], s_.channels, s_.channels, t + at_.v_bar[p], g.mix[p]);
      MixWeightGradient(t + at_.u[p], s_.channels, s_.channels, d + at_.v_bar[p], g.mix[p]);
      MixProduct(w_.mix_t[p], d + at_.v_bar[p], d + at_.u_bar[p], false);
      ProductWeightGradient(p, {t + at_.x[p], t + at_.x[0], t + at_.u_bar[p], d + at_.x[p], d + at_.x[0],
                                d + at_.u_bar[p], d + at_.x_bar[p], d + at_.x_bar[0], g.path[p]});
    }
    MixWeightGradient(d + at_.density, s_.n_density, s_.density_columns, t + at_.x_bar[0], g.mix0);
    MixWeightGradient(t + at_.density, s_.n_density, s_.density_columns, d + at_.x_bar[0], g.mix0);
  }

  const KernelShape& s_;
  const KernelLayout& at_;
  const KernelWeights<Real>& w_;
  int n_;
  long row_;
};

template <typename Real>
void EnergyOf(const KernelShape& s, const KernelLayout& at, const KernelWeights<Real>& w, int n, Real* state,
              Real* energy, Real* gradient) {
  Tile<Real>(s, at, w, n).Energy(state, energy, gradient);
}
template <typename Real>
void InvariantsOf(const KernelShape& s, const KernelLayout& at, const KernelWeights<Real>& w, int n,
                  Real* state) {
  Tile<Real>(s, at, w, n).Body(state);
}
template <typename Real>
void WeightGradientOf(const KernelShape& s, const KernelLayout& at, const KernelWeights<Real>& w, int n,
                      const Real* state, const Real* e, Real* tangent, const KernelWeights<Real>& g) {
  Tile<Real>(s, at, w, n).WeightGradient(state, e, tangent, g);
}

}  // namespace

template <typename Real>
Kernel<Real> MakeKernel() {
  return {EnergyOf<Real>, InvariantsOf<Real>, WeightGradientOf<Real>};
}
template Kernel<float> MakeKernel<float>();
template Kernel<double> MakeKernel<double>();

}  // namespace superion::trainer::SUPERION_ISA
