#include "analysis/reader/trajectory_formats.h"

#include <cmath>

#include "analysis/reader/frame_source.h"

namespace superion::analysis {

absl::StatusOr<IonTrajectory> ReadIonTrajectory(const std::string& path, const InputOptions& options,
                                                Mat3* cell, std::vector<std::string>* notes) {
  SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(path));
  SUPERION_ASSIGN_OR_RETURN(FrameSource source, FrameSource::Open(path, options));
  IonTrajectory out;
  out.origin = path;
  out.species = source.species();
  out.masses_u = source.masses_u();
  out.temperature_k = source.temperature_k();
  out.positions.resize(3 * out.species.size());
  SourceFrame frame;
  size_t n = 0;
  double last_time_ps = 0.0;
  for (;; ++n) {
    SUPERION_ASSIGN_OR_RETURN(const bool more, source.Next(&frame));
    if (!more) break;
    if (n == 0) {
      *cell = frame.cell;
      out.first_time_ps = frame.time_ps;
    }
    last_time_ps = frame.time_ps;
    out.volume_angstrom3 += std::abs(Determinant(frame.cell));
    for (size_t i = 0; i < frame.unwrapped.size(); ++i) {
      for (size_t c = 0; c < 3; ++c) out.positions[3 * i + c].push_back(frame.unwrapped[i][c]);
    }
  }
  notes->insert(notes->end(), source.notes().begin(), source.notes().end());
  if (n < 2) {
    const std::string message = fmt::format("{}: {} frames, at least 2 are needed", path, n);
    return format == FileFormat::kTrajectory ? absl::OutOfRangeError(message) : absl::DataLossError(message);
  }
  out.volume_angstrom3 /= static_cast<double>(n);
  out.interval_ps = (last_time_ps - out.first_time_ps) / static_cast<double>(n - 1);
  return out;
}

}  // namespace superion::analysis
