#include "trainer/schedule.h"

#include <algorithm>
#include <cmath>

namespace superion::trainer {
namespace {

constexpr double kRampBegin = 0.5;  // of the schedule: from here on the weights go from `early` to `late`
constexpr double kRampEnd = 0.9;
constexpr double kAtomSteps = 1.5e7, kFewestSteps = 20000, kMostSteps = 40000;
// More is time lost: small sets end with an early cycle anyhow (docs/training_experiments.md).
constexpr double kMostEpochs = 150, kStepsForFewFrames = 20000;
constexpr double kStepsForCycles = 10000;
constexpr int kEpochsForCycles = 14;  // two in the first cycle: what an epoch has left of a cycle is annealed
constexpr double kBringsMuch = 0.8, kShared = 0.7;  // docs/adr/2026-11-21-a-decay-after-learning-by-heart.md
constexpr double kLateOfOneSpecies = 300.0, kLateOfSeveral = 30.0;
constexpr double kJump = 10.0, kHarmlessShare = 0.05;

}  // namespace

int CycleAt(double fraction, int cycles) {
  int k = 0;
  while (k + 1 < cycles && CycleFraction(fraction, k, cycles) >= 1.0) ++k;
  return k;
}

double CycleFraction(double fraction, int cycle, int cycles) {
  const double length = 1 << cycle, begin = length - 1;  // in units of the first
  return std::clamp((fraction * ((1 << cycles) - 1) - begin) / length, 0.0, 1.0);
}

bool LearnsByHeart(const CycleErrors& before, const CycleErrors& after) {
  const double gain = std::log(before.training_force_mae / after.training_force_mae);
  const double shared = std::log(before.valid_force_mae / after.valid_force_mae);
  return after.score > kBringsMuch * before.score && gain > 0 && shared < kShared * gain;
}

double LateEnergyWeight(int n_species) { return n_species > 1 ? kLateOfSeveral : kLateOfOneSpecies; }

LossWeights WeightsAt(const LossWeights& early, const LossWeights& late, double fraction) {
  const double t = std::clamp((fraction - kRampBegin) / (kRampEnd - kRampBegin), 0.0, 1.0);
  const auto blend = [t](double a, double b) {
    return a > 0 && b > 0 ? a * std::pow(b / a, t) : a + t * (b - a);
  };
  return {blend(early.energy, late.energy), blend(early.force, late.force), blend(early.stress, late.stress),
          blend(early.huber, late.huber)};
}

double ScheduleFactor(double fraction, int64_t step, int64_t warmup_steps) {
  const double warmup = std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warmup_steps));
  return warmup * (0.001 + 0.999 * 0.5 * (1 + std::cos(M_PI * std::min(1.0, fraction))));
}

double LargestForceLoss(double lowest, double huber) {
  const double of_zero = huber < 1 ? huber * (1 - 0.5 * huber) : 0.5;
  return std::max(kJump * lowest, kHarmlessShare * of_zero);
}

int DefaultBatchFrames(size_t n_frames, size_t n_atoms) {
  const double per_frame = static_cast<double>(n_atoms) / static_cast<double>(std::max<size_t>(1, n_frames));
  return std::clamp(static_cast<int>(std::lround(64.0 / per_frame)), 1, 16);
}

int DefaultEpochs(size_t n_frames, size_t n_atoms, int batch_frames, bool warm_start) {
  const double steps_per_epoch = std::ceil(static_cast<double>(n_frames) / batch_frames);
  const double atoms_per_step = static_cast<double>(n_atoms) / steps_per_epoch;
  const double by_atoms = std::clamp(kAtomSteps / atoms_per_step, kFewestSteps, kMostSteps);
  const double by_epochs = std::max(kStepsForFewFrames, kMostEpochs * steps_per_epoch);
  const double steps = std::min(by_atoms, by_epochs) * (warm_start ? 0.33 : 1.0);
  return static_cast<int>(std::clamp(std::ceil(steps / steps_per_epoch), 20.0, 5000.0));
}

int DefaultCycles(int epochs, size_t n_frames, int batch_frames, bool warm_start) {
  const double steps = epochs * std::ceil(static_cast<double>(n_frames) / batch_frames);
  return warm_start || steps < kStepsForCycles || epochs < kEpochsForCycles ? 1 : 3;
}

}  // namespace superion::trainer
