// The task `train` of docs/task_contract.md.
#pragma once

#include "core/task.h"
#include "trainer/train_loop.h"

namespace superion::trainer {

// Settings from the params of a spec; InvalidArgument names an unknown parameter or a value that makes no
// sense. `n_frames` and `n_atoms` of the training side decide the defaults of epochs and batch.
struct TrainParams {
  std::string size = "S";
  double cutoff_angstrom = 6.0;
  int epochs = 0;        // 0: from the amount of data
  int batch_frames = 0;  // 0: from the size of the frames
  double validation_fraction = 0.1;
  bool stress = false;
  std::string device = "auto";  // see ChooseDevice
  double max_time_s = 0.0;
  double learning_rate = 0.0;  // 0: default
  double memory_gib = 4.0;     // for pairs and densities of the frames
  double target_force_mae_mev_per_angstrom = 0.0, target_energy_mae_mev_per_atom = 0.0;  // 0: none
  Json charges;  // {species: e}; null: no electrostatics, or those of the initial model
};
absl::StatusOr<TrainParams> ParseTrainParams(const Json& params);

// From now on SIGTERM ends RunTrain after the epoch at hand, with a checkpoint and Unavailable; a second one
// ends the process.
void StopOnTermination();

TaskResult RunTrain(const TaskSpec& spec, const ProgressSink& progress);

}  // namespace superion::trainer
