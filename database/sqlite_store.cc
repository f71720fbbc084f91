#include "database/sqlite_store.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <utility>

#include "database/filesystem.h"
#include "database/sqlite_schema.h"

namespace superion {
namespace {

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

bool Exists(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0;
}

absl::Status Configure(SqliteConnection& connection) {
  // FULL with a write-ahead log: a commit returns after the log is on the disk.
  return connection.Execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema "
      "= OFF");
}

// A database comes into being under another name, so that a crash in between leaves nothing that looks like
// one.
absl::Status Create(const std::string& path) {
  const std::string temporary = path + ".new";
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((temporary + suffix).c_str());
  {
    SUPERION_ASSIGN_OR_RETURN(SqliteConnection connection, SqliteConnection::Open(temporary, true));
    SUPERION_RETURN_IF_ERROR(Configure(connection));
    SUPERION_RETURN_IF_ERROR(Migrate(connection));
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return Unavailable("database: cannot rename {} to {}: {}", temporary, path, std::strerror(errno));
  }
  return SyncDirectory(FolderOf(path));
}

absl::Status Broken(const std::string& path, std::string_view found) {
  return DataLoss(
      "database {} is broken: {}. Nothing was changed. Put back a copy of it with its -wal file, or move the "
      "data "
      "folder away to start anew",
      path, found);
}

// What SQLite itself would overlook: it takes an empty file for a new database and then drops the log beside
// it.
absl::Status CheckFiles(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0) {
    return info.st_size == 0 ? Broken(path, "the file is empty") : absl::OkStatus();
  }
  if (Exists(path + "-wal")) return Broken(path, "the file is missing, but its write-ahead log is there");
  return absl::OkStatus();
}

absl::Status CheckContent(SqliteConnection& connection, const std::string& path) {
  const absl::StatusOr<std::string> found = connection.QueryText("PRAGMA quick_check(1)");
  if (!found.ok()) {
    return absl::IsDataLoss(found.status()) ? Broken(path, std::string(found.status().message()))
                                            : found.status();
  }
  return *found == "ok" ? absl::OkStatus() : Broken(path, *found);
}

}  // namespace

struct SqliteStore::Statements {
  SqliteStatement artifact, campaign, worker, task, input, state, forget_outputs, output, attempt, event;
};

namespace {

constexpr const char* kCampaignColumns =
    "id, name, client_token, spec_json, structure_sha256, state, stage, generation, message, summary_json, "
    "report_sha256, html_sha256, created_ms, ended_ms";
constexpr const char* kTaskColumns =
    "number, id, campaign_id, key, kind, stage, generation, threads, optional, seed, params_json, created_ms";
constexpr const char* kStateColumns =
    "state, attempt, reported_attempt, worker_id, task_faults, infrastructure_faults, not_before_ms, "
    "status_code, "
    "status_message, metrics_json, leased_ms, ended_ms, cpu_s, wall_s";

CampaignRow ReadCampaign(const SqliteStatement& s) {
  CampaignRow row;
  row.id = s.Text(0), row.name = s.Text(1), row.client_token = s.Text(2), row.spec_json = s.Text(3);
  row.structure_sha256 = s.Text(4), row.state = s.Text(5), row.stage = s.Text(6);
  row.generation = static_cast<int>(s.Integer(7));
  row.message = s.Text(8), row.summary_json = s.Text(9), row.report_sha256 = s.Text(10);
  row.html_sha256 = s.Text(11), row.created_ms = s.Integer(12), row.ended_ms = s.Integer(13);
  return row;
}

TaskStateRow ReadState(const SqliteStatement& s, const std::string& id, int first) {
  TaskStateRow row;
  const auto number = [&](int column) { return static_cast<int>(s.Integer(first + column)); };
  row.id = id, row.state = s.Text(first), row.attempt = number(1), row.reported_attempt = number(2);
  row.worker_id = s.Text(first + 3), row.task_faults = number(4), row.infrastructure_faults = number(5);
  row.not_before_ms = s.Integer(first + 6), row.status_code = number(7),
  row.status_message = s.Text(first + 8);
  row.metrics_json = s.Text(first + 9), row.leased_ms = s.Integer(first + 10);
  row.ended_ms = s.Integer(first + 11), row.cpu_s = s.Real(first + 12), row.wall_s = s.Real(first + 13);
  return row;
}

TaskRow ReadTask(const SqliteStatement& s) {
  TaskRow row;
  row.number = s.Integer(0), row.id = s.Text(1), row.campaign_id = s.Text(2), row.key = s.Text(3);
  row.kind = s.Text(4), row.stage = s.Text(5), row.generation = static_cast<int>(s.Integer(6));
  row.threads = static_cast<int>(s.Integer(7)), row.optional = s.Integer(8) != 0;
  row.seed = static_cast<uint64_t>(s.Integer(9)), row.params_json = s.Text(10),
  row.created_ms = s.Integer(11);
  row.state = ReadState(s, row.id, 12);
  return row;
}

}  // namespace

