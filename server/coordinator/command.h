// What may be asked of the coordinator, and what it answers. Each command carries a number, `reply_to`, under
// which the one who asked waits for the reply; 0: nobody waits.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/campaign.h"
#include "core/task.h"
#include "database/rows.h"

namespace superion {

// After a start: plans every open campaign anew.
struct Start {};

// InvalidArgument for an empty token. The same token again is answered with the first campaign's id.
struct Submit {
  uint64_t reply_to = 0;
  std::string client_token;
  CampaignSpec spec;
  std::string spec_json;
  std::string structure_sha256;  // in the artifact store already
  int64_t structure_bytes = 0;
};

enum class ControlAction { kPause, kResume, kCancel };
// NotFound; FailedPrecondition when the campaign has ended in another way. Repeating an action is fine.
struct Control {
  uint64_t reply_to = 0;
  std::string campaign_id;
  ControlAction action = ControlAction::kPause;
};

struct Report {
  std::string task_id;
  int attempt = 0;
  TaskResult result;
  std::string missing_artifact;  // the first that the artifact store does not hold; empty: all are there
};

struct RunningTask {
  std::string task_id;
  int attempt = 0;
  TaskProgress progress;
};

struct Register {
  uint64_t reply_to = 0;
  std::string worker_id;
  std::string host;
  int cores = 0;
  std::vector<std::string> roles;
  std::vector<Report> unreported;
  std::vector<RunningTask> running;
};

// FailedPrecondition when the worker is not registered.
struct Lease {
  uint64_t reply_to = 0;
  std::string worker_id;
  int free_cores = 0;
  int64_t wait_ms = 0;
};

// The one who waited for a lease has gone.
struct AbandonLease {
  uint64_t lease_reply_to = 0;
};

struct Heartbeat {
  uint64_t reply_to = 0;
  std::string worker_id;
  std::vector<RunningTask> running;
};

// NotFound for an unknown task; Aborted when another attempt owns it or it was cancelled; FailedPrecondition
// when an artifact is not in the store; InvalidArgument when two artifacts share a name. A repeated report is
// OK.
struct Complete {
  uint64_t reply_to = 0;
  Report report;
};

// An artifact turned out to be missing or broken.
struct ArtifactLost {
  std::string sha256;
  std::string reason;
};

// A report was built and stored, or not.
struct ReportBuilt {
  std::string campaign_id;
  absl::Status status;
  ArtifactRow report;  // JSON
  ArtifactRow html;
};

// Time has passed.
struct Tick {};

// The daemon itself was stopped for a while (a suspended machine) and could not hear anybody: every lease
// starts anew.
struct Slept {};

using Command = std::variant<Start, Submit, Control, Register, Lease, AbandonLease, Heartbeat, Complete,
                             ArtifactLost, ReportBuilt, Tick, Slept>;

struct Submitted {
  std::string campaign_id;
};
struct Controlled {
  std::string state;
};
struct Registered {
  std::vector<std::string> drop_task_ids;
};
struct Assignment {
  TaskSpec spec;  // inputs with hash and name; site is left to the worker
};
struct Leased {
  std::vector<Assignment> assignments;
};
struct HeartbeatSeen {
  bool must_register = false;
  std::vector<std::string> drop_task_ids;
};
struct Completed {};

struct Reply {
  uint64_t to = 0;
  absl::Status status;
  std::variant<std::monostate, Submitted, Controlled, Registered, Leased, HeartbeatSeen, Completed> body;
};

struct Decision {
  Transaction rows;  // to be made durable before any reply is sent
  std::vector<Reply> replies;
  std::set<std::string> changed;           // campaigns whose status changed
  std::vector<std::string> report_wanted;  // campaigns whose report is to be built
};

}  // namespace superion
