// Training from checked frames to a model: schedule, validation, checkpoint, recovery.
#pragma once

#include <functional>
#include <vector>

#include "core/task.h"
#include "trainer/error_summary.h"
#include "trainer/train_options.h"

namespace superion::trainer {

struct TrainOutcome {
  Model model;  // without uncertainty data
  ErrorSummary train, valid;
  int epochs = 0;
  bool target_reached = false;
  double epoch_s = 0.0, epoch_cpu_s = 0.0;  // mean over the epochs of this run, without validation
  double elapsed_s = 0.0;                   // of max_time_s, in all runs
  size_t kept_frames = 0;                   // whose pairs and densities fit into memory
  int recoveries = 0;                       // how often the divergence guard had to go back
  bool resumed = false;
  bool decayed = false;  // the weights did, after a cycle that learned by heart, see LearnsByHeart
  bool settled = false;  // ended before the schedule: a whole cycle had brought less than 1 % in validation
  std::vector<Json> learning_curve;  // one object per validation
};

using EpochSink = std::function<void(const TaskProgress&)>;

// `init` may be null. Internal when it diverged, InvalidArgument where the time was over before the first
// epoch, ResourceExhausted when the device has too little memory. DataLoss for a damaged
// checkpoint is not an error: training starts again and says so on stderr.
absl::StatusOr<TrainOutcome> Train(const TrainOptions& options, const Dataset& dataset, const Model* init,
                                   const EpochSink& progress);

}  // namespace superion::trainer
