// What passes between the evaluator and its kernels. The kernels are compiled once per instruction set, each
// in a namespace of its own, and use nothing but plain memory: an inline function of the standard library
// compiled with AVX-512 could otherwise be the copy that the linker keeps for everybody.
#pragma once

#include <cstdint>

namespace superion::kernel {

inline constexpr int kTile = 8;  // atoms of one species that pass the layers together
inline constexpr int kPad = 16;  // inner extents are padded to this many numbers, with zeros

// Numbers from one pair's or radial function's harmonics to the next one's.
constexpr int HarmonicsStride(int l_max) { return ((l_max + 1) * (l_max + 1) + kPad - 1) / kPad * kPad; }

template <typename Real>
struct ProductTerm {
  int first, second;  // forward: lm1, lm2; backward: segment, unused
  Real value;
};

// One side of the derivative of a product: for every lm of that side, groups of equal partner lm.
template <typename Real>
struct BackwardTable {
  const int* group_first;    // [n_lm + 1]
  const int* group_partner;  // [n_groups]
  const int* term_first;     // [n_groups + 1]
  const ProductTerm<Real>* terms;
};

// A segment is one (path, m3): sum over its terms, times the weight of the path.
template <typename Real>
struct ProductTable {
  int n_segments;
  const int* segment_first;  // [n_lm + 1], by lm3
  const int* segment_path;   // [n_segments]
  const int* term_first;     // [n_segments + 1]
  const ProductTerm<Real>* terms;
  bool symmetric;  // both factors are X_0: `left` holds the whole derivative
  BackwardTable<Real> left, right;
};

inline constexpr int kMaxProducts = 4;

template <typename Real>
struct PackedModel {
  int n_species, n_radial, l_max, n_lm, channels, products, hidden;
  int kp, znp, hp, fp;        // padded channels, species x radial, hidden, features
  int n_paths[kMaxProducts];  // rows of `path` per product
  int n_invariant_pairs, invariant_a[15], invariant_b[15];
  int cutoff_power;
  bool smoothstep;
  Real cutoff;
  double cutoff_squared;             // Å²
  const double* core_range_squared;  // [Z][Z] Å², of the nuclear core; set by the evaluator
  const Real *mix0, *mix0t;          // [Z][L+1][ZN][kp], [Z][L+1][kp][znp]; hold density_scale
  const Real* path[kMaxProducts];    // [Z][n_paths][kp]
  const Real *mixp[kMaxProducts], *mixpt[kMaxProducts];  // [L+1][kp][kp]
  ProductTable<Real> product[kMaxProducts];
  const Real *feature_mean, *feature_inverse;  // [Z][fp]
  const Real *w1, *w1t, *b1;                   // [Z][fp][hp], [Z][hp][fp], [Z][hp]
  const Real *w2, *w2t, *b2;                   // [Z][hp][hp], [Z][hp][hp], [Z][hp]
  const Real *w_lin, *w3;                      // [Z][fp], [Z][hp]; hold energy_scale
  const double* reference_energy;              // [Z]
  const Real *grade_factor, *grade_offset;     // [Z][hp][gp], [Z][gp]: |factorᵀ h2 + offset| is the grade
  int gp;                                      // padded hidden + 1; 0 without grades
};

template <typename Real>
struct Frame {
  const double* displacement;  // [n_pairs][3]
  const int *neighbor, *neighbor_species;
  const int* first;  // [n_atoms + 1]
};

template <typename Real>
struct PairForce {
  Real x, y, z, unused;
};

template <typename Real>
struct Results {
  double* energy;               // [n_atoms]
  double* features;             // [n_atoms][hidden + 1]
  double* grade;                // [n_atoms] or null
  double* own_force;            // [n_atoms][4]
  double* virial;               // [n_atoms][9]
  int* count;                   // [n_atoms] pairs within the cutoff
  int* target;                  // [n_pairs] at first[i] .. first[i] + count[i]: the neighbor j
  PairForce<Real>* pair_force;  // [n_pairs] at the same places: force on j
  unsigned char* in_core;       // [n_atoms] a neighbor lies within the range of the nuclear core
};

enum Phase { kNeighbors, kDensity, kLayers, kAdjoint, kPhases };

struct Profile {
  int64_t (*now)();  // ns
  int64_t ns[kPhases];
};

template <typename Real>
struct Workspace {
  int capacity;                                  // pairs of one species at one center, multiple of kPad
  int center_capacity;                           // pairs of one center with the padding of its species
  Real *x, *y, *z, *r;                           // [kTile][Z][capacity]; unit vector after the density pass
  int* j;                                        // [kTile][Z][capacity]
  int* count;                                    // [kTile][Z]
  Real* radial;                                  // [center_capacity / W][N][W]
  Real* harmonics;                               // [center_capacity][harmonics stride]
  Real* density;                                 // [kTile][ZN][harmonics stride]
  Real *field, *field_bar;                       // [P + 1][kTile][n_lm][kp]
  Real* mixed;                                   // [kTile][n_lm][kp]
  Real* norm;                                    // [P][kTile]
  Real* weighted;                                // [n_segments][atoms together, at most kTile][kPad]
  Real *feature, *feature_bar;                   // [kTile][fp]
  Real *h1, *h2, *slope1, *slope2, *hidden_bar;  // [kTile][hp]
  Real* grade;                                   // [kTile][gp]
  Real* gradient;                                // [kTile][n_lm][znp]
};

struct Tile {
  int species, n_atoms;
  const int* atoms;  // [n_atoms]
};

template <typename Real>
struct Kernel {
  void (*evaluate)(const PackedModel<Real>&, const Frame<Real>&, const Tile&, const Workspace<Real>&,
                   const Results<Real>&, Profile*);
  // Adds the pair forces to their neighbors, in the order of the centers: forces [n_atoms][4].
  void (*scatter)(const Frame<Real>&, const Results<Real>&, int n_atoms, double* forces);
};

}  // namespace superion::kernel

// Declared for every instruction set that this build holds.
#define SUPERION_DECLARE_KERNELS(isa)        \
  namespace superion::kernel::isa {          \
  extern const Kernel<float> kFloatKernel;   \
  extern const Kernel<double> kDoubleKernel; \
  }
SUPERION_DECLARE_KERNELS(generic)
SUPERION_DECLARE_KERNELS(avx2)
SUPERION_DECLARE_KERNELS(avx512)
