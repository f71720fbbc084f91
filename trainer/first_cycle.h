// A first cycle of a training run on its own, to compare settings by what it reaches in validation.
#pragma once

#include <limits>

#include "trainer/train_loop.h"

namespace superion::trainer {

// What came of a first cycle. It was not run where the time was over before its first epoch, or where the
// frames are such that the training itself will say what is wrong.
struct FirstCycleResult {
  bool run = false, target_reached = false, resumed = false;
  double force_mae =
      std::numeric_limits<double>::infinity();  // of validation, meV/Å; infinite when it diverged
  double elapsed_s = 0.0;
};

// Epochs of a first cycle: it ends with the one in which its share of the schedule is done.
int FirstCycleEpochs(const TrainOptions& options);
// Share of the schedule that a first cycle is.
double FirstCycleShare(const TrainOptions& options);

// Runs the first cycle of a training with `options`, whose checkpoint_path is to be its own, and leaves its
// checkpoint there. Progress is reported as that of cycle `number` (from 0) of those that come before the
// training, called `name`. Unavailable when stopped, and other errors that are not the frames'.
absl::StatusOr<FirstCycleResult> RunFirstCycle(const TrainOptions& options, const std::string& name,
                                               int number, const Dataset& dataset, const EpochSink& progress);

}  // namespace superion::trainer
