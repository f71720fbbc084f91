// Trajectory of unwrapped positions: one JSON header line, then per frame little-endian float64: time in ps,
// the cell (9 numbers, Å), positions [n_atoms, 3] (Å, unwrapped, lab frame).
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/record_file.h"
#include "core/structure.h"

namespace superion {

struct TrajectoryHeader {
  std::vector<std::string> species;  // [n_atoms]
  std::vector<double> masses_u;      // [n_atoms]
  double interval_ps = 0.0;
  double temperature_k = 0.0;
  Json provenance = Json::object();
};

struct TrajectoryFrame {
  double time_ps = 0.0;
  Mat3 cell{};
  std::vector<Vec3> positions;
};

// After a crash at most the last incomplete frame is lost.
class TrajectoryWriter {
 public:
  static absl::StatusOr<TrajectoryWriter> Create(const std::string& path, const TrajectoryHeader& header);
  // Continues after a restart: keeps the first `n_frames` frames, drops the rest. FailedPrecondition when the
  // file was written for other atoms or another interval.
  static absl::StatusOr<TrajectoryWriter> Continue(const std::string& path, const TrajectoryHeader& header,
                                                   size_t n_frames);
  absl::Status Append(const TrajectoryFrame& frame);
  // Waits until all frames are on the disk; Append already hands each frame to the system.
  absl::Status Flush();

 private:
  explicit TrajectoryWriter(RecordWriter records) : records_(std::move(records)) {}
  RecordWriter records_;
  std::vector<double> record_;
};

absl::StatusOr<TrajectoryHeader> ReadTrajectoryHeader(const std::string& path);
// Reads the frames one after the other.
class TrajectoryReader {
 public:
  static absl::StatusOr<TrajectoryReader> Open(const std::string& path);
  const TrajectoryHeader& header() const { return header_; }
  // False at the end. Errors as those of ForEachTrajectoryFrame.
  absl::StatusOr<bool> Next(TrajectoryFrame* frame);
  // True once the end was reached and it fell within a frame.
  bool truncated() const { return records_.truncated(); }

 private:
  TrajectoryReader(TrajectoryHeader header, RecordReader records)
      : header_(std::move(header)), records_(std::move(records)) {}
  TrajectoryHeader header_;
  RecordReader records_;
  std::vector<double> record_;
};

// Streams frames in order with the memory of one. DataLoss for a broken header or numbers that are not finite
// (the message names the file and the frame); an incomplete last frame is dropped.
absl::Status ForEachTrajectoryFrame(const std::string& path,
                                    const std::function<absl::Status(const TrajectoryFrame&)>& visit);

}  // namespace superion
