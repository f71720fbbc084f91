#include "analysis/series/ion_trajectory.h"

#include <algorithm>
#include <map>

namespace superion::analysis {
namespace {

std::ptrdiff_t Offset(size_t n) { return static_cast<std::ptrdiff_t>(n); }

// Paths that were in memory, so that others can follow them.
class MemoryRows : public PathChunk {
 public:
  explicit MemoryRows(std::vector<std::vector<double>> rows) : rows_(std::move(rows)) {}
  size_t n_frames() const override { return rows_.empty() ? 0 : rows_[0].size(); }
  absl::Status Read(size_t row, size_t first, std::span<double> out) const override {
    std::copy_n(rows_[row].begin() + Offset(first), out.size(), out.begin());
    return absl::OkStatus();
  }

 private:
  const std::vector<std::vector<double>> rows_;
};

// All but the first frames of a chunk, the atoms moved.
class MovedChunk : public PathChunk {
 public:
  MovedChunk(std::shared_ptr<const PathChunk> chunk, size_t skip,
             std::shared_ptr<const std::vector<Vec3>> shift)
      : chunk_(std::move(chunk)), skip_(skip), shift_(std::move(shift)) {}
  size_t n_frames() const override { return chunk_->n_frames() - skip_; }
  absl::Status Read(size_t row, size_t first, std::span<double> out) const override {
    SUPERION_RETURN_IF_ERROR(chunk_->Read(row, first + skip_, out));
    if (shift_->empty()) return absl::OkStatus();
    for (double& x : out) x += (*shift_)[row / 3][row % 3];
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<const PathChunk> chunk_;
  const size_t skip_;
  const std::shared_ptr<const std::vector<Vec3>> shift_;
};

// A chunk without a drift that has gone on since before it.
class DriftFreeChunk : public PathChunk {
 public:
  // `frames_before`: of this chunk, from the first that counts; `step`: Å per frame of every atom.
  DriftFreeChunk(std::shared_ptr<const PathChunk> chunk, double frames_before,
                 std::shared_ptr<const std::vector<Vec3>> step)
      : chunk_(std::move(chunk)), frames_before_(frames_before), step_(std::move(step)) {}
  size_t n_frames() const override { return chunk_->n_frames(); }
  absl::Status Read(size_t row, size_t first, std::span<double> out) const override {
    SUPERION_RETURN_IF_ERROR(chunk_->Read(row, first, out));
    const double step = (*step_)[row / 3][row % 3], before = frames_before_ + static_cast<double>(first);
    for (size_t k = 0; k < out.size(); ++k) out[k] -= step * (before + static_cast<double>(k));
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<const PathChunk> chunk_;
  const double frames_before_;
  const std::shared_ptr<const std::vector<Vec3>> step_;
};

void RemoveSlope(double step, std::vector<double>* x) {
  for (size_t k = 0; k < x->size(); ++k) (*x)[k] -= step * static_cast<double>(k);
}

void MoveToChunks(IonTrajectory* t) {
  if (t->positions.empty()) return;
  t->chunks.push_back(std::make_shared<MemoryRows>(std::move(t->positions)));
  t->positions.clear();
}

void AppendChunks(IonTrajectory* next, size_t skip, const std::vector<Vec3>& shift, IonTrajectory* to) {
  MoveToChunks(to);
  MoveToChunks(next);
  skip += next->skipped_frames;
  const auto shared = std::make_shared<const std::vector<Vec3>>(shift);
  for (auto& chunk : next->chunks) {
    const size_t here = std::min(skip, chunk->n_frames());
    skip -= here;
    if (here == chunk->n_frames()) continue;
    to->chunks.push_back(here == 0 && shift.empty()
                             ? std::move(chunk)
                             : std::make_shared<MovedChunk>(std::move(chunk), here, shared));
  }
}

}  // namespace

size_t IonTrajectory::n_frames() const {
  if (!positions.empty()) return positions[0].size();
  size_t n = 0;
  for (const auto& chunk : chunks) n += chunk->n_frames();
  return n - std::min(n, skipped_frames);
}

absl::Status IonTrajectory::Path(size_t row, std::vector<double>* out) const {
  if (!positions.empty()) {
    *out = positions[row];
    return absl::OkStatus();
  }
  out->resize(n_frames());
  size_t skip = skipped_frames, at = 0;
  for (const auto& chunk : chunks) {
    const size_t first = std::min(skip, chunk->n_frames()), n = chunk->n_frames() - first;
    skip -= first;
    if (n == 0) continue;
    SUPERION_RETURN_IF_ERROR(chunk->Read(row, first, std::span(*out).subspan(at, n)));
    at += n;
  }
  return absl::OkStatus();
}

absl::StatusOr<Vec3> IonTrajectory::Start(size_t atom) const {
  Vec3 r{};
  size_t skip = skipped_frames;
  for (size_t c = 0; c < 3 && !positions.empty(); ++c) r[c] = positions[3 * atom + c].front();
  for (const auto& chunk : chunks) {
    if (skip < chunk->n_frames()) {
      for (size_t c = 0; c < 3; ++c)
        SUPERION_RETURN_IF_ERROR(chunk->Read(3 * atom + c, skip, std::span(&r[c], 1)));
      break;
    }
    skip -= chunk->n_frames();
  }
  return r;
}

void IonTrajectory::DropFront(size_t frames) {
  frames = std::min(frames, n_frames() - std::min<size_t>(1, n_frames()));
  if (frames == 0) return;
  for (auto& x : positions) x.erase(x.begin(), x.begin() + Offset(frames));
  if (positions.empty()) skipped_frames += frames;
  auto& t = kinetic_temperature_k;
  t.erase(t.begin(), t.begin() + Offset(std::min(frames, t.size())));
  for (auto& path : sums) {
    for (size_t c = 0; c < 3; ++c) {
      auto& x = path.displacement[c];
      const double moved = x[frames];
      x.erase(x.begin(), x.begin() + Offset(frames));
      for (double& v : x) v -= moved;
      path.start[c] += moved;
    }
  }
}

void IonTrajectory::Append(IonTrajectory next, size_t skip, const std::vector<Vec3>& shift) {
  SUPERION_CHECK(next.species == species && (shift.empty() || shift.size() == species.size()));
  for (size_t a = 0; a < std::min(sums.size(), next.sums.size()); ++a) {
    Vec3 moved = next.sums[a].start - sums[a].start;
    for (size_t i = 0; i < shift.size(); ++i) {
      if (species[i] == sums[a].species) moved += shift[i];
    }
    for (size_t c = 0; c < 3; ++c) {
      const auto& x = next.sums[a].displacement[c];
      for (size_t k = skip; k < x.size(); ++k) sums[a].displacement[c].push_back(x[k] + moved[c]);
    }
  }
  // Known for all frames or for none.
  auto& t = kinetic_temperature_k;
  const auto& later = next.kinetic_temperature_k;
  if (t.empty() || later.size() <= skip) {
    t.clear();
  } else {
    t.insert(t.end(), later.begin() + Offset(skip), later.end());
  }
  AppendChunks(&next, skip, shift, this);
}

void RemoveDrift(IonTrajectory* trajectory) {
  IonTrajectory& t = *trajectory;
  if (t.n_frames() < 2) return;
  std::map<std::string, Vec3> drift;  // Å per frame
  for (const SpeciesPath& path : SpeciesPaths(t)) {
    const double frames = static_cast<double>(t.n_frames() - 1) * static_cast<double>(path.count);
    for (size_t c = 0; c < 3; ++c) drift[path.species][c] = path.displacement[c].back() / frames;
  }
  std::vector<Vec3> step;
  for (const auto& species : t.species) step.push_back(drift.at(species));
  for (size_t row = 0; row < t.positions.size(); ++row)
    RemoveSlope(step[row / 3][row % 3], &t.positions[row]);
  const auto shared = std::make_shared<const std::vector<Vec3>>(std::move(step));
  double before = -static_cast<double>(t.skipped_frames);
  for (auto& chunk : t.chunks) {
    const auto n = static_cast<double>(chunk->n_frames());
    chunk = std::make_shared<DriftFreeChunk>(std::move(chunk), before, shared);
    before += n;
  }
  for (auto& path : t.sums) {
    for (size_t c = 0; c < 3; ++c)
      RemoveSlope(drift.at(path.species)[c] * static_cast<double>(path.count), &path.displacement[c]);
  }
}

std::vector<SpeciesPath> EmptySpeciesPaths(const std::vector<std::string>& species,
                                           const std::vector<double>& masses_u) {
  std::vector<std::string> names = species;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<SpeciesPath> out;
  for (const auto& name : names) {
    SpeciesPath& path = out.emplace_back();
    path.species = name;
    for (size_t i = 0; i < species.size(); ++i) {
      if (species[i] != name) continue;
      ++path.count;
      path.mass_u += masses_u[i];
    }
    path.mass_u /= static_cast<double>(path.count);
  }
  return out;
}

std::vector<SpeciesPath> SpeciesPaths(const IonTrajectory& trajectory) {
  if (!trajectory.sums.empty()) return trajectory.sums;
  auto out = EmptySpeciesPaths(trajectory.species, trajectory.masses_u);
  const size_t n = trajectory.n_frames();
  for (auto& path : out) {
    for (size_t c = 0; c < 3; ++c) {
      path.displacement[c].assign(n, 0.0);
      for (size_t i = 0; i < trajectory.species.size(); ++i) {
        if (trajectory.species[i] != path.species) continue;
        const auto& x = trajectory.positions[3 * i + c];
        path.start[c] += x[0];
        for (size_t k = 0; k < n; ++k) path.displacement[c][k] += x[k] - x[0];
      }
    }
  }
  return out;
}

}  // namespace superion::analysis
