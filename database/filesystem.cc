#include "database/filesystem.h"

#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/network_filesystem.h"

namespace superion {

absl::Status RefuseNetworkFilesystem(const std::string& directory) {
  struct statfs info {};
  if (statfs(directory.c_str(), &info) != 0) {
    return NotFound("{}: cannot look at its file system: {}", directory, std::strerror(errno));
  }
  const std::string name = NetworkFilesystemName(info.f_type);
  if (name.empty()) return absl::OkStatus();
  return FailedPrecondition(
      "{} lies on {}, where the locks and the write-ahead log of a database are not safe: choose a folder "
      "on a local disk with --data-dir (for example under /var/lib or /tmp)",
      directory, name);
}

absl::Status SyncDirectory(const std::string& directory) {
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return NotFound("{}: cannot open the folder: {}", directory, std::strerror(errno));
  const int code = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  if (code != 0) return Unavailable("{}: cannot sync the folder: {}", directory, std::strerror(error));
  return absl::OkStatus();
}

}  // namespace superion
