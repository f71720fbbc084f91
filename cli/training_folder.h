// Where a training that was begun from the command line works: beside the model that it will become.
#pragma once

#include <string>
#include <utility>

#include "core/status.h"

namespace superion {

// `MODEL.training`, locked. Whatever ends the training early leaves the folder when there is a checkpoint in
// it, so that the same command goes on from there; else it is removed.
class TrainingFolder {
 public:
  // InvalidArgument when the folder cannot be written, FailedPrecondition when another process
  // trains the same model.
  static absl::StatusOr<TrainingFolder> For(const std::string& model);
  TrainingFolder(TrainingFolder&& other) noexcept
      : path_(std::exchange(other.path_, "")), lock_(std::exchange(other.lock_, -1)) {}
  TrainingFolder& operator=(TrainingFolder&&) = delete;
  ~TrainingFolder();

  const std::string& path() const { return path_; }
  bool HoldsCheckpoint() const;
  // The model is in place: the folder goes, checkpoint or not.
  void Finish() { finished_ = true; }

 private:
  TrainingFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;
  bool finished_ = false;
};

}  // namespace superion
