// What the parameters of a training start from: sizes of the density's columns and of the invariants.
#pragma once

#include "trainer/atom_network.h"
#include "trainer/frame_store.h"

namespace superion::trainer {

// Mean over the atoms of a center species and over m of A[z, n, lm] A[z, n', lm]: [Z, L+1, Z, N, N].
template <typename Real>
std::vector<double> DensityGram(const ModelArchitecture& architecture, const FrameStore<Real>& frames);

// Mean of the invariants by species, and the scale by which they are divided [Z, F]: the standard deviation
// (at least 0.005 of the root mean square) over 0.02^(ν-1) for an invariant of ν factors of A. High body
// orders enter small, so that steps of one size and the decay of weights prefer low ones: they are learned
// first and by less data (docs/adr/2026-11-20-priors-in-the-units-of-the-optimiser.md).
template <typename Real>
void MeasureInvariants(const ModelArchitecture& architecture, const FrameStore<Real>& frames,
                       const AtomNetwork<Real>& network, std::vector<double>* mean,
                       std::vector<double>* scale);

}  // namespace superion::trainer
