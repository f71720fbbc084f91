// The policy against a world that answers every planned task at once, or with failures, stops and surprises.
#include "server/active_learning/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "server/active_learning/planner.h"

namespace superion {
namespace {

CampaignSpec SmallCampaign() {
  CampaignSpec spec;
  spec.name = "test";
  spec.seed = 7;
  spec.structure.cell = {{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}};
  spec.structure.species = {"Li", "Cl"};
  spec.structure.positions = {{0, 0, 0}, {2, 2, 2}};
  spec.charges = {{"Li", 1}, {"Cl", -1}};
  spec.mobile = {"Li"};
  spec.labeler = {{"kind", "qe"}, {"kpoints", {2, 2, 2}}, {"stress", false}};
  spec.bootstrap = {{300, 600}, 10, 2.0, 5, 20, {0.1}, 0.0};
  spec.explore = {{600}, 2, 100, 2.0, 10};
  spec.learning.max_generations = 4;
  spec.learning.min_generations = 2;
  spec.learning.labels_per_generation = 10;
  spec.heldout = {6, 1.0, 2.0};
  spec.production.supercell = {2, 2, 1};
  spec.production.temperatures_k = {500, 600};
  spec.production.seeds = 3;
  spec.production.steps = 100;
  spec.production.max_segments = 3;
  return spec;
}

// Answers tasks as runners would; each knob is one way in which the world can differ.
struct World {
  int64_t candidates_per_generation = 0;
  std::string analysis_status = "CONVERGED";
  std::function<Json(const PlannedTask&)> analyse;  // metrics of an analysis, when set
  std::set<std::string> stopped;                    // keys of MD runs that the gate stops
  std::set<std::string> broken;                     // keys of tasks that fail
  FinishedTasks ended;
  std::vector<std::string> order;

  Json MetricsOf(const PlannedTask& task) const {
    if (task.kind == "aimd") return {{"frames", 2}};
    if (task.kind == "perturb") return {{"frames", task.params["frames"]}};
    if (task.kind == "label") return {{"labelled", task.params["count"]}, {"failed", 0}};
    if (task.kind == "select") {
      return {{"selected", 10},
              {"accurate", 100 - candidates_per_generation},
              {"candidate", candidates_per_generation},
              {"failed", 0}};
    }
    if (task.kind == "md") {
      Json metrics = {{"snapshots", task.params.value("snapshot_limit", 10)},
                      {"stopped", nullptr},
                      {"steps_done", task.params["steps"]},
                      {"us_per_atom_step", 2.0}};
      if (stopped.count(task.key)) metrics["stopped"] = {{"step", 5}, {"reason", "grade"}};
      return metrics;
    }
    if (task.kind == "analyze" && analyse) return analyse(task);
    if (task.kind == "analyze") return {{"status", analysis_status}, {"sigma_s_per_m", 1.0}};
    return Json::object();
  }

