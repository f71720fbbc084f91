#include "server/daemon/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/strip.h"
#include "core/file.h"

namespace superion {
namespace {

absl::StatusOr<std::string> RandomToken() {
  std::array<unsigned char, 32> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return Unavailable("cannot get random bytes for a token: {}", std::strerror(errno));
  }
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

absl::Status CheckPrivate(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return NotFound("{}: {}", path, std::strerror(errno));
  if ((info.st_mode & 077) == 0) return absl::OkStatus();
  return FailedPrecondition("{} has mode {:o}: others could read the token; expected 600 (chmod 600 {})",
                            path, static_cast<unsigned>(info.st_mode & 0777), path);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error).lexically_normal();
  std::string folder = absolute.string();
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return FailedPrecondition("cannot make the data folder {}: {}", folder, std::strerror(errno));
  }
  struct stat info {};
  if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return FailedPrecondition("the data folder {} is not a folder", folder);
  }
  if ((info.st_mode & 022) != 0) {
    return FailedPrecondition(
        "the data folder {} can be written by others than its owner (mode {:o}): chmod 700 {}", folder,
        static_cast<unsigned>(info.st_mode & 0777), folder);
  }
  const int lock = open((folder + "/superiond.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    return FailedPrecondition("cannot write in the data folder {}: {}", folder, std::strerror(errno));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return FailedPrecondition(
        "another superiond has the data folder {}: stop it first, or choose another --data-dir", folder);
  }
  return std::unique_ptr<DataDirectory>(new DataDirectory(folder, lock));
}

DataDirectory::~DataDirectory() { close(lock_); }

absl::StatusOr<std::string> DataDirectory::Token(const std::string& file) const {
  const std::string path = file.empty() ? path_ + "/token" : file;
  if (file.empty() && access(path.c_str(), F_OK) != 0) {
    SUPERION_ASSIGN_OR_RETURN(const std::string token, RandomToken());
    // The file is private before the token is in it, whatever the umask.
    const mode_t old_mask = umask(0077);
    const absl::Status written = WriteFileAtomically(path, token + "\n");
    umask(old_mask);
    SUPERION_RETURN_IF_ERROR(written);
    if (chmod(path.c_str(), 0600) != 0) return Unavailable("{}: {}", path, std::strerror(errno));
  }
  SUPERION_RETURN_IF_ERROR(CheckPrivate(path));
  SUPERION_ASSIGN_OR_RETURN(std::string token, ReadFile(path));
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  if (token.size() < 16) {
    return FailedPrecondition("{}: the token has {} characters, expected at least 16", path, token.size());
  }
  return token;
}

}  // namespace superion
