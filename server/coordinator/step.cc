#include "server/coordinator/step.h"

namespace superion {

FinishedTask EndOf(const Task& task) {
  FinishedTask end;
  end.key = task.row.key, end.kind = task.row.kind, end.stage = task.row.stage,
  end.generation = task.row.generation;
  end.state = task.state == TaskState::kDone          ? FinishedState::kDone
              : task.state == TaskState::kQuarantined ? FinishedState::kQuarantined
                                                      : FinishedState::kFailed;
  const TaskStateRow& row = task.row.state;
  end.status = absl::Status(static_cast<absl::StatusCode>(row.status_code), row.status_message);
  end.metrics = Json::parse(row.metrics_json, nullptr, false);
  if (!end.metrics.is_object()) end.metrics = Json::object();
  for (const TaskOutputRow& output : task.row.outputs)
    end.artifacts[output.name] = {output.sha256, output.size_bytes};
  end.cpu_s = row.cpu_s, end.wall_s = row.wall_s;
  return end;
}

void Step::Index(Task& task) {
  const int64_t number = task.row.number;
  if (task.state == TaskState::kReady && CampaignOf(task).state == CampaignState::kRunning) {
    const int64_t not_before = task.row.state.not_before_ms;
    if (not_before > now_ms) {
      state.delayed.insert({not_before, number});
    } else {
      state.dispatchable[RoleOfKind(task.row.kind)].insert(number);
    }
  }
  if (IsHeld(task.state)) {
    state.leases.insert({task.lease_ends_ms, number});
    state.workers.at(task.row.state.worker_id).tasks.insert(number);
  }
}

void Step::Unindex(Task& task) {
  const int64_t number = task.row.number;
  if (task.state == TaskState::kReady) {
    state.dispatchable[RoleOfKind(task.row.kind)].erase(number);
    state.delayed.erase({task.row.state.not_before_ms, number});
  }
  if (IsHeld(task.state)) {
    state.leases.erase({task.lease_ends_ms, number});
    state.workers.at(task.row.state.worker_id).tasks.erase(number);
  }
}

void Step::SetState(Task& task, TaskState to) {
  SUPERION_CHECK(LegalTransition(task.state, to));
  Campaign& campaign = CampaignOf(task);
  Unindex(task);
  --campaign.counts[static_cast<size_t>(task.state)];
  ++campaign.counts[static_cast<size_t>(to)];
  if (IsEnded(task.state)) campaign.ended.erase(task.row.key);
  task.state = to;
  if (IsEnded(to)) {
    task.row.state.ended_ms = now_ms;
    campaign.ended[task.row.key] = EndOf(task);
  }
  Index(task);
  Touch(task);
  Changed(campaign.row.id);
}

void Step::SetNotBefore(Task& task, int64_t not_before_ms) {
  if (task.state == TaskState::kReady) Unindex(task);
  task.row.state.not_before_ms = not_before_ms;
  if (task.state == TaskState::kReady) Index(task);
  Touch(task);
}

void Step::ExtendLease(Task& task, int64_t end_ms) {
  state.leases.erase({task.lease_ends_ms, task.row.number});
  task.lease_ends_ms = end_ms;
  state.leases.insert({end_ms, task.row.number});
}

void Step::ReleaseDelayed() {
  while (!state.delayed.empty() && state.delayed.begin()->first <= now_ms) {
    const int64_t number = state.delayed.begin()->second;
    state.delayed.erase(state.delayed.begin());
    state.dispatchable[RoleOfKind(state.tasks.at(number).row.kind)].insert(number);
  }
}

void Step::SetState(Campaign& campaign, CampaignState to) {
  const bool reopens = campaign.state == CampaignState::kFailed && to == CampaignState::kRunning;
  SUPERION_CHECK(IsOpen(campaign.state) || campaign.state == to || reopens);
  std::vector<Task*> ready;
  for (const auto& [key, number] : campaign.number_of) {
    Task& task = state.tasks.at(number);
    if (task.state == TaskState::kReady) ready.push_back(&task);
  }
  for (Task* task : ready) Unindex(*task);
  campaign.state = to;
  for (Task* task : ready) Index(*task);
  campaign.row.ended_ms = IsOpen(to) ? 0 : now_ms;
  Touch(campaign);
}

Task& Step::Insert(Campaign& campaign, TaskRow row) {
  row.number = state.next_task++;
  row.id = fmt::format("t{}", row.number);
  row.campaign_id = campaign.row.id;
  row.created_ms = now_ms;
  row.state.id = row.id;
  Task& task = state.tasks[row.number];
  task.row = std::move(row);
  campaign.number_of[task.row.key] = task.row.number;
  for (const TaskInputRow& input : task.row.inputs) {
    if (!input.task_key.empty()) campaign.readers.insert({input.task_key, task.row.number});
  }
  ++campaign.counts[static_cast<size_t>(TaskState::kWaiting)];
  new_tasks_.insert(task.row.number);
  Changed(campaign.row.id);
  return task;
}

void Step::Touch(const Campaign& campaign) {
  touched_campaigns_.insert(campaign.row.id);
  Changed(campaign.row.id);
}

void Step::Event(const std::string& campaign_id, const std::string& task_id, std::string kind,
                 std::string detail) {
  decision.rows.events.push_back({now_ms, campaign_id, task_id, std::move(kind), std::move(detail)});
}

void Step::WriteAttempt(const Task& task, const std::string& how, std::string inputs_json) {
  AttemptRow row;
  row.task_id = task.row.id, row.attempt = task.row.state.attempt, row.worker_id = task.row.state.worker_id;
  row.state = how, row.inputs_json = std::move(inputs_json), row.leased_ms = task.row.state.leased_ms;
  row.ended_ms = how == "leased" ? 0 : now_ms;
  if (how == "done" || how == "failed") {
    row.status_code = task.row.state.status_code, row.status_message = task.row.state.status_message;
  }
  decision.rows.attempts.push_back(std::move(row));
}

Decision Step::Finish() {
  for (const std::string& id : touched_campaigns_) {
    Campaign& campaign = state.campaigns.at(id);
    campaign.row.state = Name(campaign.state);
    decision.rows.campaigns.push_back(campaign.row);
  }
  for (const int64_t number : new_tasks_) {
    Task& task = state.tasks.at(number);
    task.row.state.state = Name(task.state);
    decision.rows.new_tasks.push_back(task.row);
    touched_tasks_.erase(number);
  }
  for (const int64_t number : touched_tasks_) {
    Task& task = state.tasks.at(number);
    task.row.state.state = Name(task.state);
    decision.rows.task_states.push_back(task.row.state);
  }
  return std::move(decision);
}

}  // namespace superion
