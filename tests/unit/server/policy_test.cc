// The policy against a world that answers every planned task at once, or with failures, stops and surprises.
#include "server/active_learning/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "server/active_learning/planner.h"
#include "tests/unit/server/campaign_world.h"

namespace superion {
namespace {

std::set<std::string> Kinds(const World& world) {
  std::set<std::string> kinds;
  for (const auto& [key, task] : world.ended) kinds.insert(task.kind);
  return kinds;
}

TEST(Policy, RunsEveryStageAndFinishes) {
  World world;
  EXPECT_TRUE(RunToEnd(SmallCampaign(), world).finished);
  EXPECT_THAT(Kinds(world), testing::IsSupersetOf({"preflight", "aimd", "perturb", "label", "train", "md",
                                                   "select", "calibrate", "eval", "analyze", "arrhenius"}));
}

TEST(Policy, StopsLearningAfterTwoQuietGenerations) {
  World world;
  RunToEnd(SmallCampaign(), world);
  EXPECT_TRUE(world.ended.count("generation-1/train"));
  EXPECT_FALSE(world.ended.count("generation-2/train"));
}

TEST(Policy, GoesOnLearningWhileFramesAreUnknown) {
  World world;
  world.candidates_per_generation = 30;
  RunToEnd(SmallCampaign(), world);
  EXPECT_TRUE(world.ended.count("generation-3/train"));
  EXPECT_FALSE(world.ended.count("generation-4/train"));
}

TEST(Policy, EveryLaterModelStartsFromTheOneBefore) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  const Plan plan = PlanCampaign(spec, kArtifacts, world.ended);
  for (const PlannedTask& task : plan.tasks) {
    if (task.kind != "train" || task.key == "generation-0/train") continue;
    EXPECT_THAT(task.inputs, testing::Contains(testing::Field(&InputRef::name, "init"))) << task.key;
  }
}

TEST(Policy, EveryTrainingHasTheChargesOfTheCampaignWhereTheyAreWanted) {
  CampaignSpec spec = SmallCampaign();
  for (const double scale : {0.0, 0.7}) {
    spec.train.charge_scale = scale;
    World world;
    RunToEnd(spec, world);
    int trainings = 0;
    for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) {
      if (task.kind != "train") continue;
      ++trainings;
      EXPECT_EQ(task.params.contains("charges"), scale > 0) << task.key;
      if (scale == 0) continue;
      for (const auto& [symbol, charge] : spec.charges)
        EXPECT_EQ(task.params["charges"][symbol], scale * charge) << task.key;
    }
    EXPECT_GE(trainings, 3);
  }
}

TEST(Policy, LabelsEveryFrameOnce) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  std::map<std::string, std::set<int>> frames;
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) {
    if (task.kind != "label") continue;
    const int first = task.params["first"], count = task.params["count"];
    for (int k = first; k < first + count; ++k) {
      EXPECT_TRUE(frames[task.inputs[0].task_key].insert(k).second) << task.key << " repeats frame " << k;
    }
  }
  EXPECT_EQ(frames["bootstrap/perturb"].size(), 20u);
  EXPECT_EQ(frames["generation-0/select"].size(), 10u);
}

TEST(Policy, ExtendsProductionUntilTheBudgetIsUsedUp) {
  World world;
  world.analysis_status = "RUNNING";
  EXPECT_TRUE(RunToEnd(SmallCampaign(), world).finished);
  EXPECT_TRUE(world.ended.count("production/500K/analysis-3"));
  EXPECT_TRUE(world.ended.count("production/600K/seed-2/segment-2"));
}

TEST(Policy, RepeatsOnlyTheStoppedSegmentWithAModelThatKnowsTheEvent) {
  World world;
  world.stopped = {"production/500K/seed-1/segment-0"};
  const CampaignSpec spec = SmallCampaign();
  EXPECT_TRUE(RunToEnd(spec, world).finished);
  EXPECT_TRUE(world.ended.count("production/500K/seed-1/segment-0/repair-1"));
  EXPECT_FALSE(world.ended.count("production/500K/seed-0/segment-0/repair-1"));
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) {
    if (task.key.find("production/round-0/repair-1/label") == 0) {
      EXPECT_EQ(task.params["labeler"]["kpoints"], Json({1, 1, 2}))
          << "the k-point grid must fold to that of the cell";
    }
    if (task.key == "production/500K/analysis-1") {
      EXPECT_THAT(task.inputs, testing::Contains(testing::Field(
                                   &InputRef::task_key, "production/500K/seed-1/segment-0/repair-1")));
      EXPECT_THAT(task.inputs, testing::Not(testing::Contains(
                                   testing::Field(&InputRef::task_key, "production/500K/seed-1/segment-0"))));
    }
  }
}

