#include <algorithm>
#include <cmath>

#include "analysis/reader/trajectory_formats.h"
#include "analysis/reader/untimed_seam.h"

namespace superion::analysis {
namespace {

constexpr double kLongestStep = 0.35;  // of the cell, as in FrameSource

// From the last frame of one file to the first of another.
struct Seam {
  double gap_ps = 0.0;         // 0 when the frame is repeated
  double step_angstrom = 0.0;  // root mean square over the atoms
  double longest = 0.0;        // component in cells
  std::vector<Vec3> shift;     // of the later file; empty: none
};

Seam FindSeam(const ReadTrajectory& early, const ReadTrajectory& late) {
  Seam seam;
  const Mat3 inverse = Inverse(late.first.cell);
  const bool by_images = early.continuity != Continuity::kUnknown && late.continuity != Continuity::kUnknown;
  bool moved = false;
  for (size_t i = 0; i < late.first.positions.size(); ++i) {
    Vec3 ds = (late.first.positions[i] - early.last.positions[i]) * inverse;
    for (double& v : ds) {
      if (!by_images) v -= std::round(v);
      seam.longest = std::max(seam.longest, std::abs(v));
    }
    const Vec3 step = ds * late.first.cell;
    seam.step_angstrom += Dot(step, step) / static_cast<double>(late.first.positions.size());
    seam.shift.push_back(early.last.unwrapped[i] + step - late.first.unwrapped[i]);
    moved = moved || Norm(seam.shift.back()) > 1e-6;
  }
  if (!moved || late.continuity == Continuity::kIntegrated) seam.shift.clear();
  seam.step_angstrom = std::sqrt(seam.step_angstrom);
  const bool repeated = seam.step_angstrom < 1e-3 && early.last_step_angstrom > 1e-3;
  seam.gap_ps = late.timed ? late.first.time_ps - early.last.time_ps
                : repeated ? 0.0
                           : early.ions.interval_ps;
  return seam;
}

// A run goes on in steps of its usual length.
bool Follows(const Seam& seam, const ReadTrajectory& early) {
  const double h = early.ions.interval_ps;
  const bool in_time = std::abs(seam.gap_ps - h) < 0.1 * h || std::abs(seam.gap_ps) < 0.1 * h;
  return in_time && seam.step_angstrom <= 3.0 * early.last_step_angstrom + 0.1;
}

absl::Status CheckSame(const ReadTrajectory& late, const ReadTrajectory& early) {
  if (late.ions.species != early.ions.species || late.ions.field != early.ions.field ||
      std::abs(late.ions.interval_ps / early.ions.interval_ps - 1.0) > 1e-6)
    return InvalidArgument(
        "{} cannot continue {}: other atoms, another field or another interval ({} ps, there {} ps)",
        late.ions.origin, early.ions.origin, late.ions.interval_ps, early.ions.interval_ps);
  return absl::OkStatus();
}

void Append(ReadTrajectory late, const Seam& seam, ReadTrajectory* early) {
  const size_t skip = seam.gap_ps < 0.5 * early->ions.interval_ps ? 1 : 0;
  const double n = static_cast<double>(early->ions.n_frames()), m = static_cast<double>(late.ions.n_frames());
  early->ions.volume_angstrom3 =
      (n * early->ions.volume_angstrom3 + m * late.ions.volume_angstrom3) / (n + m);
  early->last = std::move(late.last);
  for (size_t i = 0; i < seam.shift.size(); ++i) early->last.unwrapped[i] += seam.shift[i];
  if (!late.timed) {
    early->last.time_ps =
        early->ions.first_time_ps + early->ions.interval_ps * (n + m - 1.0 - static_cast<double>(skip));
  }
  early->last_step_angstrom = late.last_step_angstrom;
  early->notes.insert(early->notes.end(), late.notes.begin(), late.notes.end());
  early->ions.Append(std::move(late.ions), skip, seam.shift);
}

absl::Status Continue(ReadTrajectory late, ReadTrajectory* early) {
  SUPERION_RETURN_IF_ERROR(CheckSame(late, *early));
  const Seam seam = FindSeam(*early, late);
  const double h = early->ions.interval_ps;
  if (std::abs(seam.gap_ps - h) > 0.1 * h && std::abs(seam.gap_ps) > 0.1 * h)
    return DataLoss("{} starts {:.6g} ps after the end of {}, {:.6g} ps are wanted", late.ions.origin,
                    seam.gap_ps, early->ions.origin, h);
  if (!late.timed)
    SUPERION_RETURN_IF_ERROR(
        CheckUntimedSeam({early->ions.origin, late.ions.origin, early->last.counter, late.first.counter,
                          early->counter_increment, seam.step_angstrom, early->last_step_angstrom}));
  if (seam.longest > kLongestStep && late.continuity == Continuity::kUnknown)
    return InvalidArgument("{} cannot continue {}: an atom moves by {:.3f} of the cell from one to the other",
                           late.ions.origin, early->ions.origin, seam.longest);
  Append(std::move(late), seam, early);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ReadTrajectory>> JoinGroups(std::vector<std::optional<ReadTrajectory>> parts,
                                                       const std::vector<std::vector<size_t>>& groups) {
  std::vector<ReadTrajectory> seeds;
  for (const auto& group : groups) {
    bool first = true;
    for (const size_t index : group) {
      if (index >= parts.size())
        return InvalidArgument("groups: index {} but only {} trajectories", index, parts.size());
      if (!parts[index]) continue;
      if (first) {
        seeds.push_back(*std::move(parts[index]));
      } else {
        SUPERION_RETURN_IF_ERROR(Continue(*std::move(parts[index]), &seeds.back()));
      }
      parts[index].reset();
      first = false;
    }
  }
  return seeds;
}

// The seed that this file continues, the one nearest in place.
ReadTrajectory* Continued(const ReadTrajectory& late, std::vector<ReadTrajectory>* seeds) {
  ReadTrajectory* best = nullptr;
  double nearest = 1e300;
  for (auto& seed : *seeds) {
    if (!late.timed || late.first.time_ps < 0.5 * late.ions.interval_ps || !CheckSame(late, seed).ok())
      continue;
    const Seam seam = FindSeam(seed, late);
    if (!Follows(seam, seed) || seam.step_angstrom >= nearest) continue;
    nearest = seam.step_angstrom;
    best = &seed;
  }
  return best;
}

}  // namespace

absl::StatusOr<std::vector<ReadTrajectory>> JoinTrajectories(std::vector<std::optional<ReadTrajectory>> parts,
                                                             const std::vector<std::vector<size_t>>& groups) {
  if (!groups.empty()) return JoinGroups(std::move(parts), groups);
  std::vector<ReadTrajectory*> in_time;
  for (auto& part : parts) {
    if (part) in_time.push_back(&*part);
  }
  std::stable_sort(in_time.begin(), in_time.end(),
                   [](const auto* a, const auto* b) { return a->first.time_ps < b->first.time_ps; });
  std::vector<ReadTrajectory> seeds;
  for (ReadTrajectory* part : in_time) {
    if (ReadTrajectory* seed = Continued(*part, &seeds)) {
      SUPERION_RETURN_IF_ERROR(Continue(std::move(*part), seed));
    } else {
      seeds.push_back(std::move(*part));
    }
  }
  return seeds;
}

}  // namespace superion::analysis
