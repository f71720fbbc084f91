// Store on a SQLite file: write-ahead log, synchronous=FULL, foreign keys, one connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "database/sqlite_connection.h"
#include "database/store.h"

namespace superion {

class SqliteStore : public Store {
 public:
  // Opens the database at `path` and brings its schema up to date; makes it when there is none. The folder
  // must exist, on a local disk (FailedPrecondition). A broken file is DataLoss and is left exactly as it was
  // found.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& path);
  ~SqliteStore() override;

  absl::Status Commit(const Transaction& transaction) override;
  absl::StatusOr<Snapshot> Load() override;
  absl::StatusOr<std::vector<EventRow>> Events(const std::string& campaign_id) override;
  absl::StatusOr<std::vector<AttemptRow>> Attempts(const std::string& task_id) override;
  absl::StatusOr<std::vector<ArtifactRow>> Artifacts() override;

 private:
  struct Statements;
  SqliteStore(SqliteConnection connection, std::unique_ptr<Statements> statements);
  absl::Status Write(const Transaction& transaction);
  absl::Status WriteTask(const TaskRow& row);
  absl::Status WriteOutputs(const TaskOutputs& row);
  absl::StatusOr<std::vector<TaskRow>> LoadTasks();

  SqliteConnection connection_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace superion
