// The folder of one worker on disk:
//   lock                     held while the worker lives
//   worker_id                name under which the daemon knows it
//   cache/ab/abcdef…         inputs by content
//   tasks/ID.ATTEMPT/        sandbox of a task; assignment.json when it was leased, outcome.json when it is
//   finished
// A sandbox with an outcome survives until the daemon acknowledged it; one without is of no use after a
// restart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workers/coordinator.h"

namespace superion {

class WorkDirectory {
 public:
  // Creates the folder and locks it; FailedPrecondition when another worker uses it.
  static absl::StatusOr<WorkDirectory> Open(const std::string& path);
  WorkDirectory(WorkDirectory&& other) noexcept;
  WorkDirectory& operator=(WorkDirectory&&) = delete;
  ~WorkDirectory();

  const std::string& path() const { return path_; }
  // `wanted` when it is not empty, else the one of the last time, else a new one; remembered.
  absl::StatusOr<std::string> WorkerId(const std::string& wanted);

  // A fresh sandbox with the assignment in it. InvalidArgument for an id that is no plain file name.
  absl::StatusOr<std::string> CreateSandbox(const TaskSpec& spec);
  // Makes the outcome durable, with hash and size of every artifact. An artifact outside the sandbox is an
  // error.
  absl::Status KeepOutcome(const std::string& sandbox, FinishedTask* task);
  void RemoveSandbox(const std::string& sandbox);

  struct Unreported {
    std::string sandbox;
    FinishedTask task;
  };
  // After a restart: the finished tasks that nobody acknowledged. Removes all other sandboxes, after ending
  // what is left of their runners.
  std::vector<Unreported> Recover();

  // Puts the inputs of a task into its sandbox ("inputs/NAME.EXT") by way of the cache and fills in their
  // paths. DataLoss when what was fetched does not have the hash that was asked for.
  absl::Status Stage(Coordinator* coordinator, const std::string& sandbox, TaskSpec* spec);
  // Removes the oldest cached inputs until at most `bytes` are left.
  void PruneCache(uint64_t bytes);

 private:
  WorkDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  absl::StatusOr<std::string> Cached(Coordinator* coordinator, const std::string& sha256);
  std::string path_;
  int lock_ = -1;
};

// Remembers the process of a sandbox, so that a later worker can end it.
void RememberProcess(const std::string& sandbox, int pid);

}  // namespace superion
