// The durable memory of the daemon. Every implementation passes tests/unit/database/store_contract_test.cc.
#pragma once

#include <string>
#include <vector>

#include "core/status.h"
#include "database/rows.h"

namespace superion {

// Not thread-safe: one thread owns a store (it is the only writer).
class Store {
 public:
  virtual ~Store() = default;

  // All of the transaction or nothing; when it returns OK it survives a crash of the process and of the
  // machine. ResourceExhausted: the disk is full, nothing was changed and the store goes on working once
  // there is space. FailedPrecondition: the rows contradict each other (unknown task, unknown artifact, a key
  // or token used twice). DataLoss: the file is broken.
  virtual absl::Status Commit(const Transaction& transaction) = 0;

  virtual absl::StatusOr<Snapshot> Load() = 0;

  // The audit trail of a campaign in order of commit; all campaigns when the id is empty.
  virtual absl::StatusOr<std::vector<EventRow>> Events(const std::string& campaign_id) = 0;
  // The attempts of a task from the first to the newest.
  virtual absl::StatusOr<std::vector<AttemptRow>> Attempts(const std::string& task_id) = 0;
  // By hash.
  virtual absl::StatusOr<std::vector<ArtifactRow>> Artifacts() = 0;
};

}  // namespace superion
