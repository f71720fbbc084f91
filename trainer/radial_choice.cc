#include "trainer/radial_choice.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "trainer/checkpoint.h"

namespace superion::trainer {
namespace {

constexpr double kGoesOn = 7.0 / 8;  // of the time: the first of three cycles, a seventh, is run twice
constexpr double kClear = 0.98;      // below this ratio of errors the difference is more than the seed makes

std::string Name(bool smoothstep) { return smoothstep ? "smoothstep" : "linear"; }

std::string CheckpointPath(const TrainOptions& options, bool smoothstep) {
  return options.checkpoint_path + "." + Name(smoothstep);
}

// A first cycle ends with the epoch in which a seventh of the schedule is done.
int GivenUpEpochs(const TrainOptions& options) {
  const int share = (1 << options.cycles) - 1;
  return (options.epochs + share - 1) / share;
}

TrainOptions FirstCycle(const TrainOptions& options, bool smoothstep) {
  TrainOptions first = options;
  first.architecture.smoothstep = smoothstep;
  first.stop_after_cycles = 1;
  first.curve_path = "";
  first.checkpoint_path = CheckpointPath(options, smoothstep);
  return first;
}

EpochSink Named(const TrainOptions& options, const EpochSink& progress, bool smoothstep) {
  if (!progress) return progress;
  return [progress, smoothstep, given_up = GivenUpEpochs(options)](TaskProgress p) {
    p.message = fmt::format("comparing radial functions, {}: {}", Name(smoothstep), p.message);
    p.done += smoothstep ? given_up : 0.0;
    p.total += given_up;
    progress(p);
  };
}

// What came of a first cycle. It was not run where the time was over before its first epoch, or where the
// frames are such that the training itself will say what is wrong.
struct FirstCycleResult {
  bool run = false, target_reached = false, resumed = false;
  double force_mae = std::numeric_limits<double>::infinity();  // meV/Å; infinite when it diverged
  double elapsed_s = 0.0;
};

absl::StatusOr<FirstCycleResult> RunFirstCycle(const TrainOptions& options, bool smoothstep,
                                               const Dataset& dataset, const EpochSink& progress) {
  FirstCycleResult result;
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusOr<TrainOutcome> outcome =
      Train(FirstCycle(options, smoothstep), dataset, nullptr, Named(options, progress, smoothstep));
  result.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (absl::IsInvalidArgument(outcome.status())) return result;
  result.run = true;
  if (absl::IsInternal(outcome.status())) return result;
  SUPERION_RETURN_IF_ERROR(outcome.status());
  result.resumed = outcome->resumed, result.target_reached = outcome->target_reached;
  result.force_mae = outcome->valid.force_mae;
  result.elapsed_s = outcome->elapsed_s;
  return result;
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
  SUPERION_ASSIGN_OR_RETURN(const FirstCycleResult linear, RunFirstCycle(options, false, dataset, progress));
  choice.elapsed_s = linear.elapsed_s;
  choice.comparison.goes_on = linear.run && std::isfinite(linear.force_mae);
  choice.comparison.resumed = linear.resumed;
  if (!linear.run || linear.target_reached) return choice;
  SUPERION_ASSIGN_OR_RETURN(const FirstCycleResult fine, RunFirstCycle(options, true, dataset, progress));
  choice.elapsed_s += fine.elapsed_s;
  if (!fine.run) return choice;
  choice.comparison = {
      linear.force_mae,      fine.force_mae, true, choice.comparison.goes_on, linear.resumed || fine.resumed,
      GivenUpEpochs(options)};
  choice.smoothstep = fine.target_reached || fine.force_mae < kClear * linear.force_mae;
  choice.comparison.goes_on = std::isfinite(choice.smoothstep ? fine.force_mae : linear.force_mae);
  return choice;
}

// True when a checkpoint says which argument an interrupted training had.
bool Settled(const Dataset& dataset, TrainOptions* options) {
  const std::string found = FingerprintOfCheckpoint(options->checkpoint_path);
  for (const bool smoothstep : {false, true}) {
    options->architecture.smoothstep = smoothstep;
    if (!found.empty() && TrainingFingerprint(*options, dataset, nullptr) == found) return true;
  }
  return false;
}

void RemoveFirstCycles(const TrainOptions& options) {
  std::error_code ignored;
  for (const bool smoothstep : {false, true})
    std::filesystem::remove(CheckpointPath(options, smoothstep), ignored);
}

// The first cycle that was chosen becomes the checkpoint of the training.
absl::Status GoOnFrom(const Choice& choice, const TrainOptions& options) {
  const std::string from = CheckpointPath(options, choice.smoothstep);
  std::error_code error;
  if (choice.comparison.goes_on) std::filesystem::rename(from, options.checkpoint_path, error);
  if (error) return DataLoss("cannot rename {} to {}: {}", from, options.checkpoint_path, error.message());
  RemoveFirstCycles(options);
  return absl::OkStatus();
}

// What of the time has gone beyond the share of the first cycle that is given up. Where preparing the frames
// left no time for a first cycle, they are prepared once more: as much again is left for the training.
double ElapsedBefore(const Choice& choice, const TrainOptions& options) {
  const double elapsed = std::max(0.0, choice.elapsed_s - options.max_time_s * (1 / kGoesOn - 1));
  if (choice.comparison.goes_on) return elapsed;
  return std::clamp(options.max_time_s - 2 * choice.elapsed_s, 0.0, elapsed);
}

}  // namespace

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
  if (dataset.valid.empty() || options->cycles < 2 || options->checkpoint_path.empty())
    return RadialComparison{};
  options->max_time_s *= kGoesOn;
  if (Settled(dataset, options)) {
    RemoveFirstCycles(*options);
    RadialComparison settled;
    settled.given_up_epochs = GivenUpEpochs(*options);
    return settled;
  }
  options->architecture.smoothstep = false;
  SUPERION_ASSIGN_OR_RETURN(const Choice choice, Choose(*options, dataset, progress));
  options->architecture.smoothstep = choice.smoothstep;
  if (options->max_time_s > 0) options->elapsed_s = ElapsedBefore(choice, *options);
  SUPERION_RETURN_IF_ERROR(GoOnFrom(choice, *options));
  return choice.comparison;
}

}  // namespace superion::trainer
