#include "analysis/reader/trajectory_formats.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "absl/strings/numbers.h"
#include "analysis/reader/lammps_dump.h"
#include "analysis/reader/unwrap.h"
#include "core/extxyz.h"
#include "core/record_file.h"
#include "core/trajectory.h"

namespace superion::analysis {
namespace {

// Collects frames of one file: decides about wrapping, keeps the time even, stores the paths.
struct RawFrames {
  std::string path;
  std::vector<std::string> species;
  std::vector<std::vector<Vec3>> positions;  // [n_frames][n_atoms]
  std::vector<Mat3> cells;
  std::vector<double> times_ps;  // empty: not known
  bool unwrapped = false;        // the format says so
};

absl::Status AddFrame(const std::vector<std::string>& species, std::vector<Vec3> positions, const Mat3& cell,
                      RawFrames* frames) {
  if (frames->positions.empty()) frames->species = species;
  if (species.size() != frames->species.size())
    return InvalidArgument("{}: frame {} has {} atoms, the first one {}", frames->path,
                           frames->positions.size() + 1, species.size(), frames->species.size());
  for (size_t i = 0; i < species.size(); ++i) {
    if (species[i] != frames->species[i])
      return InvalidArgument("{}: atom {} is {} in frame {} and {} in the first: the order of atoms changes",
                             frames->path, i + 1, species[i], frames->positions.size() + 1,
                             frames->species[i]);
  }
  if (!(std::abs(Determinant(cell)) > 0.0))
    return InvalidArgument("{}: frame {} has no cell", frames->path, frames->positions.size() + 1);
  frames->positions.push_back(std::move(positions));
  frames->cells.push_back(cell);
  return absl::OkStatus();
}

// True when some step jumps by more than 0.35 of the cell while all positions stay within one and a half
// cells: the mark of wrapped frames. Unwrapped frames that never jump need no decision.
bool LooksWrapped(const RawFrames& frames) {
  bool jumps = false;
  Vec3 low{1e300, 1e300, 1e300}, high{-1e300, -1e300, -1e300};
  for (size_t k = 0; k < frames.positions.size(); ++k) {
    const Mat3 inverse = Inverse(frames.cells[k]);
    for (size_t i = 0; i < frames.species.size(); ++i) {
      const Vec3 s = frames.positions[k][i] * inverse;
      for (size_t c = 0; c < 3; ++c) low[c] = std::min(low[c], s[c]), high[c] = std::max(high[c], s[c]);
      if (k == 0) continue;
      const Vec3 ds = (frames.positions[k][i] - frames.positions[k - 1][i]) * inverse;
      for (double v : ds) jumps = jumps || std::abs(v) > 0.35;
    }
  }
  const bool confined = high[0] - low[0] < 1.5 && high[1] - low[1] < 1.5 && high[2] - low[2] < 1.5;
  return jumps && confined;
}

absl::StatusOr<double> EvenInterval(const RawFrames& frames) {
  const auto& t = frames.times_ps;
  const double interval = t[1] - t[0];
  if (!(interval > 0.0))
    return DataLoss("{}: the second frame is at {} ps, the first at {} ps", frames.path, t[1], t[0]);
  for (size_t k = 2; k < t.size(); ++k) {
    if (std::abs(t[k] - t[k - 1] - interval) > 1e-3 * interval)
      return DataLoss(
          "{}: frames {} and {} are {:.6g} ps apart, the first two {:.6g} ps: frames are missing or the time "
          "step changes",
          frames.path, k, k + 1, t[k] - t[k - 1], interval);
  }
  return (t.back() - t.front()) / static_cast<double>(t.size() - 1);
}

absl::StatusOr<IonTrajectory> Assemble(RawFrames frames, const InputOptions& options) {
  const size_t n = frames.positions.size();
  if (n < 2) return DataLoss("{}: {} frames, at least 2 are needed", frames.path, n);
  IonTrajectory out;
  out.origin = frames.path;
  out.species = frames.species;
  if (frames.times_ps.size() == n) {
    SUPERION_ASSIGN_OR_RETURN(out.interval_ps, EvenInterval(frames));
    out.first_time_ps = frames.times_ps[0];
  } else if (options.timestep_fs > 0.0) {
    out.interval_ps = options.timestep_fs / units::kFsPerPs;
  } else {
    return InvalidArgument("{}: its frames carry no time: give timestep_fs, the time between frames",
                           frames.path);
  }
  const bool wrapped =
      options.wrapped == "yes" || (options.wrapped == "auto" && !frames.unwrapped && LooksWrapped(frames));
  out.positions.assign(3 * frames.species.size(), std::vector<double>(n));
  Unwrapper unwrapper;
  for (size_t k = 0; k < n; ++k) {
    out.volume_angstrom3 += std::abs(Determinant(frames.cells[k])) / static_cast<double>(n);
    if (wrapped) {
      auto unwrapped = unwrapper.Next(frames.positions[k], frames.cells[k]);
      if (!unwrapped.ok()) return InvalidArgument("{}: {}", frames.path, unwrapped.status().message());
      frames.positions[k] = *std::move(unwrapped);
    }
    for (size_t i = 0; i < frames.species.size(); ++i) {
      for (size_t c = 0; c < 3; ++c) out.positions[3 * i + c][k] = frames.positions[k][i][c];
    }
    frames.positions[k] = {};
  }
  for (const auto& name : out.species) {
    SUPERION_ASSIGN_OR_RETURN(const double mass, AtomicMass(name));
    out.masses_u.push_back(mass);
  }
  return out;
}

absl::StatusOr<IonTrajectory> ReadOwn(const std::string& path, const InputOptions& options, Mat3* cell) {
  SUPERION_ASSIGN_OR_RETURN(const TrajectoryHeader header, ReadTrajectoryHeader(path));
  RawFrames frames;
  frames.path = path;
  frames.unwrapped = true;
  SUPERION_RETURN_IF_ERROR(ForEachTrajectoryFrame(path, [&](const TrajectoryFrame& frame) {
    frames.times_ps.push_back(frame.time_ps);
    return AddFrame(header.species, frame.positions, frame.cell, &frames);
  }));
  if (frames.positions.size() < 2) {
    return absl::OutOfRangeError(
        fmt::format("{}: {} frames, at least 2 are needed", path, frames.positions.size()));
  }
  *cell = frames.cells[0];
  InputOptions own = options;
  own.wrapped = "no";
  SUPERION_ASSIGN_OR_RETURN(IonTrajectory out, Assemble(std::move(frames), own));
  out.masses_u = header.masses_u;
  out.temperature_k = header.temperature_k;
  return out;
}

absl::StatusOr<IonTrajectory> ReadExtxyzTrajectory(const std::string& path, const InputOptions& options,
                                                   Mat3* cell) {
  RawFrames frames;
  frames.path = path;
  SUPERION_RETURN_IF_ERROR(ForEachExtxyzFrame(path, [&](Frame frame) {
    for (const auto& [key, per_ps] : {std::pair{"time_ps", 1.0}, {"time_fs", 1e-3}}) {
      const auto found = frame.info.find(key);
      double value = 0.0;
      if (found != frame.info.end() && absl::SimpleAtod(found->second, &value))
        frames.times_ps.push_back(value * per_ps);
    }
    return AddFrame(frame.structure.species, std::move(frame.structure.positions), frame.structure.cell,
                    &frames);
  }));
  if (!frames.cells.empty()) *cell = frames.cells[0];
  return Assemble(std::move(frames), options);
}

absl::StatusOr<IonTrajectory> ReadDump(const std::string& path, const InputOptions& options, Mat3* cell) {
  RawFrames frames;
  frames.path = path;
  double first_step = 0.0;
  SUPERION_RETURN_IF_ERROR(ForEachDumpFrame(path, options.types, [&](DumpFrame frame) {
    if (frames.positions.empty()) first_step = frame.step;
    if (options.timestep_fs > 0.0)
      frames.times_ps.push_back((frame.step - first_step) * options.timestep_fs / units::kFsPerPs);
    frames.unwrapped = frame.unwrapped;
    return AddFrame(frame.species, std::move(frame.positions), frame.cell, &frames);
  }));
  if (options.timestep_fs <= 0.0)
    return InvalidArgument("{}: a LAMMPS dump counts steps: give timestep_fs, the MD time step", path);
  if (!frames.cells.empty()) *cell = frames.cells[0];
  return Assemble(std::move(frames), options);
}

}  // namespace

absl::StatusOr<FileFormat> SniffFormat(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot open {}", path);
  std::string start(64, '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<size_t>(file.gcount()));
  if (!start.empty() && start[0] == '{') {
    SUPERION_ASSIGN_OR_RETURN(const Json header, ReadRecordHeader(path));
    const std::string format = header.value("format", "");
    if (format == "superion-stream") return FileFormat::kStream;
    if (format == "superion-trajectory") return FileFormat::kTrajectory;
    return InvalidArgument("{}: expected a stream or a trajectory, found the format \"{}\"", path, format);
  }
  if (start.rfind("ITEM:", 0) == 0) return FileFormat::kLammpsDump;
  const std::string first = start.substr(0, start.find_first_of("\r\n"));
  int64_t atoms = 0;
  if (absl::SimpleAtoi(first, &atoms) && atoms > 0) return FileFormat::kExtxyz;
  return InvalidArgument(
      "{}: expected a displacement stream, a trajectory, extended XYZ or a LAMMPS dump; the first "
      "line is \"{}\"",
      path, first);
}

absl::StatusOr<IonTrajectory> ReadIonTrajectory(const std::string& path, const InputOptions& options,
                                                Mat3* cell) {
  SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(path));
  switch (format) {
    case FileFormat::kTrajectory:
      return ReadOwn(path, options, cell);
    case FileFormat::kExtxyz:
      return ReadExtxyzTrajectory(path, options, cell);
    case FileFormat::kLammpsDump:
      return ReadDump(path, options, cell);
    case FileFormat::kStream:
      break;
  }
  return InvalidArgument("{}: a displacement stream holds no positions of ions", path);
}

}  // namespace superion::analysis
