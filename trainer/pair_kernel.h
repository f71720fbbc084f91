// The force operator G -> forces and virials and its adjoint as stages of independent threads: what runs on
// CUDA devices. The host runs the same stages one thread after the other, for tests. Sums are in a fixed
// order, nothing is added atomically: same input, same bits. Plain pointers; no LibTorch in here.
#pragma once

#include "potential/pair_terms.h"

namespace superion::trainer {

// Directed pairs of a batch of frames laid end to end.
struct PairArrays {
  long n_atoms, n_frames, n_pairs;
  const int* first_atom;        // [n_frames + 1]
  const int* frame;             // [n_atoms]
  const int* first_pair;        // [n_atoms + 1] pairs are ordered by center
  const int* center;            // [n_pairs]
  const int* neighbor;          // [n_pairs]
  const int* neighbor_species;  // [n_pairs]
  const int* first_incoming;    // [n_atoms + 1] into `incoming`
  const int* incoming;          // [n_pairs] pairs by their neighbor, ascending
  const double* displacement;   // [n_pairs, 3] Å
};

template <typename Real>
struct ForceArguments {
  PairSetting<Real> setting;
  PairArrays pairs;
  const Real* gradient;   // [n_atoms, n_density]
  double* pair_gradient;  // [n_pairs, 3] scratch
  double* atom_virials;   // [n_atoms, 9] scratch; null: no virials
  double* forces;         // [n_atoms, 3]
  double* virials;        // [n_frames, 9] or null
};

template <typename Real>
struct AdjointArguments {
  PairSetting<Real> setting;
  PairArrays pairs;
  const double* force_cotangent;   // [n_atoms, 3]
  const double* virial_cotangent;  // [n_frames, 9] or null
  Real* factors;                   // [n_pairs, 2 n_radial + 2 n_lm] scratch
  Real* gradient_cotangent;        // [n_atoms, n_density]
};

template <int kLMax, typename Real>
void ForcesOnHost(const ForceArguments<Real>& arguments);
template <int kLMax, typename Real>
void AdjointOnHost(const AdjointArguments<Real>& arguments);

// On the stream (a cudaStream_t) of the current device; pointers are the device's. They return before the
// work is done: null, or what the launch failed with.
template <int kLMax, typename Real>
const char* ForcesOnCuda(const ForceArguments<Real>& arguments, void* stream);
template <int kLMax, typename Real>
const char* AdjointOnCuda(const AdjointArguments<Real>& arguments, void* stream);

}  // namespace superion::trainer