TEST(Policy, LaterRoundsBeginWithTheRepairedModel) {
  World world;
  world.analysis_status = "RUNNING";
  world.stopped = {"production/500K/seed-1/segment-0", "production/600K/seed-0/segment-1"};
  const CampaignSpec spec = SmallCampaign();
  EXPECT_TRUE(RunToEnd(spec, world).finished);
  std::map<std::string, PlannedTask> planned;
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) planned[task.key] = task;
  EXPECT_EQ(planned["production/500K/seed-0/segment-0"].inputs[0].task_key, "final/train");
  EXPECT_EQ(planned["production/500K/seed-0/segment-1"].inputs[0].task_key,
            "production/round-0/repair-1/train");
  EXPECT_EQ(planned["production/500K/seed-0/segment-2"].inputs[0].task_key,
            "production/round-1/repair-1/train");
  EXPECT_THAT(planned["production/round-1/repair-1/train"].inputs,
              testing::Contains(testing::Field(&InputRef::task_key, "production/round-0/repair-1/label-0")))
      << "what an earlier repair learned must not be forgotten";
}

TEST(Policy, StopsWhereTheCalibratedErrorIsAQuarterOfTheForces) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  world.ended["g/calibrate"] = world.ended["generation-0/calibrate"];
  world.ended["g/eval"] = world.ended["generation-0/eval"];
  const auto stop = [&](double scale, double exponent, double force_rms) {
    world.ended["g/calibrate"].metrics = {{"scale_ev_per_angstrom", scale}, {"exponent", exponent}};
    world.ended["g/eval"].metrics = {{"force_rms_mev_per_angstrom", force_rms}};
    return CalibratedGate(Planner(spec, kArtifacts, world.ended), "g/calibrate", "g/eval").value("stop", 0.0);
  };
  EXPECT_NEAR(stop(0.05, 0.5, 400), 4.0, 1e-12);
  EXPECT_EQ(stop(0.5, 0.5, 400), 3.0) << "never below the default";
  EXPECT_EQ(stop(0.01, 0.5, 400), 10.0) << "never far beyond what the calibration has seen";
  EXPECT_TRUE(CalibratedGate(Planner(spec, kArtifacts, world.ended), "none", "g/eval").empty());
}

TEST(Policy, ProductionTakesTheNewestCalibrationThatThereIs) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  std::erase_if(world.ended, [](const auto& end) { return end.second.kind == "calibrate"; });
  EXPECT_TRUE(ProductionGate(Planner(spec, kArtifacts, world.ended)).empty());
  for (const auto& [generation, scale] : {std::pair{"generation-0", 0.5}, {"generation-2", 0.05}}) {
    FinishedTask calibrate;
    calibrate.metrics = {{"scale_ev_per_angstrom", scale}, {"exponent", 0.5}};
    world.ended[std::string(generation) + "/calibrate"] = calibrate;
    FinishedTask eval;
    eval.metrics = {{"force_rms_mev_per_angstrom", 400}};
    world.ended[std::string(generation) + "/eval"] = eval;
  }
  EXPECT_NEAR(ProductionGate(Planner(spec, kArtifacts, world.ended)).value("stop", 0.0), 4.0, 1e-12)
      << "generation 1 asked for no label and has no calibration";
}

TEST(Policy, ConvergesOnlyInTheLargestExploredCell) {
  World world;
  CampaignSpec spec = SmallCampaign();
  spec.explore.supercells = {{1, 1, 1}, {1, 1, 2}};
  RunToEnd(spec, world);
  EXPECT_TRUE(world.ended.count("generation-2/train"));
  EXPECT_FALSE(world.ended.count("generation-3/train"));
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) {
    if (task.key.find("generation-1/label") != 0) continue;
    EXPECT_EQ(task.params["labeler"]["kpoints"], Json({2, 2, 1}));
    EXPECT_LE(task.params["count"], 4) << "larger cells come in smaller shards";
  }
}

TEST(Policy, ATemperatureThatCannotBeAnalysedDoesNotEndTheCampaign) {
  World world;
  world.broken = {"production/500K/analysis-1"};
  const CampaignSpec spec = SmallCampaign();
  EXPECT_TRUE(RunToEnd(spec, world).finished);
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) {
    EXPECT_TRUE(task.optional || task.kind != "analyze") << task.key;
  }
  const Json report = BuildReport(
      spec, world.ended, [](const std::string&) -> absl::StatusOr<std::string> { return std::string("{}"); });
  EXPECT_EQ(report["conductivity"][0]["status"], "NOT_MEASURED");
  EXPECT_EQ(report["conductivity"][0]["message"], "broken");
  EXPECT_EQ(report["conductivity"][1]["status"], "CONVERGED");
}

TEST(Policy, GivesUpRepairingAfterItsLimitAndStillFinishes) {
  World world;
  const std::string key = "production/500K/seed-1/segment-0";
  world.stopped = {key, key + "/repair-1", key + "/repair-2"};
  EXPECT_TRUE(RunToEnd(SmallCampaign(), world).finished);
  EXPECT_FALSE(world.ended.count(key + "/repair-3"));
}

