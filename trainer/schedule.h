// How a training runs its course: batches, steps, learning rate and weights of the loss.
#pragma once

#include <cstdint>

#include "trainer/training_graph.h"

namespace superion::trainer {

// A schedule has `cycles` cycles, each twice as long as the one before. Every cycle anneals to its end, and
// the best of all validations in the last tenth of a cycle is kept: sets that are learned by heart end with
// an early cycle, the others with the last. No cycle follows one that brought less than 1 %. The cycle (from
// 0) that `fraction` of the schedule lies in, and how far that one is then, 0..1.
int CycleAt(double fraction, int cycles);
double CycleFraction(double fraction, int cycle, int cycles);

// When a cycle ends.
struct CycleErrors {
  double score = -1.0;  // the best of all validations so far; < 0: no cycle has ended
  double valid_force_mae = 0.0, training_force_mae = 0.0;
};

// Whether a cycle learned its frames by heart: it lowered the score by less than a fifth, and validation
// shared less than 0.7 of what the forces of training gained (in logarithms). The gain does not depend on how
// hard the frames of validation are, as the ratio of the errors would.
bool LearnsByHeart(const CycleErrors& before, const CycleErrors& after);

// Weight of the energies at the end of a cycle, where that of the forces is 1. Those of several species gain
// nothing from more (docs/training_experiments.md).
double LateEnergyWeight(int n_species);

// Weights of the loss at `fraction` of the cycle: `early` to a half, `late` from 0.9 on, geometrically
// between. A sudden change would meet second moments of the optimiser that belong to another scale.
LossWeights WeightsAt(const LossWeights& early, const LossWeights& late, double fraction);

// Factor of the learning rate at `fraction` of the cycle (0..1) and `step`: linear warm-up, then cosine to
// 0.001.
double ScheduleFactor(double fraction, int64_t step, int64_t warmup_steps);

// Frames of a batch and epochs where the user gave none, for `n_frames` frames of `n_atoms` atoms in all:
// batches of about 64 atoms (1 to 16 frames); 40 000 steps, fewer (down to 20 000) where that would be more
// than 1.5·10⁷ atoms times steps, 150 epochs at most but for 20 000 steps; a third of it for a warm start.
int DefaultBatchFrames(size_t n_frames, size_t n_atoms);
int DefaultEpochs(size_t n_frames, size_t n_atoms, int batch_frames, bool warm_start);

// Three; one for a warm start, where all of it has less than 10 000 steps (too few to be learned by heart)
// and below 14 epochs: a cycle begins with an epoch, and the rest of the one before has no learning rate
// left.
int DefaultCycles(int epochs, size_t n_frames, int batch_frames, bool warm_start);

// An epoch's loss of the forces above this is a divergence: ten times the lowest so far, but not below a
// twentieth of the loss of zero forces (which have unit mean square). Few frames learned almost exactly jump
// by more than tenfold and come back by themselves.
double LargestForceLoss(double lowest, double huber);

}  // namespace superion::trainer
