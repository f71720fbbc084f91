// Training from checked frames to a model: schedule, validation, checkpoint, recovery.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/task.h"
#include "trainer/dataset.h"
#include "trainer/error_summary.h"
#include "trainer/optimizer.h"
#include "trainer/schedule.h"
#include "trainer/training_graph.h"

namespace superion::trainer {

struct TrainOptions {
  ModelArchitecture architecture;  // species of the dataset (and of the initial model)
  int epochs = 200;
  int cycles = 1;  // of the schedule, see CycleFraction
  int batch_frames = 4;
  double learning_rate = 3e-3;
  bool stress = false;
  uint64_t seed = 1;
  int threads = 1;
  Device device = Device::kCpu;
  double max_time_s = 0.0;  // 0: none. The schedule shrinks to the time that there is
  double elapsed_s = 0.0;   // of max_time_s, before this training
  double memory_gib = 4.0;  // for pairs and densities; frames beyond it are made anew for every batch
  bool double_precision = false;
  OptimizerOptions optimizer;
  LossWeights early{1, 1, 0, 0.2}, late{300, 1, 0, 0.2};   // see WeightsAt
  double target_force_mae = 0.0, target_energy_mae = 0.0;  // meV/Å, meV/atom; training stops at both; 0: none
  std::string curve_path;       // learning curve, written as it happens; empty: none
  std::string checkpoint_path;  // empty: none
  double checkpoint_every_s = 120.0;
  // Set from outside: as stop_after_epochs, at the end of the epoch at hand.
  const std::atomic<bool>* stop = nullptr;
  int stop_after_epochs = 0;  // > 0: returns Unavailable after so many epochs, with a checkpoint written
  // > 0: ends after so many, with a checkpoint from which a training without goes on and without the errors
  // of the training frames.
  int stop_after_cycles = 0;
};

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

// What a checkpoint of this training says that it belongs to.
std::string TrainingFingerprint(const TrainOptions& options, const Dataset& dataset, const Model* init);

// `init` may be null. Internal when it diverged, InvalidArgument where the time was over before the first
// epoch, ResourceExhausted when the device has too little memory. DataLoss for a damaged
// checkpoint is not an error: training starts again and says so on stderr.
absl::StatusOr<TrainOutcome> Train(const TrainOptions& options, const Dataset& dataset, const Model* init,
                                   const EpochSink& progress);

}  // namespace superion::trainer
