// Weights that decay in the last cycle, after one that learned its frames by heart.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.h"
#include "tests/unit/trainer/first_cycle_fixture.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/checkpoint.h"
#include "trainer/radial_choice.h"
#include "trainer/train_loop.h"

namespace superion::trainer {
namespace {

class LateDecay : public FirstCycleTest {
 protected:
  TrainOptions Options(const Dataset& dataset, int hidden) const {
    TrainOptions options = FirstCycleTest::Options(dataset, 280);
    options.architecture = *ArchitectureOfSize("S", dataset.species, 4.6);
    options.architecture.channels = 4, options.architecture.hidden = hidden, options.architecture.l_max = 1;
    options.checkpoint_path = "";
    return options;
  }
};

// Forces of validation with noise that those of training do not have: the errors stay apart, and what a cycle
// brings is little beside them.
Dataset NoisyValidation() {
  Dataset dataset = MorseDataset(60, 20);
  Random random(5);
  for (Frame& frame : dataset.valid)
    for (Vec3& force : frame.forces)
      for (double& f : force) f += 0.05 * random.Gaussian();
  return dataset;
}

// Whether weights decay is settled by errors at the ends of two cycles: they outlive the choice of a first
// cycle and stops before, at and after these ends.
TEST_F(LateDecay, WeightsDecayAfterACycleThatLearnedByHeart) {
  const Dataset dataset = NoisyValidation();
  TrainOptions stopped = Options(dataset, 8);
  stopped.checkpoint_path = (folder_ / "checkpoint").string();
  EXPECT_TRUE(ChooseRadialFunctions(dataset, nullptr, &stopped)->goes_on);  // 40 epochs
  for (const int epochs : {40, 40, 80}) {
    stopped.stop_after_epochs = epochs;
    EXPECT_TRUE(absl::IsUnavailable(Train(stopped, dataset, nullptr, nullptr).status()));
  }
  stopped.stop_after_epochs = 0;
  const auto resumed = Train(stopped, dataset, nullptr, nullptr);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(resumed->resumed && resumed->decayed);
  TrainOptions options = Options(dataset, 8);
  options.architecture.smoothstep = stopped.architecture.smoothstep;
  const auto whole = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_TRUE(whole->decayed);
  EXPECT_EQ(resumed->learning_curve, whole->learning_curve);
  EXPECT_TRUE(SerializeModel(resumed->model) == SerializeModel(whole->model));
}

// The same state with the decay taken out of it goes another way.
TEST_F(LateDecay, ChangesWhatFollows) {
  const Dataset dataset = NoisyValidation();
  TrainOptions options = Options(dataset, 8);
  const auto decayed = Train(options, dataset, nullptr, nullptr);
  options.checkpoint_path = (folder_ / "checkpoint").string();
  options.stop_after_epochs = 200;
  EXPECT_TRUE(absl::IsUnavailable(Train(options, dataset, nullptr, nullptr).status()));
  auto state = ReadCheckpoint<float>(options.checkpoint_path, TrainingFingerprint(options, dataset, nullptr));
  ASSERT_TRUE(state.ok()) << state.status();
  state->decayed = false;
  ASSERT_TRUE(WriteCheckpoint(options.checkpoint_path, *state).ok());
  options.stop_after_epochs = 0;
  const auto without = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(decayed.ok() && without.ok());
  EXPECT_FALSE(without->decayed);
  EXPECT_FALSE(without->learning_curve == decayed->learning_curve);
}

// The state of the cycle before stays unless the decay costs less than a tenth.
TEST_F(LateDecay, WhereItCostsTooMuchTheStateBeforeStays) {
  const Dataset dataset = NoisyValidation();
  TrainOptions options = Options(dataset, 8);
  options.checkpoint_path = (folder_ / "checkpoint").string();
  options.stop_after_epochs = 140;  // early in the cycle of the decay
  EXPECT_TRUE(absl::IsUnavailable(Train(options, dataset, nullptr, nullptr).status()));
  auto state = ReadCheckpoint<float>(options.checkpoint_path, TrainingFingerprint(options, dataset, nullptr));
  ASSERT_TRUE(state.ok() && state->decayed) << state.status();
  EXPECT_DOUBLE_EQ(state->best_score, 1.1 * state->earlier.score);
  options.stop_after_epochs = 0;
  for (const bool too_much : {true, false}) {
    state->best_score = too_much ? 1e-9 : 1e6;
    ASSERT_TRUE(WriteCheckpoint(options.checkpoint_path, *state).ok());
    const auto kept = Train(options, dataset, nullptr, nullptr);
    ASSERT_TRUE(kept.ok()) << kept.status();
    EXPECT_EQ(kept->epochs, 280);
    const auto is_kept = [&kept](const Json& point) { return point["valid"] == ToJson(kept->valid); };
    const auto found = std::find_if(kept->learning_curve.begin(), kept->learning_curve.end(), is_kept);
    ASSERT_NE(found, kept->learning_curve.end());
    EXPECT_GT((*found)["epoch"], too_much ? 100 : 250);
    EXPECT_LE((*found)["epoch"], too_much ? 120 : 280);
  }
}

TEST_F(LateDecay, WeightsDoNotDecayWithFewLabelsForThem) {
  const Dataset dataset = NoisyValidation();  // 1440 force components
  const TrainOptions options = Options(dataset, 48);
  ASSERT_GT(ParameterLayout(options.architecture).size(), 4 * 1440);
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_FALSE(outcome->decayed);
}

// There is nothing left to decay.
TEST_F(LateDecay, NotWhereTheTargetIsReachedAsTheCycleEnds) {
  const Dataset dataset = NoisyValidation();
  TrainOptions options = Options(dataset, 8);
  const auto whole = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(whole.ok() && whole->decayed) << whole.status();
  double lowest = std::numeric_limits<double>::infinity();
  for (const Json& point : whole->learning_curve) {
    const double error = point["valid"]["force_mae_mev_per_angstrom"];
    if (point["epoch"] < 120) lowest = std::min(lowest, error);
    if (point["epoch"] == 120) options.target_force_mae = error;
  }
  ASSERT_LT(options.target_force_mae, lowest) << "reached before the end of the second cycle";
  const auto reached = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(reached.ok()) << reached.status();
  EXPECT_TRUE(reached->target_reached);
  EXPECT_EQ(reached->epochs, 120);
  EXPECT_FALSE(reached->decayed);
}

// Frames that were hardly seen are not learned by heart, and their errors cost the time of many steps.
TEST_F(LateDecay, AFirstCycleOfAnEpochIsNotAskedForTheErrorsOfTraining) {
  const Dataset dataset = NoisyValidation();
  TrainOptions options = Options(dataset, 8);
  options.checkpoint_path = (folder_ / "checkpoint").string();
  options.stop_after_cycles = 1;
  for (const int epochs : {7, 14}) {
    options.epochs = epochs;
    ASSERT_TRUE(Train(options, dataset, nullptr, nullptr).ok());
    const auto state =
        ReadCheckpoint<float>(options.checkpoint_path, TrainingFingerprint(options, dataset, nullptr));
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(state->epoch, epochs / 7);
    EXPECT_GT(state->earlier.score, 0);
    EXPECT_EQ(state->earlier.training_force_mae > 0, epochs == 14);
  }
}

// The errors of validation are infinite: JSON has no such number, and a checkpoint must not be one that
// ends the program that reads it.
TEST_F(LateDecay, ATrainingWithoutFiniteErrorsResumes) {
  Dataset dataset = NoisyValidation();
  for (Vec3& force : dataset.valid[0].forces) force = {1e307, 1e307, 1e307};
  TrainOptions options = Options(dataset, 8);
  options.epochs = 21;
  options.checkpoint_path = (folder_ / "checkpoint").string();
  options.stop_after_epochs = 4;
  EXPECT_TRUE(absl::IsUnavailable(Train(options, dataset, nullptr, nullptr).status()));
  const auto state =
      ReadCheckpoint<float>(options.checkpoint_path, TrainingFingerprint(options, dataset, nullptr));
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_FALSE(std::isfinite(state->earlier.valid_force_mae));
  options.stop_after_epochs = 0;
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  EXPECT_TRUE(absl::IsInternal(outcome.status())) << outcome.status();
}

}  // namespace
}  // namespace superion::trainer
