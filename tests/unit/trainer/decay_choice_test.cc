#include "trainer/decay_choice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/file.h"
#include "core/random.h"
#include "tests/unit/trainer/first_cycle_fixture.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/checkpoint.h"
#include "trainer/radial_choice.h"

namespace superion::trainer {
namespace {

// Frames of LiCl with forces of 1 eV/Å drawn at random: nothing can be learned but by heart.
Dataset Noise(int n_train, int n_valid) {
  Dataset dataset = MorseDataset(n_train, n_valid);
  Random random(5);
  for (std::vector<Frame>* side : {&dataset.train, &dataset.valid})
    for (Frame& frame : *side)
      for (Vec3& force : frame.forces)
        for (double& f : force) f = random.Gaussian();
  return dataset;
}

class DecayChoice : public FirstCycleTest {
 protected:
  TrainOptions Options(const Dataset& dataset, int epochs) const {
    TrainOptions options = FirstCycleTest::Options(dataset, epochs);
    options.decay_is_open = true;
    return options;
  }
  absl::StatusOr<DecayComparison> Choose(const Dataset& dataset, TrainOptions* options) const {
    SUPERION_RETURN_IF_ERROR(ChooseRadialFunctions(dataset, nullptr, options).status());
    return ChooseDecay(dataset, nullptr, options);
  }
};

TEST_F(DecayChoice, IsForSeveralSpeciesEnoughLabelsAndSchedulesOfCycles) {
  const Dataset many = MorseDataset(200, 2);  // 4800 force components
  const TrainOptions options = Options(many, 21);
  EXPECT_EQ(DecaysOf(options).size(), 3);
  EXPECT_TRUE(DecayCanBeChosen(options, many));
  EXPECT_FALSE(DecayCanBeChosen(options, MorseDataset(60, 2)));
  TrainOptions larger = options;
  larger.architecture = *ArchitectureOfSize("M", many.species, 6.0);
  EXPECT_FALSE(DecayCanBeChosen(larger, many));
  TrainOptions one_cycle = options, no_checkpoint = options, one_species = options;
  one_cycle.cycles = 1;
  no_checkpoint.checkpoint_path = "";
  one_species.architecture = *ArchitectureOfSize("S", {"Li"}, 6.0);
  Dataset unseen = many;
  unseen.valid.clear();
  EXPECT_FALSE(DecayCanBeChosen(one_cycle, many));
  EXPECT_FALSE(DecayCanBeChosen(no_checkpoint, many));
  EXPECT_FALSE(DecayCanBeChosen(one_species, many));
  EXPECT_FALSE(DecayCanBeChosen(options, unseen));
}

TEST_F(DecayChoice, DecaysWhereOnlyNoiseIsLearnedByHeart) {
  const Dataset dataset = Noise(20, 10);
  TrainOptions options = Options(dataset, 70);
  options.max_time_s = 900;
  const DecayComparison comparison = *Choose(dataset, &options);
  EXPECT_TRUE(comparison.compared);
  EXPECT_LT(comparison.with, 1.15 * comparison.without);
  EXPECT_GT(options.weight_decay, 0.0);
  EXPECT_FALSE(options.decay_is_open);
  EXPECT_NEAR(options.max_time_s, 700, 1e-9) << "nine sevenths are spent: two first cycles are given up";
  EXPECT_EQ(Files(), 1);
}

TEST_F(DecayChoice, DoesNotDecayWhereLabelsAreLearnedExactly) {
  const Dataset dataset = MorseDataset(40, 10);
  TrainOptions options = Options(dataset, 700);
  options.batch_frames = 1;
  const DecayComparison comparison = *Choose(dataset, &options);
  EXPECT_TRUE(comparison.compared);
  EXPECT_GT(comparison.with, 1.15 * comparison.without);
  EXPECT_EQ(options.weight_decay, 0.0);
  EXPECT_EQ(FingerprintOfCheckpoint(options.checkpoint_path), TrainingFingerprint(options, dataset, nullptr));
}

// Noise in the labels of training alone: validation is better than training, there is no gap to close.
TEST_F(DecayChoice, IsNotAskedWhereValidationIsAsGoodAsTraining) {
  Dataset dataset = MorseDataset(40, 10);
  dataset.train = Noise(40, 0).train;
  TrainOptions options = Options(dataset, 21);
  EXPECT_FALSE(Choose(dataset, &options)->compared);
  EXPECT_EQ(options.weight_decay, 0.0);
  EXPECT_FALSE(options.decay_is_open);
  EXPECT_EQ(Files(), 1);
}

// The training is one that decays from the second cycle on, to the bit, also when it was stopped within the
// comparison.
TEST_F(DecayChoice, TheFirstCycleGoesOnWithTheDecayToTheBit) {
  const Dataset dataset = Noise(20, 10);
  const TrainOptions open = Options(dataset, 42);
  TrainOptions options = open;
  ASSERT_TRUE(ChooseRadialFunctions(dataset, nullptr, &options).ok());
  options.stop_after_epochs = 2;
  EXPECT_TRUE(absl::IsUnavailable(ChooseDecay(dataset, nullptr, &options).status()));
  options = open;
  EXPECT_TRUE(Choose(dataset, &options)->compared);
  EXPECT_GT(options.weight_decay, 0.0);
  // Started again after the choice, it is not made again.
  TrainOptions again = open;
  EXPECT_FALSE(Choose(dataset, &again)->compared);
  EXPECT_EQ(again.weight_decay, options.weight_decay);
  TrainOptions plain = options;
  plain.checkpoint_path = "";
  const auto gone_on = Train(again, dataset, nullptr, nullptr),
             whole = Train(plain, dataset, nullptr, nullptr);
  plain.weight_decay = 0.0;
  const auto without = Train(plain, dataset, nullptr, nullptr);
  ASSERT_TRUE(gone_on.ok() && whole.ok() && without.ok());
  EXPECT_TRUE(gone_on->resumed);
  EXPECT_TRUE(gone_on->learning_curve == whole->learning_curve);
  EXPECT_TRUE(SerializeModel(gone_on->model) == SerializeModel(whole->model));
  EXPECT_FALSE(without->learning_curve == whole->learning_curve);
}

// Killed in the comparison of decays and once more right after it: the checkpoint holds what had gone of the
// time, in the trial too.
TEST_F(DecayChoice, CountsTheTimeOfInterruptedComparisons) {
  const Dataset dataset = Noise(20, 10);
  TrainOptions open = Options(dataset, 42);
  open.max_time_s = 9e5;  // a first cycle: 1e5
  TrainOptions options = open;
  ASSERT_TRUE(ChooseRadialFunctions(dataset, nullptr, &options).ok());
  options.stop_after_epochs = 2;
  EXPECT_TRUE(absl::IsUnavailable(ChooseDecay(dataset, nullptr, &options).status()));
  const std::string path = open.checkpoint_path, trial = path + ".decay";
  ASSERT_TRUE(Readdress(path, FingerprintOfCheckpoint(path), 5000).ok());
  ASSERT_TRUE(Readdress(trial, FingerprintOfCheckpoint(trial), 1e5 + 3000).ok());
  options = open;
  EXPECT_TRUE(Choose(dataset, &options)->compared);
  EXPECT_GE(options.elapsed_s, 8000);
  options = open;
  EXPECT_FALSE(Choose(dataset, &options)->compared);
  EXPECT_GE(Train(options, dataset, nullptr, nullptr)->elapsed_s, 8000);
}

TEST_F(DecayChoice, ATrialThatCouldNotBeRemovedGoesLater) {
  const Dataset dataset = Noise(8, 4);
  const TrainOptions open = Options(dataset, 21);
  TrainOptions options = open;
  ASSERT_TRUE(Choose(dataset, &options).ok());
  ASSERT_TRUE(WriteFileAtomically(open.checkpoint_path + ".decay", "left").ok());
  options = open;
  EXPECT_FALSE(Choose(dataset, &options)->compared);
  EXPECT_EQ(Files(), 1);
}

TEST_F(DecayChoice, NothingIsComparedWithoutAFirstCycleOrBeyondTheTarget) {
  const Dataset dataset = MorseDataset(12, 4);
  TrainOptions options = Options(dataset, 21);
  EXPECT_FALSE(ChooseDecay(dataset, nullptr, &options)->compared);
  EXPECT_FALSE(options.decay_is_open);
  options = Options(dataset, 21);
  options.target_force_mae = 1e6;
  EXPECT_FALSE(Choose(dataset, &options)->compared);
  EXPECT_EQ(FingerprintOfCheckpoint(options.checkpoint_path), TrainingFingerprint(options, dataset, nullptr));
  EXPECT_TRUE(Train(options, dataset, nullptr, nullptr)->target_reached);
}

}  // namespace
}  // namespace superion::trainer
