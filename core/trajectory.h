// Trajectory of unwrapped positions: one JSON header line, then per frame little-endian float64: time in ps, the
// cell (9 numbers, Å), positions [n_atoms, 3] (Å, unwrapped, lab frame).
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/structure.h"

namespace superion {

struct TrajectoryHeader {
  std::vector<std::string> species;    // [n_atoms]
  std::vector<double> masses_u;        // [n_atoms]
  double interval_ps = 0.0;
  double temperature_k = 0.0;
  Json provenance = Json::object();
};

struct TrajectoryFrame {
  double time_ps = 0.0;
  Mat3 cell{};
  std::vector<Vec3> positions;
};

class TrajectoryWriter {
 public:
  static absl::StatusOr<TrajectoryWriter> Create(const std::string& path, const TrajectoryHeader& header);
  static absl::StatusOr<TrajectoryWriter> Continue(const std::string& path, const TrajectoryHeader& header,
                                                   size_t n_frames);
  TrajectoryWriter(TrajectoryWriter&&) noexcept;
  TrajectoryWriter& operator=(TrajectoryWriter&&) noexcept;
  ~TrajectoryWriter();
  absl::Status Append(const TrajectoryFrame& frame);
  absl::Status Flush();

 private:
  TrajectoryWriter(std::FILE* file, size_t n_atoms) : file_(file), n_atoms_(n_atoms) {}
  std::FILE* file_ = nullptr;
  size_t n_atoms_ = 0;
};

absl::StatusOr<TrajectoryHeader> ReadTrajectoryHeader(const std::string& path);
// Streams frames in order with the memory of one.
absl::Status ForEachTrajectoryFrame(const std::string& path,
                                    const std::function<absl::Status(const TrajectoryFrame&)>& visit);

}  // namespace superion
