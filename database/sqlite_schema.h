// The tables and how an older file becomes a newer one. A released step is never edited: a change is a new
// step.
#pragma once

#include "core/status.h"
#include "database/sqlite_connection.h"

namespace superion {

inline constexpr int kSchemaVersion = 1;
// "sUp1" in the header of the file, so that another program's database is not taken for ours.
inline constexpr int kApplicationId = 0x73557031;

// Brings the file to kSchemaVersion, each step in a transaction of its own. FailedPrecondition when the file
// is newer than this program, or belongs to another one.
absl::Status Migrate(SqliteConnection& connection);

}  // namespace superion
