#include "server/coordinator/progress.h"

#include "core/random.h"

namespace superion {
namespace {

TaskRow RowOf(const Campaign& campaign, const PlannedTask& planned) {
  TaskRow row;
  row.key = planned.key, row.kind = planned.kind, row.stage = planned.stage,
  row.generation = planned.generation;
  row.threads = planned.threads < 0 ? 1 : planned.threads;
  row.optional = planned.optional;
  row.seed = DeriveSeed(campaign.spec.seed, planned.key);
  row.params_json = DumpJson(planned.params);
  for (const InputRef& input : planned.inputs) {
    row.inputs.push_back({input.name, input.sha256, input.task_key, input.artifact_name});
  }
  return row;
}

// Takes over what the plan says about the campaign as a whole; true when something changed.
bool Describe(Campaign& campaign, const Plan& plan) {
  std::string summary = DumpJson(plan.summary);
  CampaignRow& row = campaign.row;
  if (row.stage == plan.stage && row.generation == plan.generation && row.message == plan.message &&
      row.summary_json == summary) {
    return false;
  }
  row.stage = plan.stage, row.generation = plan.generation, row.message = plan.message;
  row.summary_json = std::move(summary);
  campaign.summary = plan.summary;
  return true;
}

// A policy reads metrics that runners wrote; a wrong type in them must not take the daemon down.
Plan Ask(const State& state, const Campaign& campaign) {
  try {
    return state.policy(campaign.spec, campaign.artifacts, campaign.ended);
  } catch (const std::exception& e) {
    Plan plan;
    plan.failed = true;
    plan.message = fmt::format("the plan cannot be made: {}", e.what());
    plan.stage = campaign.row.stage, plan.generation = campaign.row.generation,
    plan.summary = campaign.summary;
    return plan;
  }
}

void AskForReport(Step& step, Campaign& campaign) {
  if (campaign.report_asked) return;
  campaign.report_asked = true;
  step.decision.report_wanted.push_back(campaign.row.id);
}

}  // namespace

void Replan(Step& step, Campaign& campaign) {
  bool again = true;
  while (again && IsOpen(campaign.state)) {
    again = false;
    const Plan plan = Ask(step.state, campaign);
    if (Describe(campaign, plan)) step.Touch(campaign);
    if (plan.failed) return CloseCampaign(step, campaign, CampaignState::kFailed, plan.message);
    std::vector<int64_t> inserted;
    for (const PlannedTask& planned : plan.tasks) {
      if (campaign.number_of.contains(planned.key)) continue;
      inserted.push_back(step.Insert(campaign, RowOf(campaign, planned)).row.number);
    }
    // After all are inserted, so that a task may stand before its producer in the plan.
    const size_t ended_before = campaign.ended.size();
    for (const int64_t number : inserted) {
      if (IsOpen(campaign.state)) Settle(step, step.state.tasks.at(number));
    }
    again = campaign.ended.size() != ended_before;
    campaign.plan_finished = plan.finished;
    if (plan.finished && !again) AskForReport(step, campaign);
  }
}

void Settle(Step& step, Task& task) {
  if (task.state != TaskState::kWaiting && task.state != TaskState::kReady) return;
  const Campaign& campaign = step.CampaignOf(task);
  bool pending = false;
  for (const TaskInputRow& input : task.row.inputs) {
    const ResolvedInput found = ResolveInput(step.state, campaign, input);
    if (found.kind == ResolvedInput::Kind::kImpossible) {
      return EndWithoutSuccess(step, task, TaskState::kFailed, absl::FailedPreconditionError(found.reason));
    }
    pending |= found.kind == ResolvedInput::Kind::kPending;
  }
  const TaskState wanted = pending ? TaskState::kWaiting : TaskState::kReady;
  if (task.state != wanted) step.SetState(task, wanted);
}

void SettleReaders(Step& step, const Task& producer) {
  const auto [first, last] = step.CampaignOf(producer).readers.equal_range(producer.row.key);
  for (auto reader = first; reader != last; ++reader) Settle(step, step.state.tasks.at(reader->second));
}

void EndWithoutSuccess(Step& step, Task& task, TaskState how, const absl::Status& why) {
  task.row.state.status_code = static_cast<int>(why.code());
  task.row.state.status_message = std::string(why.message());
  step.SetState(task, how);
  step.Event(task.row.campaign_id, task.row.id, fmt::format("task {}", Name(how)), why.ToString());
  Campaign& campaign = step.CampaignOf(task);
  if (!task.row.optional && IsOpen(campaign.state)) {
    return CloseCampaign(
        step, campaign, CampaignState::kFailed,
        fmt::format("task '{}' ({}) {}: {}", task.row.key, task.row.kind,
                    how == TaskState::kQuarantined ? "was given up after repeated failures" : "failed",
                    why.message()));
  }
  SettleReaders(step, task);
}

void CloseCampaign(Step& step, Campaign& campaign, CampaignState how, const std::string& message) {
  if (!message.empty()) campaign.row.message = message;
  campaign.report_again_ms = 0;
  step.SetState(campaign, how);
  step.Event(campaign.row.id, "", fmt::format("campaign {}", Name(how)), message);
  for (const auto& [key, number] : campaign.number_of) {
    Task& task = step.state.tasks.at(number);
    if (!IsOpen(task.state)) continue;
    if (IsHeld(task.state)) step.WriteAttempt(task, "dropped");
    step.SetState(task, TaskState::kCancelled);
  }
}

}  // namespace superion
