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

class RadialChoice : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(::testing::TempDir()) /
        (std::string("superion_radial_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  TrainOptions Options(const Dataset& dataset, int epochs) const {
    TrainOptions options;
    options.architecture = *ArchitectureOfSize("S", dataset.species, 6.0);
    options.epochs = epochs;
    options.cycles = 3;
    options.checkpoint_path = (folder_ / "checkpoint").string();
    return options;
  }
  int Files() const {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  std::filesystem::path folder_;
};

TEST_F(RadialChoice, TakesTheFinerFunctionsWhereTheForcesNeedThem) {
  const Dataset dataset = Ripples(9.0, 60, 20);
  TrainOptions options = Options(dataset, 100);
  options.max_time_s = 800;
  const RadialComparison comparison = *ChooseRadialFunctions(dataset, nullptr, &options);
  EXPECT_TRUE(comparison.compared);
  EXPECT_LT(comparison.smoothstep, 0.9 * comparison.linear);
  EXPECT_TRUE(options.architecture.smoothstep);
  EXPECT_EQ(options.max_time_s, 700);
}

TEST_F(RadialChoice, KeepsTheLinearArgumentWithoutAClearDifference) {
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

TEST_F(RadialChoice, TheFirstCycleThatWasChosenGoesOnToTheBit) {
  const Dataset dataset = Ripples(9.0, 12, 4);
  TrainOptions options = Options(dataset, 21);
  TrainOptions plain = options;
  plain.checkpoint_path = "";
  // Stopped within the first of the two.
  options.stop_after_epochs = 2;
  EXPECT_TRUE(absl::IsUnavailable(ChooseRadialFunctions(dataset, nullptr, &options).status()));
  options.stop_after_epochs = 0;
  double last = 0;
  const RadialComparison comparison = *ChooseRadialFunctions(
      dataset, [&last](const TaskProgress& p) { last = p.done; }, &options);
  EXPECT_TRUE(comparison.compared);
  EXPECT_TRUE(comparison.resumed);
  EXPECT_EQ(last, 3);
  EXPECT_EQ(Files(), 1);
  const auto gone_on = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(gone_on.ok()) << gone_on.status();
  plain.architecture.smoothstep = options.architecture.smoothstep;
  const auto whole = Train(plain, dataset, nullptr, nullptr);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(gone_on->epochs, whole->epochs);
  EXPECT_GT(gone_on->epochs, 3);
  EXPECT_EQ(gone_on->learning_curve, whole->learning_curve);
  EXPECT_EQ(SerializeModel(gone_on->model), SerializeModel(whole->model));
}

TEST_F(RadialChoice, ACheckpointOfTheTrainingSettlesIt) {
  const Dataset dataset = Ripples(9.0, 12, 4);
  for (const bool smoothstep : {false, true}) {
    TrainOptions options = Options(dataset, 20);
    options.architecture.smoothstep = smoothstep;
    options.stop_after_epochs = 1;
    ASSERT_TRUE(absl::IsUnavailable(Train(options, dataset, nullptr, nullptr).status()));
    options.architecture.smoothstep = !smoothstep;
    EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
    EXPECT_EQ(options.architecture.smoothstep, smoothstep);
  }
}

TEST_F(RadialChoice, WhatAFirstCycleCannotDoIsLeftToTheTraining) {
  Dataset dataset = Ripples(9.0, 12, 4);
  TrainOptions options = Options(dataset, 20);
  options.cycles = 1;
  options.max_time_s = 1e-6;  // over before the first epoch
  EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
  EXPECT_EQ(options.max_time_s, 1e-6);
  options.cycles = 3;
  EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
  dataset.train[3].structure.species[0] = "Br";
  EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
  EXPECT_EQ(Files(), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(Train(options, dataset, nullptr, nullptr).status()));
}

TEST_F(RadialChoice, StopsOnRequest) {
  const Dataset dataset = Ripples(9.0, 12, 4);
  TrainOptions options = Options(dataset, 20);
  const std::atomic<bool> stop{true};
  options.stop = &stop;
  EXPECT_TRUE(absl::IsUnavailable(ChooseRadialFunctions(dataset, nullptr, &options).status()));
}

}  // namespace
}  // namespace superion::trainer
