// Training from checked frames to a model: schedule, validation, checkpoint, recovery.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/task.h"
#include "trainer/dataset.h"
#include "trainer/optimizer.h"
#include "trainer/training_graph.h"

namespace superion::trainer {

struct TrainOptions {
  ModelArchitecture architecture;  // species of the dataset (and of the initial model)
  int epochs = 200;
  int batch_frames = 4;
  double learning_rate = 3e-3;
  bool stress = false;
  uint64_t seed = 1;
  int threads = 1;
  double max_time_s = 0.0;  // 0: none. The schedule shrinks to the time that there is
  bool double_precision = false;
  OptimizerOptions optimizer;
  LossWeights early{1, 1, 0, 0.1}, late{10, 1, 0, 0.1};  // see WeightsAt
  std::string checkpoint_path;                           // empty: none
  double checkpoint_every_s = 120.0;
  int stop_after_epochs = 0;  // > 0: returns Unavailable after so many epochs, with a checkpoint written
};

// Errors as docs/task_contract.md names them.
struct ErrorSummary {
  double energy_mae = 0, energy_rmse = 0;               // meV/atom
  double force_mae = 0, force_rmse = 0, force_rms = 0;  // meV/Å, by component
  double stress_mae = 0;                                // meV/Å³, over the frames with a label
  int frames = 0, stress_frames = 0;
};
Json ToJson(const ErrorSummary& errors);

struct TrainOutcome {
  Model model;  // without uncertainty data
  ErrorSummary train, valid;
  int epochs = 0;
  int recoveries = 0;  // how often the divergence guard had to go back
  bool resumed = false;
  std::vector<Json> learning_curve;  // one object per validation
};

using EpochSink = std::function<void(const TaskProgress&)>;

// `init` may be null. DataLoss for a damaged checkpoint is not an error: training starts again and says so on
// stderr.
absl::StatusOr<TrainOutcome> Train(const TrainOptions& options, const Dataset& dataset, const Model* init,
                                   const EpochSink& progress);

// Weights of the loss at `fraction` of the schedule: `early` to a half, `late` from 0.9 on, geometrically
// between. A sudden change would meet second moments of the optimiser that belong to another scale.
LossWeights WeightsAt(const LossWeights& early, const LossWeights& late, double fraction);

// Factor of the learning rate at `fraction` of the schedule (0..1) and `step`: linear warm-up, then cosine to
// 0.001.
double ScheduleFactor(double fraction, int64_t step, int64_t warmup_steps);

}  // namespace superion::trainer
