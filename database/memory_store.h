// The plain reference implementation of Store: maps in memory, nothing durable. For tests.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "database/store.h"

namespace superion {

class MemoryStore : public Store {
 public:
  absl::Status Commit(const Transaction& transaction) override;
  absl::StatusOr<Snapshot> Load() override;
  absl::StatusOr<std::vector<EventRow>> Events(const std::string& campaign_id) override;
  absl::StatusOr<std::vector<AttemptRow>> Attempts(const std::string& task_id) override;
  absl::StatusOr<std::vector<ArtifactRow>> Artifacts() override;

  // The next commits fail with this until it is set to OK: a fake full disk.
  void FailCommits(absl::Status status) { failure_ = std::move(status); }

 private:
  struct Tables {
    std::map<std::string, ArtifactRow> artifacts;
    std::map<std::string, CampaignRow> campaigns;
    std::map<std::string, WorkerRow> workers;
    std::map<std::string, TaskRow> tasks;
    std::map<std::pair<std::string, int>, AttemptRow> attempts;
    std::vector<EventRow> events;
  };
  static absl::Status Apply(const Transaction& transaction, Tables& tables);
  static absl::Status ApplyTasks(const Transaction& transaction, Tables& tables);

  Tables tables_;
  absl::Status failure_;
};

}  // namespace superion
