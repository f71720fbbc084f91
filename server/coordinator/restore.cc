#include "server/coordinator/restore.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_split.h"
#include "server/coordinator/step.h"

namespace superion {
namespace {

int64_t NumberOf(const std::string& id) {
  int64_t number = 0;
  std::from_chars(id.data() + std::min<size_t>(1, id.size()), id.data() + id.size(), number);
  return number;
}

absl::Status AddCampaign(State& state, const CampaignRow& row) {
  Campaign& campaign = state.campaigns[row.id];
  campaign.row = row;
  SUPERION_ASSIGN_OR_RETURN(campaign.state, CampaignStateFromName(row.state));
  SUPERION_ASSIGN_OR_RETURN(const Json json, ParseJson(row.spec_json, "database: campaign " + row.id));
  absl::StatusOr<CampaignSpec> spec = CampaignFromJson(json);
  if (!spec.ok()) {
    return DataLoss("database: the spec of campaign {} cannot be read: {}", row.id, spec.status().message());
  }
  campaign.spec = *std::move(spec);
  campaign.artifacts.structure_sha256 = row.structure_sha256;
  campaign.summary = Json::parse(row.summary_json, nullptr, false);
  if (!campaign.summary.is_object()) campaign.summary = Json::object();
  state.campaign_of_token[row.client_token] = row.id;
  state.next_campaign = std::max(state.next_campaign, NumberOf(row.id) + 1);
  return absl::OkStatus();
}

void AddWorker(State& state, const WorkerRow& row) {
  Worker& worker = state.workers[row.id];
  worker.row = row;
  worker.roles.assign(kRoles.begin(), kRoles.end());
  if (!row.roles.empty()) worker.roles = absl::StrSplit(row.roles, ',');
  worker.seen_ms = row.seen_ms;
}

absl::Status AddTask(State& state, const TaskRow& row, int64_t now_ms) {
  Campaign* campaign = FindCampaign(state, row.campaign_id);
  if (campaign == nullptr) return DataLoss("database: task {} is of no known campaign", row.id);
  Task& task = state.tasks[row.number];
  task.row = row;
  SUPERION_ASSIGN_OR_RETURN(task.state, TaskStateFromName(row.state.state));
  if (IsHeld(task.state) && !state.workers.contains(row.state.worker_id)) {
    return DataLoss("database: task {} is held by worker '{}', which is not known", row.id,
                    row.state.worker_id);
  }
  campaign->number_of[row.key] = row.number;
  for (const TaskInputRow& input : row.inputs) {
    if (!input.task_key.empty()) campaign->readers.insert({input.task_key, row.number});
  }
  ++campaign->counts[static_cast<size_t>(task.state)];
  if (IsEnded(task.state)) campaign->ended[row.key] = EndOf(task);
  task.lease_ends_ms = now_ms + state.options.lease_ms;
  state.next_task = std::max(state.next_task, row.number + 1);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<State> Restore(const Snapshot& snapshot, const CoordinatorOptions& options, Policy policy,
                              int64_t now_ms) {
  State state;
  state.options = options;
  state.policy = std::move(policy);
  for (const CampaignRow& row : snapshot.campaigns) SUPERION_RETURN_IF_ERROR(AddCampaign(state, row));
  for (const WorkerRow& row : snapshot.workers) AddWorker(state, row);
  for (const TaskRow& row : snapshot.tasks) SUPERION_RETURN_IF_ERROR(AddTask(state, row, now_ms));
  Step step(state, now_ms);
  for (auto& [number, task] : state.tasks) step.Index(task);
  return state;
}

}  // namespace superion
