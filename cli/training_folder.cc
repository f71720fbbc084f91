#include "cli/training_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace superion {
namespace {

namespace fs = std::filesystem;

constexpr char kCheckpoint[] = "training.checkpoint";  // how the names that superion-train gives them begin

}  // namespace

absl::StatusOr<TrainingFolder> TrainingFolder::For(const std::string& model) {
  std::error_code error;
  const std::string path = fs::absolute(model).string() + ".training";
  fs::create_directories(path, error);
  const std::string file = path + "/lock";
  const int lock = error ? -1 : ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return InvalidArgument("cannot write into the folder {}: {}", path,
                           error ? error.message() : std::strerror(errno));
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return FailedPrecondition("another process trains {} (it works in {})", model, path);
  }
  return TrainingFolder(path, lock);
}

TrainingFolder::~TrainingFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  if (finished_ || !HoldsCheckpoint()) fs::remove_all(path_, ignored);
  ::close(lock_);
}

bool TrainingFolder::HoldsCheckpoint() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_, ignored))
    if (entry.path().filename().string().rfind(kCheckpoint, 0) == 0) return true;
  return false;
}

}  // namespace superion
