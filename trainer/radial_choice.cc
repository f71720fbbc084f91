#include "trainer/radial_choice.h"

#include <chrono>
#include <cmath>

#include "trainer/checkpoint.h"

namespace superion::trainer {
namespace {

constexpr double kShare = 1.0 / 7;  // of the epochs, for each pilot: as long as the first of three cycles
constexpr double kClear = 0.98;     // below this ratio of errors the difference is more than the seed makes

TrainOptions Pilot(const TrainOptions& options, bool smoothstep) {
  TrainOptions pilot = options;
  pilot.architecture.smoothstep = smoothstep;
  pilot.epochs = static_cast<int>(std::ceil(kShare * options.epochs));
  pilot.cycles = 1;
  pilot.max_time_s = kShare * options.max_time_s;
  pilot.target_force_mae = pilot.target_energy_mae = 0.0;
  pilot.curve_path = pilot.checkpoint_path = "";
  return pilot;
}

// Infinite for a pilot that diverged.
absl::StatusOr<double> ErrorOfPilot(const TrainOptions& pilot, const Dataset& dataset) {
  const absl::StatusOr<TrainOutcome> outcome = Train(pilot, dataset, nullptr, nullptr);
  if (outcome.ok()) return outcome->valid.force_mae;
  if (absl::IsInternal(outcome.status())) return std::numeric_limits<double>::infinity();
  return outcome.status();
}

// Not compared where a pilot could not be run: the training itself will say what is wrong, or has more time.
absl::StatusOr<RadialComparison> Compare(const TrainOptions& options, const Dataset& dataset) {
  RadialComparison comparison;
  for (const bool smoothstep : {false, true}) {
    const absl::StatusOr<double> error = ErrorOfPilot(Pilot(options, smoothstep), dataset);
    if (absl::IsUnavailable(error.status())) return error.status();
    if (!error.ok()) return RadialComparison{};
    (smoothstep ? comparison.smoothstep : comparison.linear) = *error;
  }
  comparison.compared = true;
  return comparison;
}

// True when a checkpoint says which argument an interrupted training had.
bool Settled(const Dataset& dataset, TrainOptions* options) {
  if (options->checkpoint_path.empty()) return false;
  const std::string found = FingerprintOfCheckpoint(options->checkpoint_path);
  for (const bool smoothstep : {false, true}) {
    options->architecture.smoothstep = smoothstep;
    if (!found.empty() && TrainingFingerprint(*options, dataset, nullptr) == found) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<RadialComparison> ChooseRadialFunctions(const Dataset& dataset, const EpochSink& progress,
                                                       TrainOptions* options) {
  const auto start = std::chrono::steady_clock::now();
  RadialComparison comparison;
  if (Settled(dataset, options)) return comparison;
  options->architecture.smoothstep = false;
  if (dataset.valid.empty() || options->cycles < 2) return comparison;
  if (progress)
    progress({0, static_cast<double>(options->epochs), "epochs", "comparing two sets of radial functions"});
  SUPERION_ASSIGN_OR_RETURN(comparison, Compare(*options, dataset));
  options->architecture.smoothstep = comparison.smoothstep < kClear * comparison.linear;
  options->spent_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return comparison;
}

}  // namespace superion::trainer
