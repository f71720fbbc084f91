#include "trainer/train_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/extxyz.h"
#include "core/file.h"
#include "core/random.h"
#include "potential/evaluator.h"
#include "potential/precision.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/checkpoint.h"
#include "trainer/schedule.h"
#include "trainer/train_task.h"

namespace superion::trainer {
namespace {

using ::testing::HasSubstr;

TrainOptions SmallOptions(const Dataset& dataset, int epochs) {
  TrainOptions options;
  options.architecture = *ArchitectureOfSize("S", dataset.species, 4.6);
  options.epochs = epochs;
  options.batch_frames = 4;
  return options;
}

class TrainLoopTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(::testing::TempDir()) /
        (std::string("superion_train_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(TrainLoopTest, LearnsAPairPotentialThatIsKnownExactly) {
  const Dataset dataset = MorseDataset(60, 20);
  TrainOptions options = SmallOptions(dataset, 60);
  options.stress = true;
  options.early.stress = options.late.stress = 1.0;
  double last = 0;
  const auto outcome = Train(options, dataset, nullptr, [&](const TaskProgress& p) {
    EXPECT_GT(p.done, last);
    EXPECT_THAT(p.message, HasSubstr("left"));
    last = p.done;
  });
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(last, 60);
  EXPECT_EQ(outcome->valid.frames, 20);
  // The forces are of order 0.3 eV/Å: 2 % of them, and 1 meV/atom.
  EXPECT_GT(outcome->valid.force_rms, 300);
  EXPECT_LT(outcome->valid.force_mae, 0.02 * outcome->valid.force_rms);
  EXPECT_LT(outcome->valid.energy_mae, 1.0);
  EXPECT_LT(outcome->valid.stress_mae, 1.0);
  EXPECT_FALSE(outcome->learning_curve.empty());
  // Single precision, in which molecular dynamics runs, on weights as training leaves them.
  const auto rounding = MeasurePrecision(outcome->model, dataset.valid);
  ASSERT_TRUE(rounding.ok()) << rounding.status();
  for (const PrecisionError& e : *rounding) EXPECT_LT(e.forces.rmse(), 1e-4) << e.instruction_set;
}

TEST_F(TrainLoopTest, NoCycleFollowsOneThatBroughtNothing) {
  // Labels of validation that have nothing to do with the frames: no cycle lowers their error.
  Dataset noise = MorseDataset(12, 6);
  Random random(3);
  for (Frame& frame : noise.valid) {
    frame.energy = *frame.energy + 8 * random.Gaussian();
    for (Vec3& force : frame.forces)
      for (double& f : force) f = 3 * random.Gaussian();
  }
  TrainOptions options = SmallOptions(noise, 140);
  options.cycles = 3;
  const auto stopped = Train(options, noise, nullptr, nullptr);
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_TRUE(stopped->settled);
  EXPECT_EQ(stopped->epochs, 60);  // 1/7 and 2/7 of them
  options.cycles = 2;              // the idle one is the last: the schedule is whole
  const auto ended = Train(options, noise, nullptr, nullptr);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_FALSE(ended->settled);
  EXPECT_EQ(ended->epochs, 140);
  options.cycles = 3;
  const auto whole = Train(options, MorseDataset(12, 6), nullptr, nullptr);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_FALSE(whole->settled);
  EXPECT_EQ(whole->epochs, 140);
}

TEST_F(TrainLoopTest, ExportedModelGivesTheSameEnergiesAndForces) {
  const Dataset dataset = MorseDataset(12, 4);
  TrainOptions options = SmallOptions(dataset, 5);
  options.double_precision = true;
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EvaluatorOptions judge;
  judge.double_precision = true;
  judge.grades = false;
  auto evaluator = Evaluator::Create(outcome->model, judge);
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  // The trainer's own prediction from the exported tensors.
  const Model& model = outcome->model;
  MemoryBudget budget;
  auto store = *FrameStore<double>::Create(model.architecture, dataset.valid, model.zbl_scale, 1, &budget);
  FixedScales scales{model.density_scale, model.energy_scale, model.zbl_scale,
                     model.tensors.at("reference_energy").values};
  store.Finish(scales);
  const std::vector<PreparedFrame>& prepared = store.frames();
  TrainingGraph<double> graph(model.architecture, scales, 1);
  graph.network().SetStandardisation(model.tensors.at("feature_mean").values,
                                     model.tensors.at("feature_scale").values);
  graph.network().SetParameters(LoadParameters(model)->data());
  for (size_t k = 0; k < dataset.valid.size(); ++k) {
    const Batch<double> batch = graph.MakeBatch(store, {static_cast<int>(k)});
    Prediction prediction;
    graph.Predict(batch, true, &prediction);
    Evaluation evaluation;
    ASSERT_TRUE((*evaluator)->EvaluateStructure(dataset.valid[k].structure, &evaluation).ok());
    const double offset = *dataset.valid[k].energy - prepared[k].energy;  // references and ZBL
    EXPECT_NEAR(evaluation.energy, prediction.energies[0] + offset, 1e-9 * std::abs(evaluation.energy));
    for (int i = 0; i < 24; ++i) {
      const double zbl = dataset.valid[k].forces[i / 3][i % 3] - prepared[k].forces[i];
      EXPECT_NEAR(evaluation.forces[i / 3][i % 3], prediction.forces[i] + zbl, 1e-6 * model.energy_scale);
    }
  }
}

std::string Bits(const TrainOutcome& outcome) { return SerializeModel(outcome.model); }

TEST_F(TrainLoopTest, SameSeedSameBitsAndAnotherSeedAnotherModel) {
  const Dataset dataset = MorseDataset(13, 3);
  TrainOptions options = SmallOptions(dataset, 4);
  options.threads = 2;
  const auto a = Train(options, dataset, nullptr, nullptr), b = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(Bits(*a), Bits(*b));
  options.seed = 2;
  EXPECT_NE(Bits(*a), Bits(*Train(options, dataset, nullptr, nullptr)));
}

TEST_F(TrainLoopTest, TheLateWeightsAreThoseOfTheOptions) {
  const Dataset dataset = MorseDataset(13, 3);
  TrainOptions options = SmallOptions(dataset, 4);
  const auto a = Train(options, dataset, nullptr, nullptr);
  options.late.energy /= 10;
  const auto b = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE(LoadParameters(a->model), LoadParameters(b->model));
}

TEST_F(TrainLoopTest, ResumesToTheBit) {
  const Dataset dataset = MorseDataset(13, 3);
  TrainOptions options = SmallOptions(dataset, 6);
  const auto whole = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(whole.ok());
  options.checkpoint_path = folder_ / "checkpoint";
  options.stop_after_epochs = 2;
  EXPECT_EQ(Train(options, dataset, nullptr, nullptr).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Train(options, dataset, nullptr, nullptr).status().code(), absl::StatusCode::kUnavailable);
  options.stop_after_epochs = 0;
  const auto resumed = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(resumed->resumed);
  EXPECT_EQ(Bits(*whole), Bits(*resumed));
  EXPECT_EQ(whole->learning_curve, resumed->learning_curve);
}

TEST_F(TrainLoopTest, FramesThatDoNotFitIntoMemoryChangeNothing) {
  const Dataset dataset = MorseDataset(13, 3);
  TrainOptions options = SmallOptions(dataset, 3);
  const auto kept = Train(options, dataset, nullptr, nullptr);
  options.memory_gib = 1e-4;  // a few frames of eight atoms
  const auto streamed = Train(options, dataset, nullptr, nullptr);
  options.memory_gib = 0;
  const auto none = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(kept.ok() && streamed.ok() && none.ok());
  EXPECT_EQ(Bits(*kept), Bits(*streamed));
  EXPECT_EQ(Bits(*kept), Bits(*none));
}

TEST_F(TrainLoopTest, StopsAtTheTargetError) {
  const Dataset dataset = MorseDataset(40, 10);
  TrainOptions options = SmallOptions(dataset, 60);
  options.target_force_mae = 100, options.target_energy_mae = 100;
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome->target_reached);
  EXPECT_LT(outcome->epochs, 60);
  EXPECT_LE(outcome->valid.force_mae, 100);
  EXPECT_LE(outcome->valid.energy_mae, 100);
  options.target_energy_mae = 1e-9;
  options.epochs = 5;
  const auto whole = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(whole.ok());
  EXPECT_FALSE(whole->target_reached);
  EXPECT_EQ(whole->epochs, 5);
}

TEST_F(TrainLoopTest, ATrainingThatReachedItsTargetGoesNoFurther) {
  const Dataset dataset = MorseDataset(40, 10);
  TrainOptions options = SmallOptions(dataset, 60);
  options.target_force_mae = 100;
  options.checkpoint_path = folder_ / "checkpoint";
  options.curve_path = folder_ / "curve";
  options.checkpoint_every_s = 0;
  const auto reached = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(reached.ok() && reached->target_reached) << reached.status();
  const std::string curve = *ReadFile(options.curve_path);
  std::filesystem::remove(options.curve_path);
  const auto again = Train(options, dataset, nullptr, nullptr);  // killed after the last checkpoint
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->target_reached);
  EXPECT_EQ(again->epochs, reached->epochs);
  EXPECT_EQ(Bits(*again), Bits(*reached));
  EXPECT_EQ(*ReadFile(options.curve_path), curve);
}

TEST_F(TrainLoopTest, TheLossOfAnEpochThatTimeCutShortIsTheMeanOfItsSteps) {
  Dataset dataset = MorseDataset(1, 1);
  dataset.train.assign(200, dataset.train[0]);  // and hardly a learning rate: every step has the same loss
  TrainOptions options = SmallOptions(dataset, 1000);
  options.batch_frames = 1;
  options.learning_rate = 1e-12;
  options.memory_gib = 0;  // an epoch takes longer than preparing
  options.cycles = 3;
  options.checkpoint_path = folder_ / "checkpoint";
  const auto lowest = [&] {
    return ReadCheckpoint<float>(options.checkpoint_path, TrainingFingerprint(options, dataset, nullptr))
        ->lowest_loss;
  };
  options.stop_after_epochs = 1;
  EXPECT_TRUE(absl::IsUnavailable(Train(options, dataset, nullptr, nullptr).status()));
  const double whole = lowest();
  options.stop_after_epochs = 0;
  options.stop_after_cycles = 1;
  options.max_time_s = 7 * 1e-3;
  while (!Train(options, dataset, nullptr, nullptr).ok()) options.max_time_s *= 1.3;
  EXPECT_NEAR(lowest(), whole, 0.01 * whole);
}

TEST_F(TrainLoopTest, ReplaysAsManyOldFramesAsThereAreNewOnes) {
  Dataset dataset = MorseDataset(24, 6);
  dataset.n_new = 4;  // epochs of 8 frames: 2 steps instead of 6
  const auto outcome = Train(SmallOptions(dataset, 6), dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->train.frames, 24);
  // Two runs differ by the replayed frames that the seed draws, not from run to run.
  EXPECT_EQ(Bits(*outcome), Bits(*Train(SmallOptions(dataset, 6), dataset, nullptr, nullptr)));
  Dataset all = dataset;
  all.n_new = 24;
  EXPECT_NE(Bits(*outcome), Bits(*Train(SmallOptions(all, 6), all, nullptr, nullptr)));
}

TEST_F(TrainLoopTest, ReportsErrorsBySpeciesAndSource) {
  Dataset dataset = MorseDataset(12, 6);
  for (size_t k = 0; k < 6; ++k) dataset.valid[k].info["config_type"] = k < 2 ? "hot" : "cold";
  const auto outcome = Train(SmallOptions(dataset, 3), dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  const ErrorSummary& e = outcome->valid;
  ASSERT_EQ(e.species.size(), 2u);
  ASSERT_EQ(e.sources.size(), 2u);
  EXPECT_EQ(e.species.at("Li").count, 24);
  EXPECT_EQ(e.sources.at("hot").count, 2);
  EXPECT_EQ(e.sources.at("cold").count, 4);
  // Both divisions are of the same forces.
  EXPECT_NEAR((e.species.at("Li").force_mae + e.species.at("Cl").force_mae) / 2, e.force_mae, 1e-9);
  EXPECT_NEAR((2 * e.sources.at("hot").force_mae + 4 * e.sources.at("cold").force_mae) / 6, e.force_mae,
              1e-9);
  EXPECT_NEAR((2 * e.sources.at("hot").energy_mae + 4 * e.sources.at("cold").energy_mae) / 6, e.energy_mae,
              1e-9);
  const Json json = ToJson(e);
  EXPECT_TRUE(json["per_species"].contains("Cl"));
  EXPECT_EQ(json["per_source"]["cold"]["frames"], 4);
}

TEST_F(TrainLoopTest, DoesNotResumeFromAnotherRunOrADamagedCheckpoint) {
  const Dataset dataset = MorseDataset(8, 3);
  TrainOptions options = SmallOptions(dataset, 3);
  const std::string path = folder_ / "checkpoint";
  options.checkpoint_path = path;
  options.stop_after_epochs = 1;
  ASSERT_FALSE(Train(options, dataset, nullptr, nullptr).ok());
  std::string bytes = *ReadFile(path);
  EXPECT_EQ(ReadCheckpoint<float>(path, "another").status().code(), absl::StatusCode::kFailedPrecondition);
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  EXPECT_EQ(ReadCheckpoint<float>(path, "any").status().code(), absl::StatusCode::kDataLoss);
  ASSERT_TRUE(WriteFileAtomically(path, bytes.substr(0, 30)).ok());
  EXPECT_EQ(ReadCheckpoint<float>(path, "any").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadCheckpoint<float>(folder_ / "none", "any").status().code(), absl::StatusCode::kNotFound);
  options.stop_after_epochs = 0;
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_FALSE(outcome->resumed);
}

TEST_F(TrainLoopTest, WarmStartKeepsWhatWasLearned) {
  const Dataset dataset = MorseDataset(40, 10);
  const auto first = Train(SmallOptions(dataset, 40), dataset, nullptr, nullptr);
  ASSERT_TRUE(first.ok());
  TrainOptions options = SmallOptions(dataset, 4);
  options.learning_rate = 3e-4;
  const auto warm = Train(options, dataset, &first->model, nullptr);
  ASSERT_TRUE(warm.ok()) << warm.status();
  EXPECT_LT(warm->valid.force_mae, 1.5 * first->valid.force_mae);
  EXPECT_EQ(warm->model.tensors.at("feature_mean").values, first->model.tensors.at("feature_mean").values);
  const auto cold = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(cold.ok());
  EXPECT_LT(warm->valid.force_mae, 0.5 * cold->valid.force_mae);
}

TEST_F(TrainLoopTest, WarmStartWithANewSpeciesKeepsTheKnownOnes) {
  const Dataset lithium = MorseDataset(40, 10);
  const auto first = Train(SmallOptions(lithium, 40), lithium, nullptr, nullptr);
  ASSERT_TRUE(first.ok());
  // Not a step of training: what is copied must already describe the known species.
  TrainOptions options = SmallOptions(lithium, 1);
  options.architecture = *ArchitectureOfSize("S", {"Li", "Na", "Cl"}, 4.6);
  options.learning_rate = 1e-12;
  const auto wider = Train(options, lithium, &first->model, nullptr);
  ASSERT_TRUE(wider.ok()) << wider.status();
  EXPECT_NEAR(wider->valid.force_mae, first->valid.force_mae, 1e-2 * first->valid.force_mae);
  EXPECT_NEAR(wider->valid.energy_mae, first->valid.energy_mae, 1e-2 * first->valid.energy_mae);
}

TEST_F(TrainLoopTest, WarmStartRefusesAnotherArchitecture) {
  const Dataset dataset = MorseDataset(8, 3);
  const auto first = Train(SmallOptions(dataset, 1), dataset, nullptr, nullptr);
  ASSERT_TRUE(first.ok());
  TrainOptions options = SmallOptions(dataset, 1);
  options.architecture.cutoff_angstrom = 5.0;
  EXPECT_THAT(std::string(Train(options, dataset, &first->model, nullptr).status().message()),
              HasSubstr("warm start: the initial model has cutoff 4.6"));
}

TEST_F(TrainLoopTest, GoesBackWhenTheLossJumps) {
  const Dataset dataset = MorseDataset(24, 6);
  TrainOptions options = SmallOptions(dataset, 30);
  options.learning_rate = 3.0;  // absurd: the loss must jump, and the guard must bring it down
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  if (outcome.ok()) {
    EXPECT_GT(outcome->recoveries, 0);
    EXPECT_TRUE(std::isfinite(outcome->valid.force_mae));
  } else {
    EXPECT_THAT(std::string(outcome.status().message()), HasSubstr("diverged"));
  }
}

TEST_F(TrainLoopTest, ATimeLimitThatEndsBeforeTheFirstEpochGivesNoModel) {
  const Dataset dataset = MorseDataset(8, 4);
  TrainOptions options = SmallOptions(dataset, 5);
  options.max_time_s = 1e-9;
  const absl::Status status = Train(options, dataset, nullptr, nullptr).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("before the first epoch; preparing 8 frames"));
}

TEST_F(TrainLoopTest, TimeLimitEndsTheScheduleEarly) {
  const Dataset dataset = MorseDataset(16, 4);
  TrainOptions options = SmallOptions(dataset, 1000000);
  options.max_time_s = 0.5;
  const auto outcome = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_LT(outcome->epochs, 1000000);
  EXPECT_GT(outcome->epochs, 0);
}

// The whole task in its sandbox.
class RunTrainTest : public TrainLoopTest {
 protected:
  void SetUp() override {
    TrainLoopTest::SetUp();
    home_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
    ASSERT_TRUE(WriteExtxyz("frames.xyz", MorseFrames(20, 0.12, 1)).ok());
    spec_.kind = "train";
    spec_.seed = 7;
    spec_.params = {{"size", "S"}, {"cutoff_angstrom", 4.5}, {"epochs", 3}, {"validation_fraction", 0.2}};
    spec_.inputs = {{"train", "", "frames.xyz"}};
  }
  void TearDown() override {
    std::filesystem::current_path(home_);
    TrainLoopTest::TearDown();
  }
  TaskResult Run() {
    return RunTrain(spec_, [](const TaskProgress&) {});
  }
  std::filesystem::path home_;
  TaskSpec spec_;
};

TEST_F(RunTrainTest, WritesModelCurveAndMetrics) {
  const TaskResult result = Run();
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["epochs"], 3);
  EXPECT_EQ(result.metrics["train"]["frames"], 16);
  EXPECT_EQ(result.metrics["valid"]["frames"], 4);
  EXPECT_EQ(result.metrics["stress_frames"], 16);
  EXPECT_EQ(result.metrics["device"], NameOf(*ChooseDevice("auto")));
  EXPECT_EQ(result.metrics["model_sha256"], *Sha256File("model.superion"));
  ASSERT_EQ(result.artifacts.size(), 2u);
  const auto model = ReadModel(result.artifacts[0].path);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->architecture.species, (std::vector<std::string>{"Li", "Cl"}));
  EXPECT_EQ(model->tensors.count("grade_fence"), 1u);
  EXPECT_EQ(model->provenance["late_energy_weight"], LateEnergyWeight(2));
  EXPECT_THAT(*ReadFile(result.artifacts[1].path), HasSubstr("force_mae_mev_per_angstrom"));
  EXPECT_FALSE(std::filesystem::exists("training.checkpoint"));
  // Warm start of the next generation from this model.
  std::filesystem::rename("model.superion", "init.superion");
  spec_.inputs.push_back({"init", "", "init.superion"});
  EXPECT_TRUE(Run().status.ok());
}

