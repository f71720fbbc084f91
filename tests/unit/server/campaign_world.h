// A campaign and a world that answers its tasks, for the tests of the policy.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/active_learning/policy.h"

namespace superion {

inline CampaignSpec SmallCampaign() {
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

inline const CampaignArtifacts kArtifacts{"structure-hash"};

// Runs to the end; every input must name a task that has ended (or a known hash) at the time its task is
// answered.
inline Plan RunToEnd(const CampaignSpec& spec, World& world, int limit = 500) {
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

}  // namespace superion
