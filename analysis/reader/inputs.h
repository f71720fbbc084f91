// Displacement streams and trajectories of all formats as the estimators want them: seeds, their segments
// joined.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/reader/input_options.h"
#include "analysis/series/series.h"
#include "analysis/transport/tracer.h"
#include "core/status.h"

namespace superion::analysis {

// Summed displacements per species of one velocity seed.
struct SpeciesSums {
  std::string origin;
  double interval_ps = 0.0, temperature_k = 0.0, volume_angstrom3 = 0.0;
  std::vector<std::string> species;
  std::vector<int64_t> counts;
  std::vector<std::array<std::vector<double>, 3>> displacement;  // [species][3][n] Å
  std::map<std::string, std::vector<double>> scalars;            // [n] each
  std::vector<double> steps;                                     // [n]
  std::vector<double> masses_u;                                  // [species]
  Mat3 cell{};                                                   // Å; zero where it is not known
  Vec3 field{};                                                  // V/Å, of a run in an electric field
  std::map<std::string, double> field_charges;                   // e, on which it acted; of streams
};

struct AnalysisInput {
  std::vector<SpeciesSums> sums;  // of streams, or of the trajectories when there are no streams
  std::vector<IonTrajectory> ions;
  std::vector<Mat3> cells;  // of the first frame of every trajectory
  // What held no motion: runs that were stopped before their second row, with the reason.
  std::vector<std::string> left_out;
  double left_out_temperature_k = 0.0;    // of the last stream among them
  std::vector<std::string> notes;         // what was mended: a last frame that is cut, a frame written twice
  std::map<std::string, double> charges;  // of the files, where options.charge_column asks for them
};

// `paths`: files or folders; a folder stands for the files in it (any depth) whose names begin with "stream"
// or "trajectory", or else end in .xyz, .extxyz, .lammpstrj, .dump, .h5 or .h5md (also compressed, such as
// .gz) or begin with XDATCAR or dump. Files are told apart by their content. Streams and trajectories of our
// own with fewer than two rows are left out and listed; `sums` is then empty when nothing else was given.
// Errors name the file: NotFound, DataLoss (rows missing, not finite), InvalidArgument (format not known,
// time step not known, atoms that change order or number, steps too long to unwrap).
absl::StatusOr<AnalysisInput> ReadInputs(const std::vector<std::string>& paths, const InputOptions& options);

absl::StatusOr<SpeciesSums> SumsOfTrajectory(const IonTrajectory& trajectory);

}  // namespace superion::analysis