  void Answer(const PlannedTask& task) {
    FinishedTask end;
    end.key = task.key;
    end.kind = task.kind;
    end.stage = task.stage;
    if (broken.count(task.key)) {
      end.state = FinishedState::kFailed;
      end.status = absl::InternalError("broken");
    } else {
      end.metrics = MetricsOf(task);
      for (const char* name : {"labelled", "model", "snapshots", "frames", "stream", "trajectory", "restart",
                               "analysis", "finite_size"}) {
        end.artifacts[name] = {"hash-of-" + task.key, 1};
      }
    }
    order.push_back(task.key);
    ended[task.key] = end;
  }
};

const CampaignArtifacts kArtifacts{"structure-hash"};

// Runs to the end; every input must name a task that has ended (or a known hash) at the time its task is
// answered.
Plan RunToEnd(const CampaignSpec& spec, World& world, int limit = 500) {
  for (int turn = 0; turn < limit; ++turn) {
    Plan plan = PlanCampaign(spec, kArtifacts, world.ended);
    if (plan.finished || plan.failed) return plan;
    bool answered = false;
    for (const PlannedTask& task : plan.tasks) {
      if (world.ended.count(task.key)) continue;
      for (const InputRef& input : task.inputs) {
        if (!input.sha256.empty()) continue;
        EXPECT_TRUE(world.ended.count(input.task_key)) << task.key << " reads " << input.task_key;
      }
      world.Answer(task);
      answered = true;
      break;  // one at a time: the plan must be stable under every order of ends
    }
    if (!answered) {
      ADD_FAILURE() << "the plan neither ends nor asks for anything: " << plan.stage << ": " << plan.message;
      return plan;
    }
  }
  ADD_FAILURE() << "no end after " << limit << " tasks";
  return {};
}

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

// Steps that a temperature has run, over all seeds and rounds.
int64_t StepsAt(const World& world, const std::string& temperature) {
  int64_t steps = 0;
  for (const auto& [key, task] : world.ended) {
    if (task.kind == "md" && key.find("production/" + temperature + "/") == 0)
      steps += task.metrics["steps_done"].get<int64_t>();
  }
  return steps;
}

// An analysis whose error falls with the square root of the data, as the planning formula says.
Json Forecast(const World& world, const PlannedTask& task, double needed_ps) {
  const std::string temperature = task.key.substr(11, 4);
  const double total = 0.002 * static_cast<double>(StepsAt(world, temperature));
  return {{"status", total >= needed_ps ? "CONVERGED" : "RUNNING"},
          {"sigma_s_per_m", 1.0},
          {"total_time_ps", total},
          {"n_seeds", task.params["groups"].size()},
          {"tau_c_ps", 0.1},
          {"volume_angstrom3", 256.0},
          {"needs", {{"total_time_ps", std::max(total, needed_ps)}, {"seeds", 3}, {"message", ""}}}};
}

TEST(Policy, WhatOneTemperatureDoesNotNeedGoesToAnother) {
  World world;
  // A segment is 0.2 ps of each of three seeds, the budget 1.8 ps at each temperature.
  world.analyse = [&](const PlannedTask& task) {
    return Forecast(world, task, task.key.find("600K") != std::string::npos ? 2.9 : 0.5);
  };
  const CampaignSpec spec = SmallCampaign();
  EXPECT_TRUE(RunToEnd(spec, world).finished);
  EXPECT_EQ(StepsAt(world, "500K"), 300) << "converged after its first round";
  EXPECT_GE(0.002 * static_cast<double>(StepsAt(world, "600K")), 2.9);
  EXPECT_LE(StepsAt(world, "500K") + StepsAt(world, "600K"), 2 * 3 * 3 * 100) << "the budget of all together";
  const Json summary = Summarize(spec, world.ended);
  EXPECT_EQ(summary["conductivity"][1]["status"], "CONVERGED");
}

TEST(Policy, ATargetOutOfReachLeavesTheBudgetOfOthersAlone) {
  World world;
  world.analyse = [&](const PlannedTask& task) {
    return Forecast(world, task, task.key.find("600K") != std::string::npos ? 1e4 : 0.5);
  };
  EXPECT_TRUE(RunToEnd(SmallCampaign(), world).finished);
  EXPECT_EQ(StepsAt(world, "600K"), 3 * 3 * 100);
}

TEST(Policy, LongSeedsAreJoinedByNewOnesThatEquilibrateFirst) {
  World world;
  CampaignSpec spec = SmallCampaign();
  spec.production.steps = 10000;  // 20 ps: 200 correlation times
  spec.production.equilibration_steps = 500;
  world.analyse = [&](const PlannedTask& task) { return Forecast(world, task, 110.0); };
  EXPECT_TRUE(RunToEnd(spec, world).finished);
  bool added = false;
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) {
    if (task.key.find("production/500K/seed-3/segment-1") != 0) continue;
    added = true;
    EXPECT_EQ(task.params["equilibration_steps"], 500);
    EXPECT_THAT(task.inputs, testing::Not(testing::Contains(testing::Field(&InputRef::name, "restart"))));
  }
  EXPECT_TRUE(added);
}

TEST(Policy, ASeedIsContinuedFromTheRoundInWhichItRanLast) {
  World world;
  CampaignSpec spec = SmallCampaign();
  spec.production.max_segments = 20;
  world.analyse = [&](const PlannedTask& task) { return Forecast(world, task, 9.0); };
  EXPECT_TRUE(RunToEnd(spec, world).finished);
  int continued = 0;
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) {
    if (task.kind != "md" || task.key.find("production/") != 0) continue;
    for (const InputRef& input : task.inputs) {
      if (input.name != "restart") continue;
      ++continued;
      EXPECT_EQ(input.task_key.substr(0, 22), task.key.substr(0, 22)) << "the same seed";
      EXPECT_EQ(task.params["equilibration_steps"], 0);
    }
  }
  EXPECT_GT(continued, 6);
  std::set<std::string> analyses;
  for (const auto& [key, task] : world.ended) {
    if (key.find("production/500K/analysis-") == 0) analyses.insert(key);
  }
  EXPECT_LE(analyses.size(), 8u) << "checkpoints grow with the data";
}

