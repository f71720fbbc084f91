// Weights that decay in the last cycle, after one that learned its frames by heart.
#include <gtest/gtest.h>

#include "core/random.h"
#include "tests/unit/trainer/first_cycle_fixture.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/checkpoint.h"
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

TEST_F(LateDecay, WeightsDecayAfterACycleThatLearnedByHeart) {
  const Dataset dataset = NoisyValidation();
  const TrainOptions options = Options(dataset, 8);
  const auto whole = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_TRUE(whole->decayed);
  TrainOptions stopped = options;
  stopped.checkpoint_path = (folder_ / "checkpoint").string();
  stopped.stop_after_epochs = 200;  // in the cycle of the decay
  EXPECT_TRUE(absl::IsUnavailable(Train(stopped, dataset, nullptr, nullptr).status()));
  stopped.stop_after_epochs = 0;
  const auto resumed = Train(stopped, dataset, nullptr, nullptr);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(resumed->resumed && resumed->decayed);
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

TEST_F(LateDecay, WeightsDoNotDecayWithFewLabelsForThem) {
  const Dataset dataset = NoisyValidation();  // 1440 force components
  const TrainOptions options = Options(dataset, 48);
  ASSERT_GT(ParameterLayout(options.architecture).size(), 4 * 1440);
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_FALSE(outcome->decayed);
}

}  // namespace
}  // namespace superion::trainer
