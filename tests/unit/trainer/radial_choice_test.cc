#include "trainer/radial_choice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/file.h"
#include "tests/unit/trainer/morse_crystal.h"

namespace superion::trainer {
namespace {

// Energies and forces of the pair energy 0.02 eV · cos(k r) (1 - r/4)⁴ in place of those of the frames; k in
// 1/Å.
void LabelWithRipple(double k, std::vector<Frame>* frames) {
  for (Frame& frame : *frames) {
    const Structure& s = frame.structure;
    const NeighborList list = BuildNeighborList(s, 4.0).value();
    double energy = 0.0;
    frame.stress.reset();
    frame.forces.assign(s.size(), Vec3{});
    for (size_t i = 0; i < s.size(); ++i)
      for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
        const Vec3 d = s.positions[list.neighbor[p]] + list.shift[p] - s.positions[i];
        const double r = std::sqrt(Dot(d, d)), v = 1 - r / 4;
        energy += 0.01 * std::cos(k * r) * std::pow(v, 4);
        const double slope =
            0.02 * (-k * std::sin(k * r) * std::pow(v, 4) - std::cos(k * r) * std::pow(v, 3));
        for (int a = 0; a < 3; ++a) frame.forces[i][a] += slope * d[a] / r;
      }
    frame.energy = energy;
  }
}

Dataset Ripples(double k, int n_train, int n_valid) {
  Dataset dataset = MorseDataset(n_train, n_valid, "Li", 0.15);
  LabelWithRipple(k, &dataset.train);
  LabelWithRipple(k, &dataset.valid);
  return dataset;
}

TrainOptions Options(const Dataset& dataset, int epochs) {
  TrainOptions options;
  options.architecture = *ArchitectureOfSize("S", dataset.species, 6.0);
  options.epochs = epochs;
  options.cycles = 3;
  return options;
}

TEST(RadialChoice, TakesTheFinerFunctionsWhereTheForcesNeedThem) {
  const Dataset dataset = Ripples(9.0, 60, 20);
  TrainOptions options = Options(dataset, 100);
  const RadialComparison comparison = *ChooseRadialFunctions(dataset, nullptr, &options);
  EXPECT_TRUE(comparison.compared);
  EXPECT_LT(comparison.smoothstep, 0.9 * comparison.linear);
  EXPECT_TRUE(options.architecture.smoothstep);
  EXPECT_GT(options.spent_s, 0.0);
}

TEST(RadialChoice, KeepsTheLinearArgumentWithoutAClearDifference) {
  const Dataset dataset = Ripples(1.0, 20, 8);
  TrainOptions options = Options(dataset, 14);
  const RadialComparison comparison = *ChooseRadialFunctions(dataset, nullptr, &options);
  EXPECT_EQ(options.architecture.smoothstep, comparison.smoothstep < 0.98 * comparison.linear);
  Dataset unseen = dataset;
  unseen.valid.clear();
  options.architecture.smoothstep = true;
  EXPECT_FALSE(ChooseRadialFunctions(unseen, nullptr, &options)->compared);
  EXPECT_FALSE(options.architecture.smoothstep);
}

TEST(RadialChoice, ACheckpointOfTheTrainingSettlesIt) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "superion_radial_choice";
  std::filesystem::create_directories(folder);
  const Dataset dataset = Ripples(9.0, 12, 4);
  for (const bool smoothstep : {false, true}) {
    TrainOptions options = Options(dataset, 20);
    options.architecture.smoothstep = smoothstep;
    options.checkpoint_path = (folder / "checkpoint").string();
    options.stop_after_epochs = 1;
    ASSERT_TRUE(absl::IsUnavailable(Train(options, dataset, nullptr, nullptr).status()));
    options.architecture.smoothstep = !smoothstep;
    EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
    EXPECT_EQ(options.architecture.smoothstep, smoothstep);
  }
  std::filesystem::remove_all(folder);
}

TEST(RadialChoice, WhatAPilotCannotDoIsLeftToTheTraining) {
  Dataset dataset = Ripples(9.0, 12, 4);
  TrainOptions options = Options(dataset, 20);
  options.cycles = 1;
  EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
  EXPECT_EQ(options.spent_s, 0.0);
  options.cycles = 3;
  options.max_time_s = 1e-6;  // over before the first epoch of a pilot
  EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
  dataset.train[3].structure.species[0] = "Br";
  EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
  EXPECT_TRUE(absl::IsInvalidArgument(Train(options, dataset, nullptr, nullptr).status()));
}

TEST(RadialChoice, StopsOnRequest) {
  const Dataset dataset = Ripples(9.0, 12, 4);
  TrainOptions options = Options(dataset, 20);
  const std::atomic<bool> stop{true};
  options.stop = &stop;
  EXPECT_TRUE(absl::IsUnavailable(ChooseRadialFunctions(dataset, nullptr, &options).status()));
}

}  // namespace
}  // namespace superion::trainer
