// The files of one seed as one trajectory, frame by frame.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/reader/frame_source.h"

namespace superion::analysis {

// Consecutive files of one run: frames are counted through, paths stay continuous over the seams, a frame
// that ends one file and begins the next is there once.
class SeedSource {
 public:
  // At least one path. Errors as FrameSource.
  static absl::StatusOr<SeedSource> Open(std::vector<std::string> paths, const InputOptions& options);

  // False after the last frame of the last file. InvalidArgument for a file of other atoms or another
  // interval, DataLoss where frames are missing between two files.
  absl::StatusOr<bool> Next(SourceFrame* frame);

  const FrameSource& first() const { return *first_; }  // for what holds for all of them
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  SeedSource(std::vector<std::string> paths, const InputOptions& options)
      : paths_(std::move(paths)), options_(options) {}
  absl::StatusOr<bool> NextFile();
  absl::Status Join(SourceFrame* frame, bool* repeated);

  std::vector<std::string> paths_;
  InputOptions options_;
  std::optional<FrameSource> first_, later_;  // the first file stays open for its header
  size_t file_ = 0, frames_ = 0;
  bool seam_ = false;  // the next frame is the first of a later file
  SourceFrame last_;
  double last_step_ = 0.0;   // Å, root mean square
  std::vector<Vec3> shift_;  // of the present file; empty: none
  std::vector<std::string> notes_;
};

}  // namespace superion::analysis