SqliteStore::SqliteStore(SqliteConnection connection, std::unique_ptr<Statements> statements)
    : connection_(std::move(connection)), statements_(std::move(statements)) {}

SqliteStore::~SqliteStore() { statements_.reset(); }

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path) {
  SUPERION_RETURN_IF_ERROR(RefuseNetworkFilesystem(FolderOf(path)));
  SUPERION_RETURN_IF_ERROR(CheckFiles(path));
  if (!Exists(path)) SUPERION_RETURN_IF_ERROR(Create(path));
  SUPERION_ASSIGN_OR_RETURN(SqliteConnection connection, SqliteConnection::Open(path, false));
  connection.SetCheckpointOnClose(false);
  SUPERION_RETURN_IF_ERROR(CheckContent(connection, path));
  SUPERION_RETURN_IF_ERROR(Configure(connection));
  SUPERION_RETURN_IF_ERROR(Migrate(connection));
  connection.SetCheckpointOnClose(true);

  auto st = std::make_unique<Statements>();
  const auto prepare = [&connection](SqliteStatement& to, const std::string& sql) -> absl::Status {
    SUPERION_ASSIGN_OR_RETURN(to, connection.Prepare(sql));
    return absl::OkStatus();
  };
  SUPERION_RETURN_IF_ERROR(
      prepare(st->artifact,
              "INSERT INTO artifacts (sha256, size_bytes) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING"));
  SUPERION_RETURN_IF_ERROR(prepare(
      st->campaign,
      fmt::format(
          "INSERT INTO campaigns ({}) VALUES (?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, nullif(?, ''), "
          "nullif(?, ''), ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, stage = "
          "excluded.stage, generation = excluded.generation, message = excluded.message, summary_json = "
          "excluded.summary_json, report_sha256 = excluded.report_sha256, html_sha256 = "
          "excluded.html_sha256, ended_ms = excluded.ended_ms",
          kCampaignColumns)));
  SUPERION_RETURN_IF_ERROR(prepare(st->worker, "INSERT OR REPLACE INTO workers VALUES (?, ?, ?, ?, ?)"));
  SUPERION_RETURN_IF_ERROR(prepare(
      st->task,
      fmt::format("INSERT INTO tasks ({}, {}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, 0, "
                  "'', 0, 0, 0, 0, '', '{{}}', 0, 0, 0, 0)",
                  kTaskColumns, kStateColumns)));
  SUPERION_RETURN_IF_ERROR(
      prepare(st->input, "INSERT INTO task_inputs VALUES (?, ?, ?, nullif(?, ''), ?, ?)"));
  SUPERION_RETURN_IF_ERROR(
      prepare(st->state,
              fmt::format("UPDATE tasks SET ({}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ? "
                          "RETURNING number",
                          kStateColumns)));
  SUPERION_RETURN_IF_ERROR(prepare(st->forget_outputs, "DELETE FROM task_outputs WHERE task_id = ?"));
  SUPERION_RETURN_IF_ERROR(prepare(st->output, "INSERT INTO task_outputs VALUES (?, ?, ?, ?)"));
  SUPERION_RETURN_IF_ERROR(
      prepare(st->attempt, "INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  SUPERION_RETURN_IF_ERROR(prepare(
      st->event, "INSERT INTO events (time_ms, campaign_id, task_id, kind, detail) VALUES (?, ?, ?, ?, ?)"));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(connection), std::move(st)));
}

absl::Status SqliteStore::Commit(const Transaction& transaction) {
  if (transaction.empty()) return absl::OkStatus();
  SUPERION_RETURN_IF_ERROR(connection_.Execute("BEGIN IMMEDIATE"));
  absl::Status status = Write(transaction);
  if (status.ok()) status = connection_.Execute("COMMIT");
  // SQLite rolls back by itself on some errors (full disk) and not on others.
  if (!status.ok() && connection_.InTransaction()) (void)connection_.Execute("ROLLBACK");
  return status;
}