TEST(Policy, ASeedStoppedForGoodIsNotContinuedAndTheOthersAre) {
  World world;
  world.analysis_status = "RUNNING";
  const std::string key = "production/500K/seed-1/segment-0";
  world.stopped = {key, key + "/repair-1", key + "/repair-2"};
  EXPECT_TRUE(RunToEnd(SmallCampaign(), world).finished);
  EXPECT_FALSE(world.ended.count("production/500K/seed-1/segment-1"));
  EXPECT_TRUE(world.ended.count("production/500K/seed-0/segment-2"));
}

TEST(Policy, EndsWhenEverySeedWasStoppedForGood) {
  World world;
  world.analysis_status = "RUNNING";
  for (const char* temperature : {"500K", "600K"}) {
    for (int seed = 0; seed < 3; ++seed) {
      const std::string key = fmt::format("production/{}/seed-{}/segment-0", temperature, seed);
      for (const char* repair : {"", "/repair-1", "/repair-2"}) world.stopped.insert(key + repair);
    }
  }
  EXPECT_TRUE(RunToEnd(SmallCampaign(), world).finished);
  EXPECT_TRUE(world.ended.count("production/500K/analysis-1"));
  EXPECT_FALSE(world.ended.count("production/500K/analysis-2"));
}

TEST(Policy, SurvivesFailedLabelsAndExplorations) {
  World world;
  world.broken = {"bootstrap/label-0", "generation-0/explore-600K-0", "bootstrap/aimd-300K",
                  "production/500K/seed-0/segment-0"};
  EXPECT_TRUE(RunToEnd(SmallCampaign(), world).finished);
}

TEST(Policy, FailsWithAReasonWhenNothingCouldBeLabelled) {
  World world;
  world.broken = {"bootstrap/label-0", "bootstrap/label-1", "bootstrap/label-2", "bootstrap/aimd-300K",
                  "bootstrap/aimd-600K"};
  const Plan plan = RunToEnd(SmallCampaign(), world);
  EXPECT_TRUE(plan.failed);
  EXPECT_THAT(plan.message, testing::HasSubstr("no bootstrap frame"));
}

TEST(Policy, IsAFunctionOfWhatHasEnded) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  const Plan once = PlanCampaign(spec, kArtifacts, world.ended),
             again = PlanCampaign(spec, kArtifacts, world.ended);
  ASSERT_EQ(once.tasks.size(), again.tasks.size());
  std::set<std::string> keys;
  for (size_t k = 0; k < once.tasks.size(); ++k) {
    EXPECT_EQ(once.tasks[k].key, again.tasks[k].key);
    EXPECT_EQ(once.tasks[k].params, again.tasks[k].params);
    EXPECT_TRUE(keys.insert(once.tasks[k].key).second) << once.tasks[k].key << " is planned twice";
  }
}

TEST(Policy, HeldoutFramesAreAPicosecondApart) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  int runs = 0;
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) {
    if (task.key.find("heldout/md-") != 0) continue;
    ++runs;
    EXPECT_GE(task.params["snapshot_every"].get<int>() * task.params["timestep_fs"].get<double>(), 1000.0);
    EXPECT_EQ(task.params["snapshot_limit"], 3);
    EXPECT_TRUE(task.params["gate"].is_null()) << "a gate would bias the sample";
  }
  EXPECT_EQ(runs, 2);
}

TEST(ReportDocument, CarriesTheParityOfHeldoutFrames) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  world.ended["heldout/eval"].artifacts["parity"] = {"parity-hash", 1};
  const Json report =
      BuildReport(spec, world.ended, [](const std::string& sha) -> absl::StatusOr<std::string> {
        if (sha != "parity-hash") return absl::NotFoundError("no " + sha);
        return std::string(
            "quantity,frame,atom,species,component,reference,predicted\n"
            "energy_ev_per_atom,1,,,,-3.5,-3.25\nforce_ev_per_angstrom,1,2,Li,x,0.5,0.25\n");
      });
  EXPECT_EQ(report["parity"]["energies"], Json::parse("[[-3.5, -3.25]]"));
  EXPECT_EQ(report["parity"]["forces"], Json::parse("[[0.5, 0.25]]"));
}

TEST(ReportDocument, SaysWhatIsMissingInsteadOfInventingIt) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  const Json report = BuildReport(
      spec, world.ended,
      [](const std::string& sha) -> absl::StatusOr<std::string> { return absl::NotFoundError("no " + sha); });
  EXPECT_EQ(report["labels"], 4 + 20 + 2 * 10 + 6);
  EXPECT_EQ(report["conductivity"].size(), 2u);
  EXPECT_FALSE(report["unread_artifacts"].empty());
}

}  // namespace
}  // namespace superion
