// A coordinator with a scripted policy, and short words for commands: shared by the tests of the core.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/file.h"
#include "server/coordinator/decide.h"
#include "server/coordinator/invariants.h"
#include "server/coordinator/status.h"

namespace superion {

// Plans the tasks of the script; a task appears once all tasks named in `after` have ended. Finished when all
// have.
struct ScriptedTask {
  PlannedTask task;
  std::vector<std::string> after;
};

inline PlannedTask Planned(const std::string& key, const std::string& kind = "label", int threads = 1) {
  PlannedTask task;
  task.key = key, task.kind = kind, task.stage = "stage of " + key, task.threads = threads;
  return task;
}

inline InputRef From(const std::string& task_key, const std::string& artifact_name = "out") {
  return {"in", "", task_key, artifact_name};
}

inline Policy Scripted(std::vector<ScriptedTask> script) {
  return [script = std::move(script)](const CampaignSpec&, const CampaignArtifacts&,
                                      const FinishedTasks& ended) {
    Plan plan;
    plan.finished = true;
    for (const ScriptedTask& entry : script) {
      if (!ended.contains(entry.task.key)) plan.finished = false;
      bool due = true;
      for (const std::string& key : entry.after) due &= ended.contains(key);
      if (due) plan.tasks.push_back(entry.task);
    }
    plan.stage = plan.finished ? "report" : "work";
    plan.message = fmt::format("{} of {} ended", ended.size(), script.size());
    plan.summary = {{"labels", ended.size()}};
    return plan;
  };
}

class CoordinatorTest : public testing::Test {
 protected:
  CoordinatorTest() { state_.policy = Scripted({{Planned("a"), {}}}); }

  // Decides, checks all invariants and keeps the replies.
  Decision Do(const Command& command) {
    Decision decision = Decide(state_, command, now_);
    const absl::Status sound = CheckInvariants(state_);
    EXPECT_TRUE(sound.ok()) << sound;
    for (const Reply& reply : decision.replies) replies_.push_back(reply);
    return decision;
  }
  // The reply to the last command, which must have come at once.
  template <typename Body>
  Body Expect(const Command& command) {
    Do(command);
    if (replies_.empty() || replies_.back().to != last_) {
      ADD_FAILURE() << "no reply";
      return {};
    }
    EXPECT_TRUE(replies_.back().status.ok()) << replies_.back().status;
    const Body* body = std::get_if<Body>(&replies_.back().body);
    EXPECT_NE(body, nullptr);
    return body == nullptr ? Body{} : *body;
  }
  absl::Status Refusal(const Command& command) {
    Do(command);
    if (replies_.empty() || replies_.back().to != last_) return absl::UnknownError("no reply");
    return replies_.back().status;
  }

  uint64_t Next() { return ++last_; }

  std::string SubmitCampaign(const std::string& token = "token") {
    Submit command{Next(), token, {}, R"({"schema": 1})", Sha256("structure"), 9};
    command.spec.name = "test";
    return Expect<Submitted>(command).campaign_id;
  }
  Registered RegisterWorker(const std::string& id = "w1", int cores = 2,
                            std::vector<RunningTask> running = {}, std::vector<Report> unreported = {},
                            std::vector<std::string> roles = {}) {
    return Expect<Registered>(
        Register{Next(), id, "node", cores, std::move(roles), std::move(unreported), std::move(running)});
  }
  std::vector<TaskSpec> LeaseTasks(const std::string& worker = "w1", int cores = 2) {
    std::vector<TaskSpec> specs;
    for (const Assignment& assignment : Expect<Leased>(Lease{Next(), worker, cores, 0}).assignments) {
      specs.push_back(assignment.spec);
    }
    return specs;
  }
  HeartbeatSeen Beat(const std::string& worker, std::vector<RunningTask> running) {
    return Expect<HeartbeatSeen>(Heartbeat{Next(), worker, std::move(running)});
  }
  static Report Success(const TaskSpec& spec) {
    Report report{spec.task_id, spec.attempt, {}, ""};
    report.result.artifacts = {{"out", "out.xyz", Sha256("content of " + spec.key), 10}};
    report.result.metrics = {{"cpu_s", 2.5}};
    return report;
  }
  static Report Failure(const TaskSpec& spec, absl::Status why) {
    Report report{spec.task_id, spec.attempt, {}, ""};
    report.result.status = std::move(why);
    return report;
  }
  absl::Status Finish(Report report) { return Refusal(Complete{Next(), std::move(report)}); }

  const Task& TaskOf(const std::string& key, const std::string& campaign = "c1") {
    return state_.tasks.at(state_.campaigns.at(campaign).number_of.at(key));
  }
  const Campaign& CampaignOf(const std::string& id = "c1") { return state_.campaigns.at(id); }

  State state_;
  int64_t now_ = 1'000'000;
  uint64_t last_ = 0;
  std::vector<Reply> replies_;
};

}  // namespace superion
