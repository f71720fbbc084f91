// Writes what a replica leaves behind while it runs: displacement stream, trajectory, snapshots, running
// sums.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/stream.h"
#include "core/trajectory.h"
#include "md_runner/checkpoint.h"
#include "md_runner/gate.h"
#include "md_runner/run_statistics.h"

namespace superion {

struct RecorderOptions {
  std::string stream_path, trajectory_path, snapshots_path;
  std::vector<std::string> species;  // [n_atoms]
  std::vector<double> masses;        // [n_atoms] u
  Mat3 cell{};                       // at the start
  double timestep_ps = 0.0;
  double temperature_k = 0.0;  // of the thermostat; 0 for NVE
  int64_t stream_every = 5, frame_every = 0;
  int64_t snapshot_every = 0, snapshot_start_step = 0, snapshot_limit = 0;
  double collect = 1.0, stop = 3.0;       // grades that part accurate, candidate and failed snapshots
  bool collecting = true;                 // frames in between are kept also when no snapshot is due
  bool variable_cell = false;             // adds volume and instantaneous pressure to the stream
  Vec3 field{};                           // V/Å
  std::map<std::string, double> charges;  // e, of every species, where there is a field
  Json provenance = Json::object();
};

struct SnapshotCounts {
  int64_t accurate = 0, candidate = 0, failed = 0;
};

class Recorder {
 public:
  // What is taken over from a checkpoint besides the zero of the displacements.
  struct Continuation {
    const ReplicaCheckpoint* checkpoint = nullptr;  // nothing: a new run
    bool files = false;  // append to the files there, cut to their length at the checkpoint; else new ones
    bool sums = false;   // same task: its statistics and snapshot limit go on
  };
  static absl::StatusOr<Recorder> Open(const RecorderOptions& options, const Continuation& from);

  // A production step, in order; the first one seen defines the zero of the displacements.
  absl::Status Record(const StepView& view, double temperature_k, GateLevel level);
  // The snapshots of the event of a stopped run: the last safe frame, frames after it, the event's frame.
  absl::Status RecordEvent(const Gate& gate);
  absl::Status Flush();
  // Fills everything but the state of the engine and the event.
  void Save(ReplicaCheckpoint* checkpoint) const;

  bool started() const { return !reference_.empty(); }
  const RunStatistics& statistics() const { return statistics_; }
  const SnapshotCounts& counts() const { return counts_; }

 private:
  explicit Recorder(const RecorderOptions& options);
  absl::Status TakeOver(const Continuation& from);
  absl::Status OpenFiles(const ReplicaCheckpoint& from);
  absl::Status RecordStream(const StepView& view, double temperature_k);
  absl::Status RecordSnapshot(const StepView& view, double temperature_k, GateLevel level);
  // `condemned`: a guard ended the run here, so the frame counts as failed whatever its grade.
  absl::Status WriteSnapshot(const KeptFrame& frame, bool safe, const std::string& event, bool condemned);

  RecorderOptions options_;
  std::vector<int> column_;  // [n_atoms] index of the atom's species in the stream
  StreamHeader stream_header_;
  std::optional<StreamWriter> stream_;
  std::optional<TrajectoryWriter> trajectory_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> snapshots_{nullptr, std::fclose};
  std::vector<Vec3> reference_;
  int64_t stream_rows_ = 0, frames_ = 0, snapshot_bytes_ = 0;
  int64_t snapshots_written_ = 0, last_collected_ = -1;
  SnapshotCounts counts_;
  RunStatistics statistics_;
  std::vector<double> row_;
  KeptFrame snapshot_;
};

}  // namespace superion