absl::Status SqliteStore::Write(const Transaction& transaction) {
  Statements& s = *statements_;
  for (const auto& r : transaction.artifacts)
    SUPERION_RETURN_IF_ERROR(s.artifact.Bind(r.sha256, r.size_bytes).Run());
  for (const auto& r : transaction.campaigns) {
    s.campaign.Bind(r.id, r.name, r.client_token, r.spec_json, r.structure_sha256, r.state, r.stage,
                    r.generation, r.message, r.summary_json, r.report_sha256, r.html_sha256, r.created_ms,
                    r.ended_ms);
    SUPERION_RETURN_IF_ERROR(s.campaign.Run());
  }
  for (const auto& r : transaction.workers) {
    SUPERION_RETURN_IF_ERROR(s.worker.Bind(r.id, r.host, r.cores, r.roles, r.seen_ms).Run());
  }
  for (const auto& r : transaction.new_tasks) SUPERION_RETURN_IF_ERROR(WriteTask(r));
  for (const auto& r : transaction.task_states) {
    s.state.Bind(r.state, r.attempt, r.reported_attempt, r.worker_id, r.task_faults, r.infrastructure_faults,
                 r.not_before_ms, r.status_code, r.status_message, r.metrics_json, r.leased_ms, r.ended_ms,
                 r.cpu_s, r.wall_s, r.id);
    SUPERION_ASSIGN_OR_RETURN(const bool found, s.state.Step());
    s.state.Reset();
    if (!found) return FailedPrecondition("database: no task {} whose state could change", r.id);
  }
  for (const auto& r : transaction.outputs) SUPERION_RETURN_IF_ERROR(WriteOutputs(r));
  for (const auto& r : transaction.attempts) {
    s.attempt.Bind(r.task_id, r.attempt, r.worker_id, r.state, r.inputs_json, r.leased_ms, r.ended_ms,
                   r.status_code, r.status_message);
    SUPERION_RETURN_IF_ERROR(s.attempt.Run());
  }
  for (const auto& r : transaction.events) {
    SUPERION_RETURN_IF_ERROR(s.event.Bind(r.time_ms, r.campaign_id, r.task_id, r.kind, r.detail).Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::WriteTask(const TaskRow& row) {
  Statements& s = *statements_;
  s.task.Bind(row.number, row.id, row.campaign_id, row.key, row.kind, row.stage, row.generation, row.threads,
              row.optional, static_cast<int64_t>(row.seed), row.params_json, row.created_ms);
  SUPERION_RETURN_IF_ERROR(s.task.Run());
  int position = 0;
  for (const TaskInputRow& input : row.inputs) {
    s.input.Bind(row.id, position++, input.name, input.sha256, input.task_key, input.artifact_name);
    SUPERION_RETURN_IF_ERROR(s.input.Run());
  }
  const TaskStateRow& r = row.state;
  s.state.Bind(r.state, r.attempt, r.reported_attempt, r.worker_id, r.task_faults, r.infrastructure_faults,
               r.not_before_ms, r.status_code, r.status_message, r.metrics_json, r.leased_ms, r.ended_ms,
               r.cpu_s, r.wall_s, row.id);
  return s.state.Run();
}

absl::Status SqliteStore::WriteOutputs(const TaskOutputs& row) {
  Statements& s = *statements_;
  SUPERION_RETURN_IF_ERROR(s.forget_outputs.Bind(row.task_id).Run());
  for (const TaskOutputRow& output : row.outputs) {
    SUPERION_RETURN_IF_ERROR(s.output.Bind(row.task_id, output.name, output.sha256, output.size_bytes).Run());
  }
  return absl::OkStatus();
}

namespace {

// Runs a query and calls `read` for every row.
template <typename Read>
absl::Status ForEachRow(SqliteStatement& statement, const Read& read) {
  while (true) {
    SUPERION_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return absl::OkStatus();
    read(statement);
  }
}

}  // namespace

absl::StatusOr<Snapshot> SqliteStore::Load() {
  Snapshot snapshot;
  SUPERION_ASSIGN_OR_RETURN(SqliteStatement campaigns,
                            connection_.Prepare(fmt::format(
                                "SELECT {} FROM campaigns ORDER BY created_ms, number", kCampaignColumns)));
  SUPERION_RETURN_IF_ERROR(ForEachRow(
      campaigns, [&](const SqliteStatement& s) { snapshot.campaigns.push_back(ReadCampaign(s)); }));
  SUPERION_ASSIGN_OR_RETURN(
      SqliteStatement workers,
      connection_.Prepare("SELECT id, host, cores, roles, seen_ms FROM workers ORDER BY id"));
  SUPERION_RETURN_IF_ERROR(ForEachRow(workers, [&](const SqliteStatement& s) {
    snapshot.workers.push_back(
        {s.Text(0), s.Text(1), static_cast<int>(s.Integer(2)), s.Text(3), s.Integer(4)});
  }));
  SUPERION_ASSIGN_OR_RETURN(snapshot.tasks, LoadTasks());
  return snapshot;
}

absl::StatusOr<std::vector<TaskRow>> SqliteStore::LoadTasks() {
  std::vector<TaskRow> found;
  std::map<std::string, size_t> index;
  SUPERION_ASSIGN_OR_RETURN(SqliteStatement tasks,
                            connection_.Prepare(fmt::format("SELECT {}, {} FROM tasks ORDER BY number",
                                                            kTaskColumns, kStateColumns)));
  SUPERION_RETURN_IF_ERROR(ForEachRow(tasks, [&](const SqliteStatement& s) {
    found.push_back(ReadTask(s));
    index[found.back().id] = found.size() - 1;
  }));
  SUPERION_ASSIGN_OR_RETURN(SqliteStatement inputs,
                            connection_.Prepare("SELECT task_id, name, sha256, task_key, artifact_name FROM "
                                                "task_inputs ORDER BY task_id, position"));
  SUPERION_RETURN_IF_ERROR(ForEachRow(inputs, [&](const SqliteStatement& s) {
    const auto task = index.find(s.Text(0));
    if (task == index.end()) return;
    found[task->second].inputs.push_back({s.Text(1), s.Text(2), s.Text(3), s.Text(4)});
  }));
  SUPERION_ASSIGN_OR_RETURN(
      SqliteStatement outputs,
      connection_.Prepare(
          "SELECT task_id, name, sha256, size_bytes FROM task_outputs ORDER BY task_id, name"));
  SUPERION_RETURN_IF_ERROR(ForEachRow(outputs, [&](const SqliteStatement& s) {
    const auto task = index.find(s.Text(0));
    if (task == index.end()) return;
    found[task->second].outputs.push_back({s.Text(1), s.Text(2), s.Integer(3)});
  }));
  return found;
}

absl::StatusOr<std::vector<EventRow>> SqliteStore::Events(const std::string& campaign_id) {
  SUPERION_ASSIGN_OR_RETURN(
      SqliteStatement query,
      connection_.Prepare("SELECT time_ms, campaign_id, task_id, kind, detail FROM events WHERE ?1 = '' OR "
                          "campaign_id = ?1 ORDER BY number"));
  query.Bind(campaign_id);
  std::vector<EventRow> found;
  SUPERION_RETURN_IF_ERROR(ForEachRow(query, [&](const SqliteStatement& s) {
    found.push_back({s.Integer(0), s.Text(1), s.Text(2), s.Text(3), s.Text(4)});
  }));
  return found;
}

absl::StatusOr<std::vector<AttemptRow>> SqliteStore::Attempts(const std::string& task_id) {
  SUPERION_ASSIGN_OR_RETURN(
      SqliteStatement query,
      connection_.Prepare(
          "SELECT task_id, attempt, worker_id, state, inputs_json, leased_ms, ended_ms, status_code, "
          "status_message FROM attempts WHERE task_id = ? ORDER BY attempt"));
  query.Bind(task_id);
  std::vector<AttemptRow> found;
  SUPERION_RETURN_IF_ERROR(ForEachRow(query, [&](const SqliteStatement& s) {
    found.push_back({s.Text(0), static_cast<int>(s.Integer(1)), s.Text(2), s.Text(3), s.Text(4), s.Integer(5),
                     s.Integer(6), static_cast<int>(s.Integer(7)), s.Text(8)});
  }));
  return found;
}

absl::StatusOr<std::vector<ArtifactRow>> SqliteStore::Artifacts() {
  SUPERION_ASSIGN_OR_RETURN(
      SqliteStatement query,
      connection_.Prepare("SELECT sha256, size_bytes, refs FROM artifacts ORDER BY sha256"));
  std::vector<ArtifactRow> found;
  SUPERION_RETURN_IF_ERROR(ForEachRow(query, [&](const SqliteStatement& s) {
    found.push_back({s.Text(0), s.Integer(1), s.Integer(2)});
  }));
  return found;
}

}  // namespace superion
