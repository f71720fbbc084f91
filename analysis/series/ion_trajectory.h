// The unwrapped paths of all ions of one seed, in memory or, when they do not fit, in a file of the reader.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

// Consecutive frames of all paths, in memory or not; may be read by several threads at once.
class PathChunk {
 public:
  virtual ~PathChunk() = default;
  virtual size_t n_frames() const = 0;
  // Frames first, first + 1, … of the row 3 · atom + axis.
  virtual absl::Status Read(size_t row, size_t first, std::span<double> out) const = 0;
};

// The ions of one species together.
struct SpeciesPath {
  std::string species;
  int64_t count = 0;
  double mass_u = 0.0;  // of one ion, the mean where they differ
  Vec3 start{};         // Å, sum over the ions in the first frame
  std::array<std::vector<double>, 3>
      displacement;  // [3][n_frames] Å, sum over the ions since the first frame
};

struct IonTrajectory {
  std::string origin;
  double interval_ps = 0.0, first_time_ps = 0.0;
  double temperature_k = 0.0;  // 0: not known
  double volume_angstrom3 = 0.0;
  Vec3 field{};                      // V/Å, of a run in an electric field
  std::vector<std::string> species;  // [n_atoms]
  std::vector<double> masses_u;      // [n_atoms]
  // [3 n_atoms][n_frames] Å: x, y, z of atom 0, then of atom 1, …; empty when `chunks` holds them.
  std::vector<std::vector<double>> positions;
  std::vector<std::shared_ptr<const PathChunk>> chunks;  // one after the other in time
  size_t skipped_frames = 0;                             // at the start of `chunks`
  std::vector<double> kinetic_temperature_k;             // [n_frames], where the file holds velocities
  std::vector<SpeciesPath> sums;  // by name of species; may be empty where `positions` is not

  size_t n_frames() const;
  // One row of `positions`, wherever it is. DataLoss when the file cannot be read.
  absl::Status Path(size_t row, std::vector<double>* out) const;
  // Position of an atom in the first frame.
  absl::StatusOr<Vec3> Start(size_t atom) const;
  void DropFront(size_t frames);  // at least one is left
  // Appends `next` without its first `skip` frames: the same atoms, later, each moved by `shift` (none:
  // empty).
  void Append(IonTrajectory next, size_t skip, const std::vector<Vec3>& shift = {});
};

// Subtracts the mean drift of every species, so that its displacements diffuse about zero: in a field the MSD
// contains (v t)².
void RemoveDrift(IonTrajectory* trajectory);

// trajectory.sums, or what they would be.
std::vector<SpeciesPath> SpeciesPaths(const IonTrajectory& trajectory);

// Species in order of their names with counts, masses and empty paths.
std::vector<SpeciesPath> EmptySpeciesPaths(const std::vector<std::string>& species,
                                           const std::vector<double>& masses_u);

}  // namespace superion::analysis
