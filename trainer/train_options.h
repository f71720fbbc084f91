// What a training is asked for.
#pragma once

#include <atomic>
#include <string>

#include "trainer/dataset.h"
#include "trainer/optimizer.h"
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

// What a checkpoint of this training says that it belongs to.
std::string TrainingFingerprint(const TrainOptions& options, const Dataset& dataset, const Model* init);

}  // namespace superion::trainer
