// Trajectories of several formats as unwrapped paths of ions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/reader/format_reader.h"
#include "analysis/reader/path_store.h"
#include "core/status.h"

namespace superion::analysis {

// A frame at an end of a file: what the next file of the same run must continue.
struct TrajectoryEnd {
  double time_ps = 0.0;
  std::optional<double> counter;  // as in SourceFrame
  Mat3 cell{};
  std::vector<Vec3> positions, unwrapped;  // [n_atoms] Å, of the file and continuous
};

struct ReadTrajectory {
  IonTrajectory ions;  // with sums; the paths are chunks in the store
  Mat3 cell{};         // of the first frame
  TrajectoryEnd first, last;
  double last_step_angstrom = 0.0;  // root mean square over the atoms, between the last two frames
  std::optional<double> counter_increment;
  bool timed = false;  // times are of the file, not counted from its first frame
  Continuity continuity = Continuity::kUnknown;
  std::map<std::string, double> charges;  // of every species, where options.charge_column asks for them
  std::vector<std::string> notes;         // what was mended
};

// A trajectory in any of the formats of OpenFormat. OutOfRange for one of our own with fewer than two frames.
absl::StatusOr<ReadTrajectory> ReadIonTrajectory(const std::string& path, const InputOptions& options,
                                                 const std::shared_ptr<PathStore>& store);

// The seeds that the files are pieces of. `groups`: indices into `parts` (nothing: a file without motion,
// left out); without groups a file continues another one when its first frame follows the other's last in
// time (or repeats it) and in place. Atoms are moved by whole cells where a piece begins in another image.
// InvalidArgument or DataLoss when grouped pieces do not follow each other.
absl::StatusOr<std::vector<ReadTrajectory>> JoinTrajectories(std::vector<std::optional<ReadTrajectory>> parts,
                                                             const std::vector<std::vector<size_t>>& groups);

// Moves the chunks into `positions`: for a trajectory that is in memory anyway. Chunks are freed on the way.
absl::Status MoveIntoMemory(IonTrajectory* ions);

}  // namespace superion::analysis
