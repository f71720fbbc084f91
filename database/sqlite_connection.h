// SQLite's C interface as values that clean up after themselves; its result codes as absl::Status.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "core/status.h"

namespace superion {

// A prepared statement, reset after every run so that it can be used again. Columns and parameters count from
// 0 and 1, as in SQLite.
class SqliteStatement {
 public:
  SqliteStatement() = default;
  SqliteStatement(SqliteStatement&& other) noexcept : statement_(other.statement_) {
    other.statement_ = nullptr;
  }
  SqliteStatement& operator=(SqliteStatement&& other) noexcept;
  ~SqliteStatement() { sqlite3_finalize(statement_); }

  // Binds all parameters in order: integers, doubles, strings.
  template <typename... A>
  SqliteStatement& Bind(const A&... arguments) {
    int index = 0;
    (BindOne(++index, arguments), ...);
    return *this;
  }
  // Runs a statement that gives no rows.
  absl::Status Run();
  // True when there is a row to read; false after the last one, when the statement is ready to be bound
  // again.
  absl::StatusOr<bool> Step();
  // Abandons the remaining rows.
  void Reset() { sqlite3_reset(statement_); }

  std::string Text(int column) const;
  int64_t Integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double Real(int column) const { return sqlite3_column_double(statement_, column); }

 private:
  friend class SqliteConnection;
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  void BindOne(int index, int64_t value) { sqlite3_bind_int64(statement_, index, value); }
  void BindOne(int index, int value) { sqlite3_bind_int64(statement_, index, value); }
  void BindOne(int index, bool value) { sqlite3_bind_int64(statement_, index, value ? 1 : 0); }
  void BindOne(int index, double value) { sqlite3_bind_double(statement_, index, value); }
  void BindOne(int index, const std::string& value);

  sqlite3_stmt* statement_ = nullptr;
};

class SqliteConnection {
 public:
  SqliteConnection() = default;
  SqliteConnection(SqliteConnection&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  SqliteConnection& operator=(SqliteConnection&& other) noexcept;
  ~SqliteConnection() { sqlite3_close_v2(db_); }

  // Opens or, with `create`, makes the file (mode 0600). `:memory:` is allowed.
  static absl::StatusOr<SqliteConnection> Open(const std::string& path, bool create);

  absl::Status Execute(const std::string& sql);
  absl::StatusOr<SqliteStatement> Prepare(std::string_view sql);
  // The first column of the first row.
  absl::StatusOr<int64_t> QueryInteger(const std::string& sql);
  absl::StatusOr<std::string> QueryText(const std::string& sql);

  // Whether closing may fold the write-ahead log into the file; switched off until the file is known to be
  // sound, so that looking at a broken database does not change it.
  void SetCheckpointOnClose(bool enabled);

  bool InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }

 private:
  explicit SqliteConnection(sqlite3* db) : db_(db) {}
  sqlite3* db_ = nullptr;
};

// The last error of a connection as a status: full disk ResourceExhausted, broken file DataLoss,
// contradiction FailedPrecondition, busy or I/O error Unavailable, else Internal.
absl::Status SqliteError(sqlite3* db, int code, std::string_view attempted);

}  // namespace superion
