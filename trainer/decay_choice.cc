#include "trainer/decay_choice.h"

#include <algorithm>
#include <filesystem>

#include "trainer/checkpoint.h"
#include "trainer/first_cycle.h"
#include "trainer/parameter_layout.h"

namespace superion::trainer {
namespace {

constexpr double kDecay = 0.035;
constexpr double kCostsLittle = 1.15;  // ratio of errors after a first cycle with and without
// Of force components for every weight. With fewer all is learned by heart whether weights decay or not, and
// a decay only costs energies.
constexpr double kEnoughLabels = 0.25;

std::string TrialPath(const TrainOptions& options) { return options.checkpoint_path + ".decay"; }

void RemoveTrial(const TrainOptions& options) {
  std::error_code ignored;
  if (!options.checkpoint_path.empty()) std::filesystem::remove(TrialPath(options), ignored);
}

TrainOptions Closed(TrainOptions options, double weight_decay) {
  options.decay_is_open = false;
  options.weight_decay = weight_decay;
  return options;
}

bool HasFirstCycle(const TrainOptions& options, const Dataset& dataset) {
  const std::string found = FingerprintOfCheckpoint(options.checkpoint_path);
  return !found.empty() && found == TrainingFingerprint(options, dataset, nullptr);
}

bool HasEnoughLabels(const TrainOptions& options, const Dataset& dataset) {
  double components = 0;
  for (const Frame& frame : dataset.train) components += 3.0 * static_cast<double>(frame.structure.size());
  return components > kEnoughLabels * static_cast<double>(ParameterLayout(options.architecture).size());
}

// The later cycles of three are six times as long as the first.
TrainOptions WithDecay(const TrainOptions& options) {
  TrainOptions trial = options;
  trial.weight_decay = kDecay * (1 / FirstCycleShare(options) - 1);
  trial.decay_from_cycle = 0;
  trial.checkpoint_path = TrialPath(options);
  return trial;
}

}  // namespace

bool DecayCanBeChosen(const TrainOptions& options, const Dataset& dataset) {
  return options.architecture.n_species() > 1 && options.cycles > 1 && !dataset.valid.empty() &&
         !options.checkpoint_path.empty() && HasEnoughLabels(options, dataset);
}

std::vector<TrainOptions> DecaysOf(const TrainOptions& options) {
  if (!options.decay_is_open) return {options};
  return {options, Closed(options, 0.0), Closed(options, kDecay)};
}

absl::StatusOr<DecayComparison> ChooseDecay(const Dataset& dataset, const EpochSink& progress,
                                            TrainOptions* options) {
  DecayComparison comparison;
  if (!options->decay_is_open) {
    RemoveTrial(*options);  // it may have been killed before it could
    return comparison;
  }
  const TrainOptions open = *options;
  *options = Closed(open, 0.0);
  if (!HasFirstCycle(open, dataset)) return comparison;
  // The first cycle is there: this only evaluates it.
  SUPERION_ASSIGN_OR_RETURN(const FirstCycleResult without,
                            RunFirstCycle(open, "decays, none", 1, dataset, nullptr));
  const bool by_heart = without.force_mae > without.training_force_mae;
  if (without.run && !without.target_reached && by_heart) {
    SUPERION_ASSIGN_OR_RETURN(const FirstCycleResult with,
                              RunFirstCycle(WithDecay(open), "decays", 2, dataset, progress));
    comparison = {without.force_mae, with.force_mae, with.run};
    if (with.run && with.force_mae < kCostsLittle * without.force_mae) *options = Closed(open, kDecay);
    if (open.max_time_s > 0)
      options->elapsed_s = std::max(open.elapsed_s, without.elapsed_s) +
                           std::max(0.0, with.elapsed_s - open.max_time_s * FirstCycleShare(open));
  }
  SUPERION_RETURN_IF_ERROR(
      Readdress(open.checkpoint_path, TrainingFingerprint(*options, dataset, nullptr), options->elapsed_s));
  RemoveTrial(open);
  return comparison;
}

}  // namespace superion::trainer
