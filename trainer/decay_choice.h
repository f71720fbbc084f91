// Whether the weights decay: asked of sets of several species, whose many weights per label are learned by
// heart where little in the set holds them.
#pragma once

#include <vector>

#include "trainer/train_loop.h"

namespace superion::trainer {

// Force MAE of validation, meV/Å, after a first cycle without and with a decay; infinite where it diverged.
struct DecayComparison {
  double without = 0.0, with = 0.0;
  bool compared = false;  // false: nothing to compare on, or settled by a checkpoint or a target
};

// True where there are several species, a force component or more for every four weights, validation frames
// and a checkpoint to go on from, and the schedule has cycles: then options.decay_is_open is to be set before
// the radial functions are chosen.
bool DecayCanBeChosen(const TrainOptions& options, const Dataset& dataset);

// What an open decay can become: still open, none, decayed. Others have one: themselves.
std::vector<TrainOptions> DecaysOf(const TrainOptions& options);

// Closes an open decay. A training whose first cycle has left its checkpoint, with a force MAE of validation
// above that of training, runs that cycle once more with a decay so strong that the weights shrink
// as much within it as the later cycles would shrink them; where that raises the force MAE of validation by
// less than 15 %, they decay from the second cycle on (decoupled, doi of AdamW: arXiv:1711.05101; all but
// biases and the output layer). Then the frames do not say what those weights are: errors on frames like
// those of training stay, those of training come closer to them
// (docs/adr/2026-11-21-a-decay-where-it-costs-little.md). The checkpoint is made that of the training with
// the choice; options->elapsed_s grows by what the cycle took beyond its share of max_time_s, and so does
// what the checkpoint says. Unavailable when stopped; called again, after ChooseRadialFunctions, it goes on
// from there, as it does after any error.
absl::StatusOr<DecayComparison> ChooseDecay(const Dataset& dataset, const EpochSink& progress,
                                            TrainOptions* options);

}  // namespace superion::trainer
