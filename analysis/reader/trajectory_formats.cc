#include "analysis/reader/trajectory_formats.h"

#include <algorithm>
#include <cmath>

#include "analysis/reader/frame_source.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

// Sums over the ions of each species, frame by frame.
class SpeciesSummer {
 public:
  SpeciesSummer(const std::vector<std::string>& species, const std::vector<double>& masses_u)
      : paths_(EmptySpeciesPaths(species, masses_u)) {
    for (const auto& name : species) {
      const auto at =
          std::find_if(paths_.begin(), paths_.end(), [&](const auto& p) { return p.species == name; });
      index_.push_back(static_cast<size_t>(at - paths_.begin()));
    }
  }

  void Add(const std::vector<Vec3>& positions) {
    if (first_.empty()) {
      first_ = positions;
      for (size_t i = 0; i < positions.size(); ++i) paths_[index_[i]].start += positions[i];
    }
    sums_.assign(paths_.size(), Vec3{});
    for (size_t i = 0; i < positions.size(); ++i) sums_[index_[i]] += positions[i] - first_[i];
    for (size_t a = 0; a < paths_.size(); ++a) {
      for (size_t c = 0; c < 3; ++c) paths_[a].displacement[c].push_back(sums_[a][c]);
    }
  }

  std::vector<SpeciesPath> Take() { return std::move(paths_); }

 private:
  std::vector<SpeciesPath> paths_;
  std::vector<size_t> index_;  // [n_atoms] into paths_
  std::vector<Vec3> first_, sums_;
};

double RootMeanSquareStep(const std::vector<Vec3>& from, const std::vector<Vec3>& to) {
  double sum = 0.0;
  for (size_t i = 0; i < to.size(); ++i) sum += Dot(to[i] - from[i], to[i] - from[i]);
  return std::sqrt(sum / static_cast<double>(to.size()));
}

// K; the cell as a whole may move.
double KineticTemperature(const std::vector<Vec3>& velocities, const std::vector<double>& masses_u) {
  Vec3 momentum{};
  double mass = 0.0, twice = 0.0;
  for (size_t i = 0; i < velocities.size(); ++i) {
    momentum += masses_u[i] * velocities[i];
    mass += masses_u[i];
    twice += masses_u[i] * Dot(velocities[i], velocities[i]);
  }
  const double freedom = 3.0 * static_cast<double>(velocities.size()) - 3.0;
  return (twice - Dot(momentum, momentum) / mass) * units::kMassVelocity2 / (freedom * units::kBoltzmann);
}

}  // namespace

absl::StatusOr<ReadTrajectory> ReadIonTrajectory(const std::string& path, const InputOptions& options,
                                                 const std::shared_ptr<PathStore>& store) {
  SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(path));
  SUPERION_ASSIGN_OR_RETURN(FrameSource source, FrameSource::Open(path, options));
  ReadTrajectory out;
  IonTrajectory& ions = out.ions;
  ions.origin = path;
  ions.species = source.species();
  ions.masses_u = source.masses_u();
  ions.temperature_k = source.temperature_k();
  ions.field = source.field_v_per_angstrom();
  for (size_t i = 0; i < source.charges_e().size(); ++i) out.charges[ions.species[i]] = source.charges_e()[i];
  SpeciesSummer sums(ions.species, ions.masses_u);
  PathWriter writer(store, ions.species.size());
  out.timed = source.timed();
  out.continuity = source.continuity();
  SourceFrame frame;
  size_t n = 0;
  for (;; ++n) {
    std::vector<Vec3> previous = std::move(frame.unwrapped);
    SUPERION_ASSIGN_OR_RETURN(const bool more, source.Next(&frame));
    if (!more) break;
    if (n == 0) {
      out.cell = frame.cell;
      ions.first_time_ps = frame.time_ps;
      out.first = {frame.time_ps, frame.counter, frame.cell, frame.positions, frame.unwrapped};
    } else {
      out.last_step_angstrom = RootMeanSquareStep(previous, frame.unwrapped);
    }
    out.last.time_ps = frame.time_ps;
    out.last.counter = frame.counter;
    std::swap(out.last.positions, frame.positions);
    out.last.unwrapped = frame.unwrapped;
    out.last.cell = frame.cell;
    ions.volume_angstrom3 += std::abs(Determinant(frame.cell));
    sums.Add(frame.unwrapped);
    if (frame.velocities.size() == ions.species.size() && ions.species.size() > 1)
      ions.kinetic_temperature_k.push_back(KineticTemperature(frame.velocities, ions.masses_u));
    SUPERION_RETURN_IF_ERROR(writer.Add(frame.unwrapped));
  }
  out.notes = source.notes();
  out.counter_increment = source.counter_increment();
  if (n < 2) {
    const std::string message = fmt::format("{}: {} frames, at least 2 are needed", path, n);
    return format == FileFormat::kTrajectory ? absl::OutOfRangeError(message) : absl::DataLossError(message);
  }
  if (ions.kinetic_temperature_k.size() != n) ions.kinetic_temperature_k.clear();
  ions.volume_angstrom3 /= static_cast<double>(n);
  ions.interval_ps = (out.last.time_ps - ions.first_time_ps) / static_cast<double>(n - 1);
  ions.sums = sums.Take();
  SUPERION_ASSIGN_OR_RETURN(ions.chunks, writer.Finish());
  return out;
}

absl::Status MoveIntoMemory(IonTrajectory* ions) {
  const size_t n = ions->n_frames();
  std::vector<std::vector<double>> positions(3 * ions->species.size());
  for (auto& row : positions) row.reserve(n);
  size_t skip = ions->skipped_frames;
  for (auto& chunk : ions->chunks) {
    const size_t first = std::min(skip, chunk->n_frames());
    skip -= first;
    for (size_t row = 0; row < positions.size(); ++row) {
      const size_t at = positions[row].size();
      positions[row].resize(at + chunk->n_frames() - first);
      SUPERION_RETURN_IF_ERROR(chunk->Read(row, first, std::span(positions[row]).subspan(at)));
    }
    chunk.reset();
  }
  ions->chunks.clear();
  ions->skipped_frames = 0;
  ions->positions = std::move(positions);
  return absl::OkStatus();
}

}  // namespace superion::analysis
