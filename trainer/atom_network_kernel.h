// The arithmetic of the per-atom network on one tile of atoms of one species: equations 4-7 of
// docs/potential_model.md, energy and G = ∂E/∂A, and the derivative of both along a direction of A together
// with its gradient by the weights. Plain pointers only: the source is compiled once per instruction set, and
// nothing inline of the standard library may leak from a translation unit built for newer processors.
//
// Arrays of a tile of n atoms: equivariants [lm][n][k], densities [lm][n][zn] with zn padded to
// `density_columns`.
#pragma once

namespace superion::trainer {

inline constexpr int kTileAtoms = 16;
inline constexpr int kMaxProducts = 4;
inline constexpr int kMaxPairs = 8;

struct KernelTerm {
  int lm1, lm2;
  double value;
};
// The terms of one path that share the output component.
struct KernelGroup {
  int path, lm3, first, count;
};

struct KernelShape {
  int l_max, n_lm, n_density, density_columns, channels, products, n_paths, hidden, n_features, n_pairs;
  int pair_a[kMaxPairs], pair_b[kMaxPairs];
  const int* degree;  // [n_lm] l of component lm
  const KernelGroup* groups;
  int n_groups;
  const KernelTerm* terms;
};

// Weights of one species; `_t` are transposed copies (mix0_t padded to density_columns). When the struct
// holds the gradient, the transposed members, mean and inverse_scale are unused.
template <typename Real>
struct KernelWeights {
  Real *mix0, *path[kMaxProducts], *mix[kMaxProducts], *w1, *b1, *w2, *b2, *w_lin, *w3;
  const Real *mix0_t, *mix_t[kMaxProducts], *w1_t, *w2_t, *mean, *inverse_scale;
};

// Where the intermediates of a tile lie in its block, in Reals, for kTileAtoms atoms. Index p runs over the
// products.
struct KernelLayout {
  long density, x[kMaxProducts + 1], x_bar[kMaxProducts + 1], u[kMaxProducts], v[kMaxProducts],
      v_bar[kMaxProducts], u_bar[kMaxProducts], gate[kMaxProducts], gate_bar[kMaxProducts], feature,
      feature_bar, z1, h1, slope1, z1_bar, h1_bar, z2, h2, slope2, z2_bar, size;
};
KernelLayout MakeKernelLayout(const KernelShape& shape);

template <typename Real>
struct Kernel {
  // `state`: block of the tile with `density` filled in. Writes the energies [n] (in units of the energy
  // scale, without reference), and, when `gradient` is not null, G into it as [lm][n][density_columns]. `h2`
  // of the state are the last-layer features, `feature` the standardised invariants.
  void (*energy)(const KernelShape&, const KernelLayout&, const KernelWeights<Real>&, int n, Real* state,
                 Real* energy, Real* gradient);
  // The raw invariants f [n][n_features] into `feature` of the state.
  void (*invariants)(const KernelShape&, const KernelLayout&, const KernelWeights<Real>&, int n, Real* state);
  // `state` as left by `energy` (with gradient). Adds to `weight_gradient` the gradient by the weights of
  // Σ_i energy_weight_i E_i + Σ direction · G; `tangent` is a scratch block of the same layout whose
  // `density` holds the direction.
  void (*weight_gradient)(const KernelShape&, const KernelLayout&, const KernelWeights<Real>&, int n,
                          const Real* state, const Real* energy_weight, Real* tangent,
                          const KernelWeights<Real>& weight_gradient);
};

// The fastest set of instructions that this processor has.
template <typename Real>
Kernel<Real> ChooseKernel();

}  // namespace superion::trainer
