#include "trainer/radial_choice.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "trainer/checkpoint.h"
#include "trainer/first_cycle.h"

namespace superion::trainer {
namespace {

constexpr double kClear = 0.98;  // below this ratio of errors the difference is more than the seed makes

std::string Name(bool smoothstep) { return smoothstep ? "smoothstep" : "linear"; }

std::string CheckpointPath(const TrainOptions& options, bool smoothstep) {
  return options.checkpoint_path + "." + Name(smoothstep);
}

absl::StatusOr<FirstCycleResult> Try(bool smoothstep, TrainOptions options, const Dataset& dataset,
                                     const EpochSink& progress) {
  options.architecture.smoothstep = smoothstep;
  options.checkpoint_path = CheckpointPath(options, smoothstep);
  return RunFirstCycle(options, "radial functions, " + Name(smoothstep), smoothstep ? 1 : 0, dataset,
                       progress);
}

bool Comparable(const TrainOptions& options, const Dataset& dataset) {
  return !dataset.valid.empty() && options.cycles > 1 && !options.checkpoint_path.empty();
}

struct Choice {
  RadialComparison comparison;
  bool smoothstep = false;
  double elapsed_s = 0.0;
};

// A first cycle that reached the target ends the comparison, as it ends the training.
absl::StatusOr<Choice> Choose(const TrainOptions& options, const Dataset& dataset,
                              const EpochSink& progress) {
  Choice choice;
  SUPERION_ASSIGN_OR_RETURN(const FirstCycleResult linear, Try(false, options, dataset, progress));
  choice.elapsed_s = linear.elapsed_s;
  choice.comparison.goes_on = linear.run && std::isfinite(linear.force_mae);
  choice.comparison.resumed = linear.resumed;
  if (!linear.run || linear.target_reached) return choice;
  SUPERION_ASSIGN_OR_RETURN(const FirstCycleResult fine, Try(true, options, dataset, progress));
  choice.elapsed_s += fine.elapsed_s;
  if (!fine.run) return choice;
  choice.comparison = {linear.force_mae, fine.force_mae, true, choice.comparison.goes_on,
                       linear.resumed || fine.resumed};
  choice.smoothstep = fine.target_reached || fine.force_mae < kClear * linear.force_mae;
  choice.comparison.goes_on = std::isfinite(choice.smoothstep ? fine.force_mae : linear.force_mae);
  return choice;
}

// True when a checkpoint says which argument an interrupted training had.
bool Settled(const Dataset& dataset, TrainOptions* options) {
  const std::string found = FingerprintOfCheckpoint(options->checkpoint_path);
  if (found.empty()) return false;
  for (const bool smoothstep : {false, true}) {
    options->architecture.smoothstep = smoothstep;
    if (TrainingFingerprint(*options, dataset, nullptr) == found) return true;
  }
  return false;
}

void RemoveFirstCycles(const TrainOptions& options) {
  std::error_code ignored;
  for (const bool smoothstep : {false, true})
    std::filesystem::remove(CheckpointPath(options, smoothstep), ignored);
}

// The first cycle that was chosen becomes the checkpoint of the training, with the time of both.
absl::Status GoOnFrom(const Choice& choice, const TrainOptions& options, const Dataset& dataset) {
  const std::string from = CheckpointPath(options, choice.smoothstep);
  std::error_code error;
  if (choice.comparison.goes_on) std::filesystem::rename(from, options.checkpoint_path, error);
  if (error) return DataLoss("cannot rename {} to {}: {}", from, options.checkpoint_path, error.message());
  RemoveFirstCycles(options);
  if (!choice.comparison.goes_on || options.elapsed_s <= 0) return absl::OkStatus();
  return Readdress(options.checkpoint_path, TrainingFingerprint(options, dataset, nullptr),
                   options.elapsed_s);
}

// What of the time has gone beyond the share of the first cycle that is given up. Where preparing the frames
// left no time for a first cycle, they are prepared once more: as much again is left for the training.
double ElapsedBefore(const Choice& choice, const TrainOptions& options) {
  const double elapsed = std::max(0.0, choice.elapsed_s - options.max_time_s * FirstCycleShare(options));
  if (choice.comparison.goes_on) return elapsed;
  return std::clamp(options.max_time_s - 2 * choice.elapsed_s, 0.0, elapsed);
}

}  // namespace

int GivenUpEpochs(const TrainOptions& options, const Dataset& dataset) {
  return Comparable(options, dataset) ? FirstCycleEpochs(options) : 0;
}

EpochSink Growing(const EpochSink& progress) {
  if (!progress) return progress;
  return [progress, most = std::make_shared<double>(0.0)](TaskProgress p) {
    *most = p.done = std::max(p.done, *most);
    progress(p);
  };
}

EpochSink Behind(int given_up_epochs, const EpochSink& progress) {
  if (!progress) return progress;
  return [progress, given_up_epochs](TaskProgress p) {
    p.done += given_up_epochs;
    p.total += given_up_epochs;
    progress(p);
  };
}

absl::StatusOr<RadialComparison> ChooseRadialFunctions(const Dataset& dataset, const EpochSink& progress,
                                                       TrainOptions* options) {
  options->architecture.smoothstep = false;
  if (!Comparable(*options, dataset)) return RadialComparison{};
  options->max_time_s /= 1 + FirstCycleShare(*options);
  if (Settled(dataset, options)) {
    RemoveFirstCycles(*options);
    return RadialComparison{};
  }
  options->architecture.smoothstep = false;
  SUPERION_ASSIGN_OR_RETURN(const Choice choice, Choose(*options, dataset, progress));
  options->architecture.smoothstep = choice.smoothstep;
  if (options->max_time_s > 0) options->elapsed_s = ElapsedBefore(choice, *options);
  SUPERION_RETURN_IF_ERROR(GoOnFrom(choice, *options, dataset));
  return choice.comparison;
}

}  // namespace superion::trainer
