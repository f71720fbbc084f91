#include "server/coordinator/status.h"

#include <algorithm>
#include <set>

#include "server/coordinator/eta.h"

namespace superion {
namespace {

double Seconds(int64_t ms) { return static_cast<double>(ms) / 1000.0; }

double ElapsedSeconds(const Campaign& campaign, int64_t now_ms) {
  const int64_t end = campaign.row.ended_ms > 0 ? campaign.row.ended_ms : now_ms;
  return Seconds(std::max<int64_t>(0, end - campaign.row.created_ms));
}

Json CountsOf(const Campaign& campaign) {
  const auto count = [&](TaskState state) { return campaign.counts[static_cast<size_t>(state)]; };
  return {{"waiting", count(TaskState::kWaiting)},
          {"ready", count(TaskState::kReady)},
          {"running", count(TaskState::kLeased) + count(TaskState::kRunning)},
          {"done", count(TaskState::kDone)},
          {"failed", count(TaskState::kFailed) + count(TaskState::kQuarantined)},
          {"cancelled", count(TaskState::kCancelled)}};
}

Json ToJsonOfProgress(const TaskProgress& progress) {
  return {{"done", progress.done},
          {"total", progress.total},
          {"unit", progress.unit},
          {"message", progress.message}};
}

// The roles that ready tasks of the campaign want and no connected worker has.
std::string MissingRole(const State& state, const Campaign& campaign, int64_t now_ms) {
  std::set<std::string> present;
  for (const auto& [id, worker] : state.workers) {
    if (IsConnected(state, worker, now_ms)) present.insert(worker.roles.begin(), worker.roles.end());
  }
  for (const auto& [role, queue] : state.dispatchable) {
    if (present.contains(role)) continue;
    for (const int64_t number : queue) {
      if (state.tasks.at(number).row.campaign_id == campaign.row.id) return role;
    }
  }
  return "";
}

// Why the campaign does nothing but wait for the next attempt of a task that failed.
std::string TriedAgain(const State& state, const Campaign& campaign, int64_t now_ms) {
  for (const auto& [not_before_ms, number] : state.delayed) {
    const Task& task = state.tasks.at(number);
    const TaskStateRow& row = task.row.state;
    if (task.row.campaign_id != campaign.row.id || row.status_message.empty()) continue;
    return fmt::format("task '{}' failed and is tried again in {} s: {}", task.row.key,
                       (std::max<int64_t>(0, not_before_ms - now_ms) + 999) / 1000, row.status_message);
  }
  return "";
}

// The policy's message, or what keeps the campaign from going on.
std::string MessageOf(const State& state, const Campaign& campaign, int64_t now_ms) {
  if (IsOpen(campaign.state) && !state.trouble.empty()) return state.trouble;
  if (campaign.state != CampaignState::kRunning) return campaign.row.message;
  const auto count = [&](TaskState s) { return campaign.counts[static_cast<size_t>(s)]; };
  if (count(TaskState::kReady) == 0 || count(TaskState::kLeased) + count(TaskState::kRunning) > 0) {
    return campaign.row.message;
  }
  const std::string role = MissingRole(state, campaign, now_ms);
  if (!role.empty()) return fmt::format("waiting for a worker with the role {}: none is connected", role);
  const std::string failed = TriedAgain(state, campaign, now_ms);
  return failed.empty() ? campaign.row.message : failed;
}

Json RunningTasks(const State& state, const Campaign& campaign, int64_t now_ms) {
  Json running = Json::array();
  for (const auto& [end, number] : state.leases) {
    const Task& task = state.tasks.at(number);
    if (task.row.campaign_id != campaign.row.id) continue;
    running.push_back({{"key", task.row.key},
                       {"kind", task.row.kind},
                       {"worker", task.row.state.worker_id},
                       {"attempt", task.row.state.attempt},
                       {"progress", ToJsonOfProgress(task.progress)},
                       {"elapsed_s", Seconds(std::max<int64_t>(0, now_ms - task.row.state.leased_ms))}});
  }
  std::sort(running.begin(), running.end(), [](const Json& a, const Json& b) { return a["key"] < b["key"]; });
  return running;
}

}  // namespace

Json CampaignStatus(const State& state, const Campaign& campaign, int64_t now_ms) {
  Json status = {{"schema", 1},
                 {"labels", 0},
                 {"failed_labels", 0},
                 {"heldout", nullptr},
                 {"conductivity", Json::array()}};
  status.update(campaign.summary);
  status.update({{"campaign_id", campaign.row.id},
                 {"name", campaign.row.name},
                 {"state", Name(campaign.state)},
                 {"stage", campaign.row.stage},
                 {"generation", campaign.row.generation},
                 {"message", MessageOf(state, campaign, now_ms)},
                 {"tasks", CountsOf(campaign)},
                 {"running", RunningTasks(state, campaign, now_ms)},
                 {"report_sha256",
                  campaign.row.report_sha256.empty() ? Json(nullptr) : Json(campaign.row.report_sha256)},
                 {"elapsed_s", ElapsedSeconds(campaign, now_ms)}});
  const std::optional<Eta> eta = RemainingTime(state, campaign, now_ms);
  status["eta_s"] = eta ? Json(eta->seconds) : Json();
  status["eta_note"] = eta ? eta->note : "";
  return status;
}

Json CampaignList(const State& state, int64_t now_ms) {
  std::vector<const Campaign*> order;
  for (const auto& [id, campaign] : state.campaigns) order.push_back(&campaign);
  std::sort(order.begin(), order.end(), [](const Campaign* a, const Campaign* b) {
    return std::pair(a->row.id.size(), a->row.id) < std::pair(b->row.id.size(), b->row.id);
  });
  Json list = Json::array();
  for (const Campaign* campaign : order) {
    list.push_back({{"campaign_id", campaign->row.id},
                    {"name", campaign->row.name},
                    {"client_token", campaign->row.client_token},
                    {"state", Name(campaign->state)},
                    {"stage", campaign->row.stage},
                    {"generation", campaign->row.generation},
                    {"message", MessageOf(state, *campaign, now_ms)},
                    {"tasks", CountsOf(*campaign)},
                    {"elapsed_s", ElapsedSeconds(*campaign, now_ms)}});
  }
  return list;
}

Json TaskList(const State& state, const Campaign& campaign, int64_t now_ms) {
  std::vector<int64_t> numbers;
  for (const auto& [key, number] : campaign.number_of) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  Json list = Json::array();
  for (const int64_t number : numbers) {
    const Task& task = state.tasks.at(number);
    const TaskStateRow& row = task.row.state;
    Json artifacts = Json::array();
    for (const TaskOutputRow& output : task.row.outputs) {
      artifacts.push_back(
          {{"name", output.name}, {"sha256", output.sha256}, {"size_bytes", output.size_bytes}});
    }
    Json entry = {{"task_id", task.row.id},
                  {"key", task.row.key},
                  {"kind", task.row.kind},
                  {"stage", task.row.stage},
                  {"generation", task.row.generation},
                  {"state", Name(task.state)},
                  {"attempt", row.attempt},
                  {"worker", row.worker_id},
                  {"task_faults", row.task_faults},
                  {"infrastructure_faults", row.infrastructure_faults},
                  {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(row.status_code))},
                  {"message", row.status_message},
                  {"wall_s", row.wall_s},
                  {"cpu_s", row.cpu_s},
                  {"artifacts", std::move(artifacts)}};
    const auto ended = campaign.ended.find(task.row.key);
    if (ended != campaign.ended.end()) entry["metrics"] = ended->second.metrics;
    if (IsHeld(task.state)) {
      entry["progress"] = ToJsonOfProgress(task.progress);
      entry["elapsed_s"] = Seconds(std::max<int64_t>(0, now_ms - row.leased_ms));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace superion
