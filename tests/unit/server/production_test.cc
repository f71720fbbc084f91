// Production by forecast, and what is measured beside it, in a world that answers every task.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "server/active_learning/planner.h"
#include "tests/unit/server/campaign_world.h"

namespace superion {
namespace {

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
          {"gates", {{{"id", "G3"}, {"passed", true}}}},
          {"needs", {{"total_time_ps", std::max(total, needed_ps)}, {"seeds", 3}, {"message", ""}}}};
}

TEST(Production, WhatOneTemperatureDoesNotNeedGoesToAnother) {
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

TEST(Production, ATargetOutOfReachLeavesTheBudgetOfOthersAlone) {
  World world;
  world.analyse = [&](const PlannedTask& task) {
    return Forecast(world, task, task.key.find("600K") != std::string::npos ? 1e4 : 0.5);
  };
  EXPECT_TRUE(RunToEnd(SmallCampaign(), world).finished);
  EXPECT_EQ(StepsAt(world, "600K"), 3 * 3 * 100);
}

TEST(Production, LongSeedsAreJoinedByNewOnesThatEquilibrateFirst) {
  World world;
  CampaignSpec spec = SmallCampaign();
  spec.production.steps = 20000;  // 40 ps: 400 correlation times
  spec.production.equilibration_steps = 500;
  world.analyse = [&](const PlannedTask& task) { return Forecast(world, task, 220.0); };
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

TEST(Production, ASeedIsContinuedFromTheRoundInWhichItRanLast) {
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

TEST(Production, MeasuresASpreadOfPotentialsAndOfSizesWhenAsked) {
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

TEST(Production, AFailedMemberOfTheCommitteeDoesNotEndTheCampaign) {
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

TEST(Production, TellsWhatMoreWouldCost) {
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

}  // namespace
}  // namespace superion