TEST_F(RunTrainTest, TheLateWeightOfEnergiesIsThatOfTheNumberOfSpecies) {
  std::vector<Frame> frames = MorseFrames(20, 0.12, 1);
  for (Frame& frame : frames)
    for (std::string& symbol : frame.structure.species) symbol = "Li";
  ASSERT_TRUE(WriteExtxyz("frames.xyz", frames).ok());
  ASSERT_TRUE(Run().status.ok());
  EXPECT_EQ(ReadModel("model.superion")->provenance["late_energy_weight"], LateEnergyWeight(1));
}

// Where a first cycle reaches the target nothing is compared.
TEST_F(RunTrainTest, ReportsOneTotalThroughout) {
  ASSERT_TRUE(WriteExtxyz("frames.xyz", MorseFrames(250, 0.12, 1)).ok());
  spec_.params["epochs"] = 700;
  spec_.params["batch_frames"] = 4;
  spec_.params["target_force_mae_mev_per_angstrom"] = 1e5;
  std::vector<double> totals, done;
  const TaskResult result = RunTrain(spec_, [&](const TaskProgress& p) {
    totals.push_back(p.total);
    done.push_back(p.done);
  });
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_TRUE(result.metrics["target_reached"]);
  ASSERT_GT(totals.size(), 2u);
  EXPECT_THAT(totals, ::testing::Each(800)) << "with the first cycle that is given up";
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

TEST_F(RunTrainTest, LeavesNoCheckpointOfAnEarlierTaskThatWasKilled) {
  for (const char* name : {"", ".linear", ".smoothstep.part.17.3", ".part.17.0"})
    ASSERT_TRUE(WriteFileAtomically(std::string("training.checkpoint") + name, "left").ok());
  ASSERT_TRUE(Run().status.ok());
  for (const auto& entry : std::filesystem::directory_iterator("."))
    EXPECT_THAT(entry.path().string(), ::testing::Not(HasSubstr("training.checkpoint")));
}

TEST_F(RunTrainTest, RefusesWithAReason) {
  if (!ChooseDevice("cuda").ok()) {
    spec_.params["device"] = "cuda";
    EXPECT_THAT(std::string(Run().status.message()), HasSubstr("device cuda: this build"));
  }
  spec_.params["device"] = "cpu";
  spec_.inputs.clear();
  EXPECT_THAT(std::string(Run().status.message()), HasSubstr("at least one file called train"));
  spec_.inputs = {{"train", "", "absent.xyz"}};
  EXPECT_THAT(std::string(Run().status.message()), HasSubstr("absent.xyz"));
}

TEST(TrainParams, RefusesWhatMakesNoSense) {
  const auto message = [](const Json& params) {
    return std::string(ParseTrainParams(params).status().message());
  };
  EXPECT_THAT(message({{"epoch", 3}}), HasSubstr("params.epoch: unknown parameter"));
  EXPECT_THAT(message({{"size", "XL"}}), HasSubstr("params.size: expected one of L, M, S, found \"XL\""));
  EXPECT_THAT(message({{"epochs", -1}}), HasSubstr("params.epochs"));
  EXPECT_THAT(message({{"cutoff_angstrom", -6}}),
              HasSubstr("params.cutoff_angstrom: expected a number from 1 to 20"));
  EXPECT_THAT(message({{"validation_fraction", 1.5}}), HasSubstr("params.validation_fraction"));
  EXPECT_THAT(message({{"stress", "yes"}}), HasSubstr("params.stress: expected true or false"));
  EXPECT_THAT(message({{"device", "tpu"}}), HasSubstr("params.device"));
  EXPECT_TRUE(ParseTrainParams({{"size", "M"}, {"epochs", 10}, {"learning_rate", 0}}).ok());
}

}  // namespace
}  // namespace superion::trainer
