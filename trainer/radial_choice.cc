#include "trainer/radial_choice.h"

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

TrainOptions FirstCycle(const TrainOptions& options, bool smoothstep) {
  TrainOptions first = options;
  first.architecture.smoothstep = smoothstep;
  first.stop_after_cycles = 1;
  first.curve_path = "";
  first.checkpoint_path = CheckpointPath(options, smoothstep);
  return first;
}

EpochSink Named(const EpochSink& progress, bool smoothstep) {
  if (!progress) return progress;
  return [progress, smoothstep](TaskProgress p) {
    p.message = fmt::format("comparing radial functions, {}: {}", Name(smoothstep), p.message);
    progress(p);
  };
}

// Infinite when it diverged.
absl::StatusOr<double> ErrorAfterFirstCycle(const TrainOptions& options, bool smoothstep,
                                            const Dataset& dataset, const EpochSink& progress,
                                            bool* resumed) {
  const absl::StatusOr<TrainOutcome> outcome =
      Train(FirstCycle(options, smoothstep), dataset, nullptr, Named(progress, smoothstep));
  if (absl::IsInternal(outcome.status())) return std::numeric_limits<double>::infinity();
  SUPERION_RETURN_IF_ERROR(outcome.status());
  *resumed = *resumed || outcome->resumed;
  return outcome->valid.force_mae;
}

// Not compared where a first cycle could not be run: the training itself will say what is wrong, or has more
// time.
absl::StatusOr<RadialComparison> Compare(const TrainOptions& options, const Dataset& dataset,
                                         const EpochSink& progress) {
  RadialComparison comparison;
  for (const bool smoothstep : {false, true}) {
    const absl::StatusOr<double> error =
        ErrorAfterFirstCycle(options, smoothstep, dataset, progress, &comparison.resumed);
    if (absl::IsUnavailable(error.status())) return error.status();
    if (!error.ok()) return RadialComparison{};
    (smoothstep ? comparison.smoothstep : comparison.linear) = *error;
  }
  comparison.compared = true;
  return comparison;
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

// What came of the first cycle that was chosen becomes the checkpoint of the training.
void GoOnFrom(const RadialComparison& comparison, const TrainOptions& options) {
  const bool chosen = options.architecture.smoothstep;
  std::error_code ignored;
  if (comparison.compared && std::isfinite(chosen ? comparison.smoothstep : comparison.linear))
    std::filesystem::rename(CheckpointPath(options, chosen), options.checkpoint_path, ignored);
  for (const bool smoothstep : {false, true})
    std::filesystem::remove(CheckpointPath(options, smoothstep), ignored);
}

}  // namespace

absl::StatusOr<RadialComparison> ChooseRadialFunctions(const Dataset& dataset, const EpochSink& progress,
                                                       TrainOptions* options) {
  RadialComparison comparison;
  options->architecture.smoothstep = false;
  if (dataset.valid.empty() || options->cycles < 2 || options->checkpoint_path.empty()) return comparison;
  options->max_time_s *= kGoesOn;
  if (Settled(dataset, options)) return comparison;
  options->architecture.smoothstep = false;
  SUPERION_ASSIGN_OR_RETURN(comparison, Compare(*options, dataset, progress));
  options->architecture.smoothstep = comparison.smoothstep < kClear * comparison.linear;
  GoOnFrom(comparison, *options);
  return comparison;
}

}  // namespace superion::trainer
