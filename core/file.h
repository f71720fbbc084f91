// Files: whole reads, atomic durable writes, hashes.
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"

namespace superion {

// Whole content; NotFound or DataLoss with the path and the reason of the system.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes to a temporary beside `path`, fsyncs, renames, fsyncs the folder: after a crash the old or the new
// content is there, never a part. ResourceExhausted when the disk is full.
absl::Status WriteFileAtomically(const std::string& path, std::string_view content);

// Lower-case hex SHA-256 (64 characters).
std::string Sha256(std::string_view content);
absl::StatusOr<std::string> Sha256File(const std::string& path);

}  // namespace superion