TEST(Policy, MeasuresASpreadOfPotentialsAndOfSizesWhenAsked) {
  World world;
  CampaignSpec spec = SmallCampaign();
  spec.uncertainty.committee = 2;
  spec.uncertainty.sizes = {{1, 1, 1}, {3, 3, 3}};
  spec.uncertainty.temperatures_k = {600};
  spec.uncertainty.seeds = 2;
  world.analyse = [&](const PlannedTask& task) {
    return task.key.find("production/") == 0 ? Forecast(world, task, 0.5) : Json{{"status", "RUNNING"}};
  };
  EXPECT_TRUE(RunToEnd(spec, world).finished);
  std::map<std::string, PlannedTask> planned;
  for (const PlannedTask& task : PlanCampaign(spec, kArtifacts, world.ended).tasks) planned[task.key] = task;
  const PlannedTask& member = planned["uncertainty/member-2/train"];
  EXPECT_THAT(member.inputs, testing::Not(testing::Contains(testing::Field(&InputRef::name, "init"))))
      << "independent of the final model";
  EXPECT_THAT(member.inputs, testing::Contains(testing::Field(&InputRef::name, "train")));
  const PlannedTask& run = planned["uncertainty/member-1/600K/seed-1"];
  EXPECT_EQ(run.inputs[0].task_key, "uncertainty/member-1/train");
  EXPECT_EQ(run.params["steps"], 100) << "as long as a seed of production";
  EXPECT_EQ(planned["uncertainty/size-3x3x3/seed-0"].params["supercell"], Json({3, 3, 3}));
  EXPECT_EQ(planned["finite_size"].inputs.size(), 3u);
  EXPECT_EQ(planned["finite_size"].params["production_volume_angstrom3"], 256.0);
  const PlannedTask& budget = planned["error_budget"];
  EXPECT_EQ(budget.params["members"], Json({1, 2}));
  EXPECT_THAT(budget.inputs, testing::Contains(testing::Field(&InputRef::name, "finite_size")));
}

TEST(Policy, AFailedMemberOfTheCommitteeDoesNotEndTheCampaign) {
  World world;
  CampaignSpec spec = SmallCampaign();
  spec.uncertainty.committee = 3;
  spec.uncertainty.temperatures_k = {500, 600};
  spec.uncertainty.seeds = 1;
  world.broken = {"uncertainty/member-1/train", "uncertainty/member-2/500K/seed-0",
                  "uncertainty/member-3/600K/analysis"};
  EXPECT_TRUE(RunToEnd(spec, world).finished);
  EXPECT_TRUE(world.ended.count("uncertainty/member-2/600K/analysis"));
  EXPECT_TRUE(world.ended.count("error_budget"));
}

TEST(Policy, TellsWhatMoreWouldCost) {
  World world;
  world.analyse = [&](const PlannedTask& task) { return Forecast(world, task, 1e4); };
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  const Json cost = Summarize(spec, world.ended)["conductivity"][0]["cost"];
  // 8 atoms at 2 us per atom and step of 2 fs: 5e5 steps per ns, 8 s.
  EXPECT_NEAR(cost["core_hours_per_ns"].get<double>(), 8.0 / 3600.0, 1e-12);
  EXPECT_NEAR(cost["more_ns"].get<double>(), 10.0 - 1.8e-3, 1e-9);
  EXPECT_NEAR(cost["core_hours_more"].get<double>(), (10.0 - 1.8e-3) * 8.0 / 3600.0, 1e-9);
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
