#include "database/memory_store.h"

#include <algorithm>

namespace superion {
namespace {

absl::Status RequireArtifact(const std::map<std::string, ArtifactRow>& artifacts, const std::string& sha256,
                             const std::string& who) {
  if (sha256.empty() || artifacts.contains(sha256)) return absl::OkStatus();
  return FailedPrecondition("{} names the artifact {}, which is not registered", who, sha256);
}

}  // namespace

absl::Status MemoryStore::Commit(const Transaction& transaction) {
  SUPERION_RETURN_IF_ERROR(failure_);
  Tables copy = tables_;
  SUPERION_RETURN_IF_ERROR(Apply(transaction, copy));
  tables_ = std::move(copy);
  return absl::OkStatus();
}

absl::Status MemoryStore::Apply(const Transaction& transaction, Tables& tables) {
  for (const ArtifactRow& row : transaction.artifacts) tables.artifacts.emplace(row.sha256, row);
  for (const CampaignRow& row : transaction.campaigns) {
    for (const std::string& sha256 : {row.structure_sha256, row.report_sha256, row.html_sha256}) {
      SUPERION_RETURN_IF_ERROR(RequireArtifact(tables.artifacts, sha256, "campaign " + row.id));
    }
    for (const auto& [id, other] : tables.campaigns) {
      if (id != row.id && other.client_token == row.client_token) {
        return FailedPrecondition("campaign {}: the client token is used by campaign {}", row.id, id);
      }
    }
    tables.campaigns[row.id] = row;
  }
  for (const WorkerRow& row : transaction.workers) tables.workers[row.id] = row;
  return ApplyTasks(transaction, tables);
}

absl::Status MemoryStore::ApplyTasks(const Transaction& transaction, Tables& tables) {
  for (const TaskRow& row : transaction.new_tasks) {
    if (!tables.campaigns.contains(row.campaign_id)) {
      return FailedPrecondition("task {}: no campaign {}", row.id, row.campaign_id);
    }
    for (const auto& [id, other] : tables.tasks) {
      if (id == row.id || (other.campaign_id == row.campaign_id && other.key == row.key)) {
        return FailedPrecondition("task {}: the id or the key {} is used twice", row.id, row.key);
      }
    }
    for (const TaskInputRow& input : row.inputs) {
      SUPERION_RETURN_IF_ERROR(RequireArtifact(tables.artifacts, input.sha256, "task " + row.id));
    }
    TaskRow& task = tables.tasks[row.id] = row;
    task.outputs.clear();
    task.state.id = row.id;
  }
  for (const TaskStateRow& row : transaction.task_states) {
    const auto task = tables.tasks.find(row.id);
    if (task == tables.tasks.end()) return FailedPrecondition("no task {} whose state could change", row.id);
    task->second.state = row;
  }
  for (const TaskOutputs& row : transaction.outputs) {
    const auto task = tables.tasks.find(row.task_id);
    if (task == tables.tasks.end())
      return FailedPrecondition("no task {} that could have outputs", row.task_id);
    for (const TaskOutputRow& output : row.outputs) {
      SUPERION_RETURN_IF_ERROR(RequireArtifact(tables.artifacts, output.sha256, "task " + row.task_id));
    }
    task->second.outputs = row.outputs;
  }
  for (const AttemptRow& row : transaction.attempts) {
    if (!tables.tasks.contains(row.task_id)) return FailedPrecondition("no task {} to attempt", row.task_id);
    tables.attempts[{row.task_id, row.attempt}] = row;
  }
  tables.events.insert(tables.events.end(), transaction.events.begin(), transaction.events.end());
  return absl::OkStatus();
}

absl::StatusOr<Snapshot> MemoryStore::Load() {
  Snapshot snapshot;
  for (const auto& [id, row] : tables_.campaigns) snapshot.campaigns.push_back(row);
  for (const auto& [id, row] : tables_.tasks) snapshot.tasks.push_back(row);
  for (const auto& [id, row] : tables_.workers) snapshot.workers.push_back(row);
  std::stable_sort(snapshot.campaigns.begin(), snapshot.campaigns.end(),
                   [](const auto& a, const auto& b) { return a.created_ms < b.created_ms; });
  std::sort(snapshot.tasks.begin(), snapshot.tasks.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return snapshot;
}

absl::StatusOr<std::vector<EventRow>> MemoryStore::Events(const std::string& campaign_id) {
  std::vector<EventRow> found;
  for (const EventRow& row : tables_.events) {
    if (campaign_id.empty() || row.campaign_id == campaign_id) found.push_back(row);
  }
  return found;
}

absl::StatusOr<std::vector<AttemptRow>> MemoryStore::Attempts(const std::string& task_id) {
  std::vector<AttemptRow> found;
  for (const auto& [key, row] : tables_.attempts) {
    if (key.first == task_id) found.push_back(row);
  }
  return found;
}

absl::StatusOr<std::vector<ArtifactRow>> MemoryStore::Artifacts() {
  std::map<std::string, int64_t> refs;
  for (const auto& [id, row] : tables_.campaigns) {
    for (const std::string& sha256 : {row.structure_sha256, row.report_sha256, row.html_sha256})
      ++refs[sha256];
  }
  for (const auto& [id, row] : tables_.tasks) {
    for (const TaskOutputRow& output : row.outputs) ++refs[output.sha256];
  }
  std::vector<ArtifactRow> found;
  for (const auto& [sha256, row] : tables_.artifacts) {
    found.push_back({sha256, row.size_bytes, refs[sha256]});
  }
  return found;
}

}  // namespace superion
