#include "trainer/first_cycle.h"

#include <chrono>

namespace superion::trainer {
namespace {

EpochSink Named(const TrainOptions& options, const std::string& name, int number, const EpochSink& progress) {
  if (!progress) return progress;
  const int epochs = FirstCycleEpochs(options);
  return [progress, name, before = number * epochs, given_up = epochs](TaskProgress p) {
    p.message = fmt::format("comparing {}: {}", name, p.message);
    p.done += before;
    p.total += given_up;
    progress(p);
  };
}

}  // namespace

int FirstCycleEpochs(const TrainOptions& options) {
  const int share = (1 << options.cycles) - 1;
  return (options.epochs + share - 1) / share;
}

double FirstCycleShare(const TrainOptions& options) { return 1.0 / ((1 << options.cycles) - 1); }

absl::StatusOr<FirstCycleResult> RunFirstCycle(const TrainOptions& options, const std::string& name,
                                               int number, const Dataset& dataset,
                                               const EpochSink& progress) {
  TrainOptions first = options;
  first.stop_after_cycles = 1;
  first.curve_path = "";
  first.elapsed_s = 0.0;
  FirstCycleResult result;
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusOr<TrainOutcome> outcome =
      Train(first, dataset, nullptr, Named(options, name, number, progress));
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

}  // namespace superion::trainer
