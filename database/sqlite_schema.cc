#include "database/sqlite_schema.h"

namespace superion {
namespace {

constexpr const char* kSteps[kSchemaVersion] = {
    // 0 -> 1
    R"sql(
CREATE TABLE artifacts (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  refs INTEGER NOT NULL DEFAULT 0 CHECK (refs >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaigns (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  client_token TEXT NOT NULL UNIQUE,
  spec_json TEXT NOT NULL,
  structure_sha256 TEXT REFERENCES artifacts(sha256),
  state TEXT NOT NULL CHECK (state IN ('RUNNING', 'PAUSED', 'CANCELLED', 'DONE', 'FAILED')),
  stage TEXT NOT NULL,
  generation INTEGER NOT NULL,
  message TEXT NOT NULL,
  summary_json TEXT NOT NULL,
  report_sha256 TEXT REFERENCES artifacts(sha256),
  html_sha256 TEXT REFERENCES artifacts(sha256),
  created_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  cores INTEGER NOT NULL CHECK (cores > 0),
  roles TEXT NOT NULL,
  seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  campaign_id TEXT NOT NULL REFERENCES campaigns(id),
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  generation INTEGER NOT NULL,
  threads INTEGER NOT NULL CHECK (threads >= 0),
  optional INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  params_json TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'leased', 'running', 'done', 'failed', 'quarantined',
                                       'cancelled')),
  attempt INTEGER NOT NULL,
  reported_attempt INTEGER NOT NULL CHECK (reported_attempt <= attempt),
  worker_id TEXT NOT NULL,
  task_faults INTEGER NOT NULL,
  infrastructure_faults INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,
  status_code INTEGER NOT NULL,
  status_message TEXT NOT NULL,
  metrics_json TEXT NOT NULL,
  leased_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  cpu_s REAL NOT NULL,
  wall_s REAL NOT NULL,
  UNIQUE (campaign_id, key)
) STRICT;

CREATE TABLE task_inputs (
  task_id TEXT NOT NULL REFERENCES tasks(id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT REFERENCES artifacts(sha256),
  task_key TEXT NOT NULL,
  artifact_name TEXT NOT NULL,
  PRIMARY KEY (task_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_outputs (
  task_id TEXT NOT NULL REFERENCES tasks(id),
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL REFERENCES artifacts(sha256),
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (task_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_outputs_sha256 ON task_outputs(sha256);

CREATE TABLE attempts (
  task_id TEXT NOT NULL REFERENCES tasks(id),
  attempt INTEGER NOT NULL CHECK (attempt > 0),
  worker_id TEXT NOT NULL,
  state TEXT NOT NULL,
  inputs_json TEXT NOT NULL,
  leased_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  status_code INTEGER NOT NULL,
  status_message TEXT NOT NULL,
  PRIMARY KEY (task_id, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  number INTEGER PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  campaign_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX events_campaign ON events(campaign_id, number);

-- How often an artifact is named is counted by the database itself, so that no writer can forget it.
CREATE TRIGGER output_added AFTER INSERT ON task_outputs BEGIN
  UPDATE artifacts SET refs = refs + 1 WHERE sha256 = new.sha256;
END;
CREATE TRIGGER output_removed AFTER DELETE ON task_outputs BEGIN
  UPDATE artifacts SET refs = refs - 1 WHERE sha256 = old.sha256;
END;
CREATE TRIGGER campaign_added AFTER INSERT ON campaigns BEGIN
  UPDATE artifacts SET refs = refs + 1 WHERE sha256 = new.structure_sha256;
  UPDATE artifacts SET refs = refs + 1 WHERE sha256 = new.report_sha256;
  UPDATE artifacts SET refs = refs + 1 WHERE sha256 = new.html_sha256;
END;
CREATE TRIGGER campaign_report AFTER UPDATE OF report_sha256, html_sha256 ON campaigns BEGIN
  UPDATE artifacts SET refs = refs - 1 WHERE sha256 = old.report_sha256;
  UPDATE artifacts SET refs = refs - 1 WHERE sha256 = old.html_sha256;
  UPDATE artifacts SET refs = refs + 1 WHERE sha256 = new.report_sha256;
  UPDATE artifacts SET refs = refs + 1 WHERE sha256 = new.html_sha256;
END;
)sql",
};

}  // namespace

absl::Status Migrate(SqliteConnection& connection) {
  SUPERION_ASSIGN_OR_RETURN(const int64_t version, connection.QueryInteger("PRAGMA user_version"));
  SUPERION_ASSIGN_OR_RETURN(const int64_t owner, connection.QueryInteger("PRAGMA application_id"));
  SUPERION_ASSIGN_OR_RETURN(const int64_t tables,
                            connection.QueryInteger("SELECT count(*) FROM sqlite_schema"));
  if (tables > 0 && owner != kApplicationId) {
    return FailedPrecondition(
        "database: the file belongs to another program (application id {:#x}, expected {:#x})", owner,
        kApplicationId);
  }
  if (version > kSchemaVersion) {
    return FailedPrecondition(
        "database: written by a newer superion (schema {}, this one knows {}): use that one", version,
        kSchemaVersion);
  }
  for (int64_t step = version; step < kSchemaVersion; ++step) {
    const absl::Status status = connection.Execute(
        fmt::format("BEGIN IMMEDIATE; {} PRAGMA user_version = {}; PRAGMA application_id = {}; COMMIT",
                    kSteps[step], step + 1, kApplicationId));
    if (!status.ok()) {
      if (connection.InTransaction()) (void)connection.Execute("ROLLBACK");
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace superion
