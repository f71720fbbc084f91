// All that the coordinator knows, in memory. One thread owns it; the database holds the same facts, and
// server/coordinator/restore.h makes one from the other. What is not durable, by intent: leases' ends,
// progress, parked lease requests, which workers are connected.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/campaign.h"
#include "core/task.h"
#include "database/rows.h"
#include "server/active_learning/forecast.h"
#include "server/active_learning/policy.h"
#include "server/coordinator/task_state.h"

namespace superion {

struct Task {
  TaskRow row;  // durable; row.state.state is written from `state`
  TaskState state = TaskState::kWaiting;
  int64_t lease_ends_ms = 0;  // while it is held
  TaskProgress progress;
  int overtaken = 0;  // later tasks handed out because this one did not fit
};

// A task to come and what it is expected to take; see eta.h.
struct PricedTask {
  std::string key;
  int threads = 1;
  double seconds = 0.0;
};
struct Outlook {
  size_t ended = 0;           // tasks that had ended when this was worked out,
  int64_t worked_out_ms = 0;  // and the time
  bool known = false;         // false: the future cannot be foreseen or priced
  std::vector<std::vector<PricedTask>> rounds;
  std::set<std::string> missing;  // kinds of work without a price
};

struct Campaign {
  CampaignRow row;
  CampaignState state = CampaignState::kRunning;
  CampaignSpec spec;
  CampaignArtifacts artifacts;
  Json summary = Json::object();
  FinishedTasks ended;                          // what the policy sees
  std::map<std::string, int64_t> number_of;     // key -> number of the task
  std::multimap<std::string, int64_t> readers;  // key of a producer -> tasks that read from it
  std::array<int, kTaskStates> counts{};
  bool plan_finished = false;
  bool report_asked = false;
  int64_t report_again_ms = 0;  // when a failed report is built again; 0: not waiting for that
  // Follows from the rest; kept because it is looked at more often than it changes.
  mutable std::shared_ptr<const Outlook> outlook;
};

struct Worker {
  WorkerRow row;
  std::vector<std::string> roles;  // all of them when the worker named none
  bool registered = false;         // since this daemon started
  int64_t seen_ms = 0;
  std::set<int64_t> tasks;  // held
  // Held once, lost because the lease ran out, and perhaps still running there: not handed to this worker
  // again before it has said what it runs.
  std::set<int64_t> unclear;
};

// A lease request that waits for work.
struct ParkedLease {
  uint64_t reply_to = 0;
  std::string worker_id;
  int free_cores = 0;
  int64_t until_ms = 0;
};

struct CoordinatorOptions {
  int64_t lease_ms = 30'000;
  int64_t heartbeat_ms = 5'000;
  // So many later tasks may overtake one that waits for more cores; then cores are kept free for it.
  int max_overtaken = 16;
  int64_t report_retry_ms = 10'000;
};

struct State {
  CoordinatorOptions options;
  Policy policy;
  std::map<int64_t, Task> tasks;              // by number; the id is "t<number>"
  std::map<std::string, Campaign> campaigns;  // by id
  std::unordered_map<std::string, std::string> campaign_of_token;
  std::map<std::string, Worker> workers;
  std::vector<ParkedLease> parked;  // in order of arrival
  std::string trouble;              // why nothing can be made durable right now; "" when all is well
  int64_t next_task = 1;
  int64_t next_campaign = 1;

  // Indexes over tasks, kept by Step::SetState.
  std::map<std::string, std::set<int64_t>> dispatchable;  // by role: ready, campaign running, back-off over
  std::set<std::pair<int64_t, int64_t>> delayed;          // (not before, number) of ready tasks in back-off
  std::set<std::pair<int64_t, int64_t>> leases;           // (end, number) of held tasks
};

inline constexpr std::array<const char*, 4> kRoles{"dft", "train", "md", "analysis"};

// The role that a worker needs for tasks of this kind (docs/task_contract.md).
std::string RoleOfKind(const std::string& kind);

// nullptr when there is none.
Task* FindTask(State& state, const std::string& task_id);
Campaign* FindCampaign(State& state, const std::string& campaign_id);
const Campaign* FindCampaign(const State& state, const std::string& campaign_id);

// Where an input of a task comes from right now.
struct ResolvedInput {
  enum class Kind { kKnown, kPending, kImpossible } kind = Kind::kPending;
  std::string sha256;  // when known
  std::string reason;  // when impossible
};
ResolvedInput ResolveInput(const State& state, const Campaign& campaign, const TaskInputRow& input);

// The earliest moment at which a tick has something to do; 0: none.
int64_t NextWake(const State& state);

// Alive: registered, and heard of within one lease.
bool IsConnected(const State& state, const Worker& worker, int64_t now_ms);

}  // namespace superion
