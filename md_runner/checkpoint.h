// The restart file of a run: a JSON line, the arrays of every replica (little-endian float64), the engines'
// own bytes, and at the end the SHA-256 of it all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "md_runner/engine.h"
#include "md_runner/gate.h"

namespace superion {

struct ReplicaCheckpoint {
  ReplicaState state;
  std::vector<Vec3> reference;  // positions at the start of production; empty before it
  int64_t stream_rows = 0;      // written so far, to be kept
  int64_t trajectory_frames = 0;
  int64_t snapshot_bytes = 0;
  Json recorder = Json::object();  // counters and sums of the recorder
  std::optional<GateEvent> event;  // the replica was stopped
};

struct Checkpoint {
  std::string engine;                // native or lammps
  std::vector<std::string> species;  // [n_atoms]
  int64_t first_step = 0;            // step from which the task that wrote this counts its own
  bool finished = false;             // that task made all its steps
  std::vector<ReplicaCheckpoint> replicas;
};

std::string SerializeCheckpoint(const Checkpoint& checkpoint);
// DataLoss for a broken file, Unimplemented for a newer schema; the message names `origin`.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view bytes, const std::string& origin);

}  // namespace superion
