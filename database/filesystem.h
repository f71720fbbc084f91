// Which file systems may hold a database: SQLite's locks and its write-ahead log need a local one.
#pragma once

#include <string>

#include "core/status.h"

namespace superion {

// FailedPrecondition when `directory` lies on NFS, Lustre, GPFS or another network file system; the message
// says which and what to do. NotFound when there is no such directory.
absl::Status RefuseNetworkFilesystem(const std::string& directory);

// Makes the entries of a folder durable: a rename or a new file survives a crash of the machine.
absl::Status SyncDirectory(const std::string& directory);

}  // namespace superion
