#include "server/active_learning/forecast.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace superion {
namespace {

constexpr int kMostRounds = 1000;

double Number(const Json& params, const char* key, double otherwise) {
  const auto it = params.find(key);
  return it != params.end() && it->is_number() ? it->get<double>() : otherwise;
}

double Cells(const Json& params) {
  double cells = 1;
  const auto it = params.find("supercell");
  if (it == params.end() || !it->is_array()) return cells;
  for (const Json& n : *it) cells *= n.is_number() ? n.get<double>() : 1.0;
  return cells;
}

double TrainingFrames(const PlannedTask& task, const FinishedTasks& ended) {
  double frames = 0;
  for (const InputRef& input : task.inputs) {
    const auto producer = ended.find(input.task_key);
    if (input.name != "train" || producer == ended.end()) continue;
    const Json& metrics = producer->second.metrics;
    frames += Number(metrics, "labelled", Number(metrics, "frames", 0));
  }
  return std::max(1.0, frames);
}

// The metrics that policies read, as they come out when all goes well and nothing converges early.
Json ImaginedMetrics(const PlannedTask& task) {
  const Json& params = task.params;
  if (task.kind == "perturb") return {{"frames", Number(params, "frames", 0)}};
  if (task.kind == "label") return {{"labelled", Number(params, "count", 0)}, {"failed", 0}};
  if (task.kind == "aimd") {
    return {{"frames", Number(params, "steps", 0) / std::max(1.0, Number(params, "sample_every", 1))}};
  }
  if (task.kind == "select") {
    return {{"selected", Number(params, "budget", 0)}, {"accurate", 0}, {"candidate", 1}, {"failed", 0}};
  }
  if (task.kind == "md") {
    const double steps = Number(params, "steps", 0), every = Number(params, "snapshot_every", 0);
    const double snapshots = every > 0 ? steps / every : 0;
    return {{"stopped", nullptr},
            {"steps_done", steps},
            {"snapshots", Number(params, "snapshot_limit", std::max(1.0, snapshots))}};
  }
  if (task.kind == "analyze") return {{"status", "RUNNING"}};
  return Json::object();
}

FinishedTask ImaginedEnd(const PlannedTask& task) {
  FinishedTask end;
  end.key = task.key, end.kind = task.kind, end.stage = task.stage, end.generation = task.generation;
  end.metrics = ImaginedMetrics(task);
  for (const char* name : {"labelled", "frames", "model", "snapshots", "stream", "trajectory", "restart",
                           "analysis", "calibration", "evaluation"}) {
    end.artifacts[name] = {"imagined", 0};
  }
  return end;
}

bool CanRun(const PlannedTask& task, const FinishedTasks& ended) {
  return std::all_of(task.inputs.begin(), task.inputs.end(), [&](const InputRef& input) {
    return input.task_key.empty() || ended.contains(input.task_key);
  });
}

// A policy reads metrics that runners wrote; a wrong type in them is no reason to fall.
Plan Ask(const Policy& policy, const CampaignSpec& spec, const CampaignArtifacts& artifacts,
         const FinishedTasks& ended) {
  try {
    return policy(spec, artifacts, ended);
  } catch (const std::exception& e) {
    Plan plan;
    plan.failed = true, plan.message = e.what();
    return plan;
  }
}

}  // namespace

double WorkOf(const PlannedTask& task, const FinishedTasks& ended) {
  const Json& params = task.params;
  double work = 1;
  if (task.kind == "md") {
    work = (Number(params, "equilibration_steps", 0) + Number(params, "steps", 0)) * Cells(params);
  } else if (task.kind == "aimd") {
    work = Number(params, "steps", 1);
  } else if (task.kind == "label") {
    work = Number(params, "count", 1);
  } else if (task.kind == "train") {
    // Zero epochs: as many as the amount of data asks for, which is about the same number of steps.
    const double epochs = Number(params, "epochs", 0);
    work = epochs > 0 ? epochs * TrainingFrames(task, ended) : 1;
  }
  return std::max(1.0, work);
}

absl::StatusOr<ForecastRounds> ForecastCampaign(const Policy& policy, const CampaignSpec& spec,
                                                const CampaignArtifacts& artifacts, FinishedTasks ended) {
  ForecastRounds rounds;
  for (int turn = 0; turn < kMostRounds; ++turn) {
    Plan plan = Ask(policy, spec, artifacts, ended);
    if (plan.failed) return FailedPrecondition("the policy gives up: {}", plan.message);
    if (plan.finished) return rounds;
    std::vector<ForecastTask> round;
    for (PlannedTask& task : plan.tasks) {
      if (ended.contains(task.key) || !CanRun(task, ended)) continue;
      const double work = WorkOf(task, ended);
      round.push_back({std::move(task), work});
    }
    if (round.empty()) return FailedPrecondition("the policy waits for nothing: {}", plan.message);
    for (const ForecastTask& task : round) ended[task.task.key] = ImaginedEnd(task.task);
    rounds.push_back(std::move(round));
  }
  return FailedPrecondition("the policy comes to no end within {} rounds", kMostRounds);
}

}  // namespace superion
