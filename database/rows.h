// The rows of the database as plain values: what the coordinator decides and what it starts again from. Times
// are milliseconds since 1970; 0 means "not yet". States are the words of server/coordinator/task_state.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace superion {

struct CampaignRow {
  std::string id;
  std::string name;
  std::string client_token;  // unique: the same submission twice is one campaign
  std::string spec_json;     // written once
  std::string structure_sha256;
  std::string state;
  std::string stage;
  int generation = 0;
  std::string message;
  std::string summary_json = "{}";
  std::string report_sha256;  // empty until there is one
  std::string html_sha256;
  int64_t created_ms = 0;
  int64_t ended_ms = 0;
};

struct TaskInputRow {
  std::string name;
  std::string sha256;    // either this
  std::string task_key;  // or these two
  std::string artifact_name;
};

struct TaskOutputRow {
  std::string name;
  std::string sha256;
  int64_t size_bytes = 0;
};

// The part of a task that changes.
struct TaskStateRow {
  std::string id;
  std::string state;
  int attempt = 0;           // the newest; 0: never leased
  int reported_attempt = 0;  // the newest whose report was accepted
  std::string worker_id;
  int task_faults = 0;
  int infrastructure_faults = 0;
  int64_t not_before_ms = 0;
  int status_code = 0;  // absl::StatusCode
  std::string status_message;
  std::string metrics_json = "{}";
  int64_t leased_ms = 0;
  int64_t ended_ms = 0;
  double cpu_s = 0.0;
  double wall_s = 0.0;
};

// The part of a task that is written once.
struct TaskRow {
  std::string id;
  int64_t number = 0;  // order of planning over all campaigns
  std::string campaign_id;
  std::string key;
  std::string kind;
  std::string stage;
  int generation = 0;
  int threads = 1;
  bool optional = false;
  uint64_t seed = 0;
  std::string params_json = "{}";
  int64_t created_ms = 0;
  std::vector<TaskInputRow> inputs;
  TaskStateRow state;
  std::vector<TaskOutputRow> outputs;  // filled by Load only; written through Transaction::outputs
};

struct TaskOutputs {
  std::string task_id;
  std::vector<TaskOutputRow> outputs;
};

struct AttemptRow {
  std::string task_id;
  int attempt = 0;
  std::string worker_id;
  std::string state;        // leased, done, failed, lost, dropped
  std::string inputs_json;  // [[name, sha256], ...] as they were leased
  int64_t leased_ms = 0;
  int64_t ended_ms = 0;
  int status_code = 0;
  std::string status_message;
};

struct ArtifactRow {
  std::string sha256;
  int64_t size_bytes = 0;
  int64_t refs = 0;  // outputs and campaigns that name it; kept by the store
};

struct WorkerRow {
  std::string id;
  std::string host;
  int cores = 0;
  std::string roles;  // comma-separated; empty: all
  int64_t seen_ms = 0;
};

// One line of the audit trail.
struct EventRow {
  int64_t time_ms = 0;
  std::string campaign_id;
  std::string task_id;  // may be empty
  std::string kind;     // "task leased", "campaign done", ...
  std::string detail;
};

// Everything that becomes durable together. Lists are applied in the order of the members, each from front to
// back.
struct Transaction {
  std::vector<ArtifactRow> artifacts;     // inserted when new; refs is ignored
  std::vector<CampaignRow> campaigns;     // inserted or replaced
  std::vector<WorkerRow> workers;         // inserted or replaced
  std::vector<TaskRow> new_tasks;         // with their state
  std::vector<TaskStateRow> task_states;  // of tasks that exist
  std::vector<TaskOutputs> outputs;       // replace all outputs of the task
  std::vector<AttemptRow> attempts;       // inserted or replaced
  std::vector<EventRow> events;

  bool empty() const;
  // Adds the lists of `other` behind these.
  void Append(Transaction other);
};

// What a restart reads.
struct Snapshot {
  std::vector<CampaignRow> campaigns;  // by time of creation
  std::vector<TaskRow> tasks;          // by number
  std::vector<WorkerRow> workers;
};

}  // namespace superion
