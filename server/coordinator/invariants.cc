#include "server/coordinator/invariants.h"

namespace superion {
namespace {

#define SUPERION_HOLDS(condition, ...)              \
  do {                                              \
    if (!(condition)) return Internal(__VA_ARGS__); \
  } while (false)

absl::Status CheckTask(const State& state, const Campaign& campaign, const Task& task) {
  const TaskStateRow& row = task.row.state;
  const std::string& id = task.row.id;
  SUPERION_HOLDS(row.reported_attempt <= row.attempt, "{}: reported attempt {} of {}", id,
                 row.reported_attempt, row.attempt);
  const bool held = IsHeld(task.state);
  SUPERION_HOLDS(!held || row.attempt > row.reported_attempt, "{}: held, but its attempt was reported", id);
  for (const auto& [worker_id, worker] : state.workers) {
    SUPERION_HOLDS(worker.tasks.contains(task.row.number) == (held && worker_id == row.worker_id),
                   "{}: state {}, holder {}, list of worker {}", id, Name(task.state), row.worker_id,
                   worker_id);
  }
  SUPERION_HOLDS(!held || state.workers.contains(row.worker_id), "{}: held by nobody", id);
  SUPERION_HOLDS(state.leases.contains({task.lease_ends_ms, task.row.number}) == held,
                 "{}: state {} and its lease", id, Name(task.state));
  const bool queued = task.state == TaskState::kReady && campaign.state == CampaignState::kRunning;
  const auto queue = state.dispatchable.find(RoleOfKind(task.row.kind));
  const bool dispatchable = queue != state.dispatchable.end() && queue->second.contains(task.row.number);
  const bool delayed = state.delayed.contains({row.not_before_ms, task.row.number});
  SUPERION_HOLDS(!(dispatchable && delayed) && (dispatchable || delayed) == queued,
                 "{}: state {}, dispatchable {}, delayed {}", id, Name(task.state), dispatchable, delayed);
  SUPERION_HOLDS(IsOpen(campaign.state) || !IsOpen(task.state), "{}: open in a campaign that is {}", id,
                 Name(campaign.state));
  SUPERION_HOLDS(IsEnded(task.state) == campaign.ended.contains(task.row.key),
                 "{}: state {} and the ended ones", id, Name(task.state));
  SUPERION_HOLDS(task.state == TaskState::kDone || task.row.outputs.empty(), "{}: outputs in state {}", id,
                 Name(task.state));
  if (task.state == TaskState::kWaiting || task.state == TaskState::kReady) {
    bool known = true;
    for (const TaskInputRow& input : task.row.inputs) {
      known &= ResolveInput(state, campaign, input).kind == ResolvedInput::Kind::kKnown;
    }
    SUPERION_HOLDS(known == (task.state == TaskState::kReady), "{}: state {}, inputs known {}", id,
                   Name(task.state), known);
  }
  return absl::OkStatus();
}

absl::Status CheckCampaign(const State& state, const Campaign& campaign) {
  std::array<int, kTaskStates> counts{};
  for (const auto& [key, number] : campaign.number_of) {
    const auto task = state.tasks.find(number);
    SUPERION_HOLDS(task != state.tasks.end() && task->second.row.key == key, "{}: no task {}",
                   campaign.row.id, key);
    ++counts[static_cast<size_t>(task->second.state)];
    SUPERION_RETURN_IF_ERROR(CheckTask(state, campaign, task->second));
  }
  SUPERION_HOLDS(counts == campaign.counts, "{}: the counts of task states are wrong", campaign.row.id);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckInvariants(const State& state) {
  size_t tasks = 0;
  for (const auto& [id, campaign] : state.campaigns) {
    SUPERION_RETURN_IF_ERROR(CheckCampaign(state, campaign));
    tasks += campaign.number_of.size();
  }
  SUPERION_HOLDS(tasks == state.tasks.size(), "{} tasks, {} in campaigns", state.tasks.size(), tasks);
  size_t held = 0;
  for (const auto& [id, worker] : state.workers) held += worker.tasks.size();
  SUPERION_HOLDS(held == state.leases.size(), "{} leases, {} tasks on workers", state.leases.size(), held);
  for (const ParkedLease& parked : state.parked) {
    SUPERION_HOLDS(state.workers.contains(parked.worker_id), "a lease request of nobody");
  }
  return absl::OkStatus();
}

}  // namespace superion
