// Frames in, paths out: the transposition that turns a trajectory read frame by frame into one series per
// ion, with bounded memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/series/ion_trajectory.h"

namespace superion::analysis {

// Keeps chunks in memory up to a limit and the ones after that in a file without a name (it disappears with
// the process). Shared by all trajectories of an analysis.
class PathStore {
 public:
  // The file is made in `folder` when the first chunk does not fit into `memory_bytes`.
  PathStore(std::string folder, size_t memory_bytes);
  ~PathStore();
  PathStore(const PathStore&) = delete;
  PathStore& operator=(const PathStore&) = delete;

  // `rows`: [n_rows][n_frames]. ResourceExhausted when the disk is full.
  absl::StatusOr<std::shared_ptr<const PathChunk>> Add(std::vector<double> rows, size_t n_frames);
  size_t chunk_bytes() const { return chunk_bytes_; }  // about this much should be added at a time
  bool spilled() const { return file_ != nullptr; }

 private:
  struct File;
  absl::Status OpenFile();

  const std::string folder_;
  const size_t memory_bytes_, chunk_bytes_;
  size_t used_bytes_ = 0;
  std::shared_ptr<File> file_;
};

// Collects the frames of one trajectory.
class PathWriter {
 public:
  PathWriter(std::shared_ptr<PathStore> store, size_t n_atoms);
  absl::Status Add(const std::vector<Vec3>& positions);
  // The chunks of all frames.
  absl::StatusOr<std::vector<std::shared_ptr<const PathChunk>>> Finish();

 private:
  absl::Status Flush();

  const std::shared_ptr<PathStore> store_;
  const size_t n_rows_, frames_per_chunk_;
  size_t n_frames_ = 0;  // in rows_
  std::vector<double> rows_;
  std::vector<std::shared_ptr<const PathChunk>> chunks_;
};

}  // namespace superion::analysis
