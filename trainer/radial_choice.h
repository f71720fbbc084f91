// Which radial functions suit a set of frames: two short trainings, compared on the frames of validation.
#pragma once

#include "trainer/train_loop.h"

namespace superion::trainer {

// Force MAE of validation, meV/Å, after a pilot of either argument of the Chebyshev polynomials (equation 1
// of docs/potential_model.md); infinite where the pilot diverged.
struct RadialComparison {
  double linear = 0.0, smoothstep = 0.0;
  bool compared = false;  // false: nothing to compare on, or settled by a checkpoint
};

// Sets options->architecture.smoothstep, and options->spent_s to the time that it took. Fine functions of r
// lower the errors of some metals and melts by a tenth and raise those of small sets of many species by as
// much (docs/training_experiments.md); pilots of a seventh of the epochs tell which. Linear without
// validation frames, for a schedule of one cycle (too short to compare in), where the pilots differ by less
// than 2 % and where one could not be run; a checkpoint of a training with either argument settles it.
// Unavailable when stopped.
absl::StatusOr<RadialComparison> ChooseRadialFunctions(const Dataset& dataset, const EpochSink& progress,
                                                       TrainOptions* options);

}  // namespace superion::trainer
