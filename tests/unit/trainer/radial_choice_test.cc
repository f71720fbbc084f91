#include "trainer/radial_choice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/file.h"
#include "tests/unit/trainer/first_cycle_fixture.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/checkpoint.h"

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

using RadialChoice = FirstCycleTest;

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
  const EpochSink grows = [&last](const TaskProgress& p) {
    EXPECT_GE(p.done, last) << p.message;
    EXPECT_EQ(p.total, 24);
    last = p.done;
  };
  const RadialComparison comparison = *ChooseRadialFunctions(dataset, grows, &options);
  EXPECT_TRUE(comparison.compared);
  EXPECT_TRUE(comparison.resumed);
  EXPECT_EQ(last, 6);
  EXPECT_EQ(Files(), 1);
  const auto gone_on = Train(options, dataset, nullptr, Behind(GivenUpEpochs(options, dataset), grows));
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
    // Killed before it could remove the other first cycle.
    ASSERT_TRUE(WriteFileAtomically(options.checkpoint_path + ".linear", "left").ok());
    EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
    EXPECT_EQ(options.architecture.smoothstep, smoothstep);
    EXPECT_EQ(Files(), 1);
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

TEST_F(RadialChoice, AnErrorLosesNoFirstCycle) {
  const Dataset dataset = Ripples(9.0, 12, 4);
  const std::string away = folder_.string() + "_away";
  std::filesystem::remove_all(away);
  TrainOptions options = Options(dataset, 21);
  // The folder goes while the second of the two is run: its checkpoint cannot be written.
  const EpochSink take_away = [&](const TaskProgress& p) {
    if (p.done > 3 && std::filesystem::exists(folder_)) std::filesystem::rename(folder_, away);
  };
  EXPECT_TRUE(absl::IsNotFound(ChooseRadialFunctions(dataset, take_away, &options).status()));
  std::filesystem::rename(away, folder_);
  EXPECT_EQ(Files(), 1);
  // Something stands where the checkpoint of the training should be.
  options = Options(dataset, 21);
  std::filesystem::create_directories(options.checkpoint_path + "/full");
  EXPECT_TRUE(absl::IsDataLoss(ChooseRadialFunctions(dataset, nullptr, &options).status()));
  EXPECT_EQ(Files(), 3);
  std::filesystem::remove_all(options.checkpoint_path);
  options = Options(dataset, 21);
  const RadialComparison comparison = *ChooseRadialFunctions(dataset, nullptr, &options);
  EXPECT_TRUE(comparison.compared && comparison.goes_on && comparison.resumed);
  EXPECT_EQ(Files(), 1);
}

TEST_F(RadialChoice, AFirstCycleThatReachesTheTargetIsTheTraining) {
  const Dataset dataset = Ripples(1.0, 20, 8);
  TrainOptions options = Options(dataset, 70);
  options.target_force_mae = Train(Options(dataset, 3), dataset, nullptr, nullptr)->valid.force_mae;
  TrainOptions plain = options;
  std::filesystem::remove(options.checkpoint_path);
  options.curve_path = (folder_ / "curve").string();
  const RadialComparison comparison = *ChooseRadialFunctions(dataset, nullptr, &options);
  EXPECT_FALSE(comparison.compared);
  EXPECT_TRUE(comparison.goes_on);
  EXPECT_FALSE(comparison.resumed);
  const auto reached = Train(options, dataset, nullptr, nullptr);
  plain.checkpoint_path = "";
  const auto whole = Train(plain, dataset, nullptr, nullptr);
  ASSERT_TRUE(reached.ok() && whole.ok());
  EXPECT_TRUE(whole->target_reached && reached->target_reached);
  EXPECT_LE(whole->epochs, 10) << "in the first cycle";
  EXPECT_EQ(reached->epochs, whole->epochs);
  EXPECT_EQ(SerializeModel(reached->model), SerializeModel(whole->model));
  EXPECT_TRUE(std::filesystem::exists(options.curve_path));
}

TEST_F(RadialChoice, CountsTheTimeOfBothFirstCycles) {
  const Dataset dataset = Ripples(1.0, 12, 4);
  TrainOptions options;
  RadialComparison comparison;
  double max_time_s = 1e-3;
  while (!comparison.compared) {  // until there is time for an epoch
    max_time_s *= 1.5;
    options = Options(dataset, 1000000);
    options.max_time_s = max_time_s;
    comparison = *ChooseRadialFunctions(dataset, nullptr, &options);
    if (!comparison.compared) {
      EXPECT_LE(options.elapsed_s, max_time_s);
    }
  }
  EXPECT_GE(options.elapsed_s, 0.99 * max_time_s / 8);  // of the one that goes on
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_GE(outcome->elapsed_s, options.elapsed_s);
}

// Killed right after the comparison: the checkpoint holds the time of both first cycles.
TEST_F(RadialChoice, TheTimeOfAnInterruptedFirstCycleIsNotForgotten) {
  const Dataset dataset = Ripples(9.0, 60, 20);
  TrainOptions open = Options(dataset, 100);
  open.max_time_s = 8e5;  // a first cycle: 1e5
  TrainOptions options = open;
  options.stop_after_epochs = 2;
  EXPECT_TRUE(absl::IsUnavailable(ChooseRadialFunctions(dataset, nullptr, &options).status()));
  const std::string linear = open.checkpoint_path + ".linear";
  ASSERT_TRUE(Readdress(linear, FingerprintOfCheckpoint(linear), 1e5 + 3000).ok());
  options = open;
  EXPECT_TRUE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
  EXPECT_TRUE(options.architecture.smoothstep) << "its checkpoint knows nothing of the time of the other";
  options = open;
  EXPECT_FALSE(ChooseRadialFunctions(dataset, nullptr, &options)->compared);
  options.stop_after_epochs = 1;
  EXPECT_TRUE(absl::IsUnavailable(Train(options, dataset, nullptr, nullptr).status()));
  options.stop_after_epochs = 0, options.stop_after_cycles = 1;  // over: ends at once
  EXPECT_GE(Train(options, dataset, nullptr, nullptr)->elapsed_s, 3000);
}

TEST_F(RadialChoice, ReportsNeverLessThanBefore) {
  std::vector<double> done;
  const EpochSink first = Growing([&done](const TaskProgress&p) { done.push_back(p.done); }), second = first;
  first({9, 20, "epochs", ""});
  second({8, 20, "epochs", ""});
  first({10, 20, "epochs", ""});
  EXPECT_EQ(done, (std::vector<double>{9, 9, 10}));
  EXPECT_FALSE(Growing(nullptr));
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
