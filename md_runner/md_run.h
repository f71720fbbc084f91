// A whole run: equilibration, production, gate, records, checkpoints, for all replicas.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/structure.h"
#include "core/task.h"
#include "md_runner/engine.h"
#include "md_runner/gate.h"
#include "md_runner/md_params.h"
#include "md_runner/recorder.h"

namespace superion {

struct MdRunOptions {
  MdParams params;
  Structure structure;  // the supercell already made
  uint64_t seed = 0;
  Json provenance = Json::object();  // added to the headers of stream and trajectory
  std::string directory = ".";
  // Restart file of an earlier run; empty: from the structure. A run that was cut short is finished (`steps`
  // counts from where it began), a finished one goes on for `steps` more; time and displacements count from
  // the very first step, and what was stopped stays stopped. When the file lies in `directory` the other
  // files there are continued, else new ones hold the new part.
  std::string restart_path;
};

struct ReplicaOutcome {
  int64_t steps_done = 0;  // of production, by this task
  std::optional<GateEvent> event;
  RunStatistics statistics;
  SnapshotCounts snapshots;
  double drift_of_centre = 0.0;                   // |momentum| / total mass at the end, Å/ps
  std::string stream, trajectory, snapshot_file;  // names in the directory; empty: not written
};

struct MdOutcome {
  std::vector<ReplicaOutcome> replicas;
  double wall_s = 0.0;
  double us_per_atom_step = 0.0;  // wall time of this call over all steps it made, equilibration included
};

// Name of the restart file in the directory of a run.
inline constexpr char kRestartFile[] = "restart.bin";

// InvalidArgument for a structure, charges or restart file that do not fit; errors of forces, engine and
// files as they come. A run that the gate stops is a success.
absl::StatusOr<MdOutcome> RunMd(const MdRunOptions& options, std::unique_ptr<ForceProvider> forces,
                                const EngineFactory& make_engine, const ProgressSink& progress);

}  // namespace superion
