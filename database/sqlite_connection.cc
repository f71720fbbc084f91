#include "database/sqlite_connection.h"

#include <sys/stat.h>

#include <utility>

namespace superion {

absl::Status SqliteError(sqlite3* db, int code, std::string_view attempted) {
  // Of a long script the first line says enough.
  attempted = attempted.substr(0, attempted.find_first_of(";\n"));
  const std::string message = fmt::format("database: {}: {} (code {})", attempted,
                                          db ? sqlite3_errmsg(db) : sqlite3_errstr(code), code);
  // The shared index of the log could not grow: a full disk as well.
  if (code == SQLITE_IOERR_SHMSIZE)
    return absl::ResourceExhaustedError(message + "; free some space on its disk");
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(message + "; free some space on its disk");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(message);
    case SQLITE_CONSTRAINT:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return absl::FailedPreconditionError(message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
      return absl::UnavailableError(message);
    default:
      return absl::InternalError(message);
  }
}

SqliteStatement& SqliteStatement::operator=(SqliteStatement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}

void SqliteStatement::BindOne(int index, const std::string& value) {
  // Copied by SQLite: the caller's string may be a temporary.
  sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

absl::StatusOr<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  absl::Status status = SqliteError(sqlite3_db_handle(statement_), code, sqlite3_sql(statement_));
  sqlite3_reset(statement_);
  return status;
}

absl::Status SqliteStatement::Run() {
  SUPERION_ASSIGN_OR_RETURN(const bool row, Step());
  if (row) sqlite3_reset(statement_);
  return absl::OkStatus();
}

std::string SqliteStatement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr ? "" : std::string(text, sqlite3_column_bytes(statement_, column));
}

SqliteConnection& SqliteConnection::operator=(SqliteConnection&& other) noexcept {
  std::swap(db_, other.db_);
  return *this;
}

absl::StatusOr<SqliteConnection> SqliteConnection::Open(const std::string& path, bool create) {
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
  const mode_t old_mask = umask(0077);
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  umask(old_mask);
  SqliteConnection connection(db);
  if (code != SQLITE_OK) return SqliteError(db, code, "open " + path);
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, 5000);
  return connection;
}

absl::Status SqliteConnection::Execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : SqliteError(db_, code, sql.substr(0, 80));
}

absl::StatusOr<SqliteStatement> SqliteConnection::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return SqliteError(db_, code, sql);
  return SqliteStatement(statement);
}

absl::StatusOr<int64_t> SqliteConnection::QueryInteger(const std::string& sql) {
  SUPERION_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  SUPERION_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return Internal("database: {}: no row", sql);
  return statement.Integer(0);
}

absl::StatusOr<std::string> SqliteConnection::QueryText(const std::string& sql) {
  SUPERION_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  SUPERION_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return Internal("database: {}: no row", sql);
  return statement.Text(0);
}

void SqliteConnection::SetCheckpointOnClose(bool enabled) {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, enabled ? 0 : 1, nullptr);
}

}  // namespace superion
