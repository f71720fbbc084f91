// Which radial functions suit a set of frames: the first cycle of a training with either, compared on the
// frames of validation; the better one goes on.
#pragma once

#include "trainer/train_loop.h"

namespace superion::trainer {

// Force MAE of validation, meV/Å, after the first cycle with either argument of the Chebyshev polynomials
// (equation 1 of docs/potential_model.md); infinite where it diverged.
struct RadialComparison {
  double linear = 0.0, smoothstep = 0.0;
  bool compared = false;  // false: nothing to compare on, or settled by a checkpoint or a target
  bool goes_on = false;   // the checkpoint of the training is that of a first cycle
  bool resumed = false;   // which went on from a checkpoint of its own
};

// Sets options->architecture.smoothstep and leaves, at options->checkpoint_path, the first cycle of the
// training with it. Fine functions of r lower the errors of some metals and melts by a tenth and raise those
// of small sets of many species by as much (docs/training_experiments.md); a seventh of the schedule tells
// which. Linear without validation frames, without a path for checkpoints, for a schedule of one cycle (too
// short to compare in), where the errors differ by less than 2 % and where a first cycle could not be run; a
// checkpoint of a training with either argument settles it, and so does a first cycle that reaches the
// target. Where there is something to compare, options->max_time_s becomes seven eighths of what it was: the
// rest is for the first cycle that is given up; what was needed beyond that is options->elapsed_s.
// Unavailable when stopped; called again, it goes on from there, as it does after any error.
absl::StatusOr<RadialComparison> ChooseRadialFunctions(const Dataset& dataset, const EpochSink& progress,
                                                       TrainOptions* options);

// Epochs that the reports of first cycles count beside those of the training; 0 where nothing is compared. To
// be asked before the choice.
int GivenUpEpochs(const TrainOptions& options, const Dataset& dataset);

// Reports to `progress` with the epochs of the first cycle that is given up before those of the training.
EpochSink Behind(int given_up_epochs, const EpochSink& progress);

// Reports to `progress`, what is done never less than before: with a limit of time the first cycle that goes
// on may have had fewer epochs than one that is given up.
EpochSink Growing(const EpochSink& progress);

}  // namespace superion::trainer
