// What the parameters of a training start from: sizes of the density's columns and of the invariants.
#pragma once

#include "trainer/atom_network.h"
#include "trainer/frame_store.h"

namespace superion::trainer {

// Root mean square of A over the atoms of a center species and over m: [Z, L+1, Z·N]; 0 for a column that is
// always zero. Others count as at least a quarter of the typical column: a pair of species that the frames
// hold only at the edge of the cutoff must not get a weight with which it wrecks a frame where it comes
// closer.
template <typename Real>
std::vector<double> DensityRms(const ModelArchitecture& architecture, const FrameStore<Real>& frames);

// Mean and standard deviation (at least 0.005 of the root mean square) of the invariants by species, [Z, F].
template <typename Real>
void MeasureInvariants(const ModelArchitecture& architecture, const FrameStore<Real>& frames,
                       const AtomNetwork<Real>& network, std::vector<double>* mean,
                       std::vector<double>* scale);

}  // namespace superion::trainer
