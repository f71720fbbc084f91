#include "trainer/dataset.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "core/extxyz.h"
#include "core/file.h"
#include "core/units.h"

namespace superion::trainer {
namespace {

constexpr double kLargestForce = 1000.0;  // eV/Å; a collision that ZBL handles is far below
constexpr double kNearDuplicate = 0.05;   // Å
constexpr int kShortestTrajectory = 8;    // frames
constexpr int kLongestBlock = 20;         // frames of a trajectory that stay together
constexpr double kSameCell = 1e-3;        // Å
constexpr double kLargestStress = 1.0;    // eV/Å³ in root mean square: 160 GPa
constexpr double kSlopeTolerance = 0.2;   // of a logarithm: the work is a trapezoid, too short for wide steps

// What else the comment line calls an energy, for a message.
std::string OtherEnergies(const Frame& frame) {
  std::string names;
  for (const auto& [key, value] : frame.info) {
    if (key.find("energy") != std::string::npos || key.find("Energy") != std::string::npos)
      names += (names.empty() ? "; found " : ", ") + key;
  }
  return names;
}

absl::Status CheckForces(const Frame& frame, const std::string& where) {
  const size_t n = frame.structure.size();
  if (frame.forces.empty())
    return InvalidArgument(
        "{}: no forces; training needs a column forces, force, REF_forces or DFT_forces (eV/Å) in Properties",
        where);
  if (frame.forces.size() != n)
    return InvalidArgument("{}: {} forces for {} atoms", where, frame.forces.size(), n);
  for (size_t i = 0; i < n; ++i) {
    const double size = Norm(frame.forces[i]);
    if (!std::isfinite(size))
      return InvalidArgument("{}: the force on atom {} is not a finite number", where, i + 1);
    if (size > kLargestForce)
      return InvalidArgument(
          "{}: the force on atom {} is {:.4g} eV/Å; expected at most {:g}: check the units (eV/Å), or remove "
          "a frame in "
          "which atoms collide",
          where, i + 1, size, kLargestForce);
  }
  return absl::OkStatus();
}

// Content of a frame as far as training is concerned, rounded so that rewriting a file does not change it.
std::string ContentHash(const Frame& frame) {
  std::string text;
  for (const Vec3& row : frame.structure.cell)
    text += fmt::format("{:.5f} {:.5f} {:.5f};", row[0], row[1], row[2]);
  for (size_t i = 0; i < frame.structure.size(); ++i) {
    const Vec3& r = frame.structure.positions[i];
    text += fmt::format("{} {:.5f} {:.5f} {:.5f};", frame.structure.species[i], r[0], r[1], r[2]);
  }
  text += fmt::format("{:.6f}", frame.energy.value_or(0.0));
  return Sha256(text);
}

bool SameLattice(const Structure& a, const Structure& b) {
  if (a.size() != b.size() || a.pbc != b.pbc) return false;
  for (int r = 0; r < 3; ++r)
    if (Norm(a.cell[r] - b.cell[r]) > kSameCell) return false;
  return true;
}

bool SameCell(const Structure& a, const Structure& b) { return SameLattice(a, b) && a.species == b.species; }

// Displacement b - a by the shortest image of fractional coordinates (enough for small displacements).
Vec3 ShortDisplacement(const Structure& a, const Mat3& inverse, const Vec3& from, const Vec3& to) {
  Vec3 s = (to - from) * inverse;
  for (int k = 0; k < 3; ++k)
    if (a.pbc[k]) s[k] -= std::round(s[k]);
  return s * a.cell;
}

bool HasCell(const Structure& s) { return std::abs(Determinant(s.cell)) > 1e-9; }

Vec3 Displacement(const Structure& a, const Mat3& inverse, const Structure& b, size_t i) {
  return HasCell(a) ? ShortDisplacement(a, inverse, a.positions[i], b.positions[i])
                    : b.positions[i] - a.positions[i];
}

bool NearDuplicates(const Structure& a, const Mat3& inverse, const Structure& b) {
  if (!SameLattice(a, b)) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (Norm(Displacement(a, inverse, b, i)) > kNearDuplicate) return false;
  return a.species == b.species;  // last: of all pairs of frames this takes longest
}

int Root(std::vector<int>& parent, int i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

absl::StatusOr<std::vector<Frame>> ReadChecked(const std::vector<std::string>& paths) {
  std::vector<Frame> frames;
  for (const std::string& path : paths) {
    SUPERION_ASSIGN_OR_RETURN(std::vector<Frame> read, ReadExtxyz(path));
    if (read.empty()) return InvalidArgument("{}: expected labelled frames, found none", path);
    for (size_t k = 0; k < read.size(); ++k) {
      SUPERION_RETURN_IF_ERROR(CheckLabelledFrame(read[k], path, k + 1));
      read[k].info.emplace(kFileKey, std::filesystem::path(path).filename());
      read[k].info.emplace(kFrameKey, fmt::format("{}", k + 1));
      frames.push_back(std::move(read[k]));
    }
  }
  return frames;
}

absl::Status CheckDisjoint(const std::vector<Frame>& train, const std::vector<Frame>& valid) {
  std::map<std::string, size_t> seen;
  for (size_t k = 0; k < train.size(); ++k) seen.emplace(ContentHash(train[k]), k + 1);
  for (size_t k = 0; k < valid.size(); ++k) {
    const auto it = seen.find(ContentHash(valid[k]));
    if (it != seen.end())
      return InvalidArgument(
          "validation frame {} is the same as training frame {}: validation errors would be of no use", k + 1,
          it->second);
  }
  return absl::OkStatus();
}

std::string DatasetHash(const Dataset& dataset) {
  std::string text;
  for (const Frame& frame : dataset.train) text += "t" + ContentHash(frame);
  for (const Frame& frame : dataset.valid) text += "v" + ContentHash(frame);
  return Sha256(text);
}

// Energies of zero everywhere stand for energies that nobody wrote down.
absl::Status CheckEnergies(const std::vector<Frame>& frames) {
  const auto zero = [](const Frame& frame) { return *frame.energy == 0.0; };
  if (frames.size() < 2 || !std::all_of(frames.begin(), frames.end(), zero)) return absl::OkStatus();
  return InvalidArgument("the energy of all {} frames is 0: expected the energies of the labels, in eV",
                         frames.size());
}

// Reads files of training frames and puts them, or all but a share for validation, into `dataset`.
absl::Status ReadSide(const std::vector<std::string>& paths, bool split, const DatasetOptions& options,
                      Dataset* dataset) {
  SUPERION_ASSIGN_OR_RETURN(std::vector<Frame> frames, ReadChecked(paths));
  SUPERION_RETURN_IF_ERROR(CheckEnergies(frames));
  SUPERION_RETURN_IF_ERROR(CheckUnits(frames));
  const std::vector<bool> validation = ValidationSplit(frames, split ? options.validation_fraction : 0.0);
  for (size_t k = 0; k < frames.size(); ++k)
    (validation[k] ? dataset->valid : dataset->train).push_back(std::move(frames[k]));
  return absl::OkStatus();
}

// Stress labels of the size that only other units give.
absl::Status CheckStress(const Dataset& dataset) {
  double square = 0;
  size_t n = 0;
  for (const std::vector<Frame>* side : {&dataset.train, &dataset.valid})
    for (const Frame& frame : *side) {
      if (!frame.stress.has_value()) continue;
      for (const Vec3& row : *frame.stress) square += Dot(row, row);
      n += 9;
    }
  if (n == 0)
    return InvalidArgument("stress = true, but none of the training frames holds a stress or virial label");
  const double rms = std::sqrt(square / static_cast<double>(n));
  if (rms > kLargestStress)
    return InvalidArgument(
        "stress labels are {:.3g} eV/Å³ in root mean square ({:.3g} GPa): they look like GPa, kbar or a "
        "virial; "
        "expected stress in eV/Å³, positive in tension, or virial in eV",
        rms, 1e-4 * rms / units::kBar);
  return absl::OkStatus();
}

absl::Status FindSpecies(Dataset* dataset) {
  std::map<int, std::string> species;
  for (const std::vector<Frame>* side : {&dataset->train, &dataset->valid})
    for (const Frame& frame : *side)
      for (const std::string& symbol : frame.structure.species) {
        SUPERION_ASSIGN_OR_RETURN(const int number, AtomicNumber(symbol));
        species.emplace(number, symbol);
      }
  for (const auto& [number, symbol] : species) dataset->species.push_back(symbol);
  return absl::OkStatus();
}

// Root mean square displacement between configurations of the same cell; infinite for others.
double Distance(const Structure& a, const Structure& b) {
  if (!SameCell(a, b)) return std::numeric_limits<double>::infinity();
  const Mat3 inverse = HasCell(a) ? Inverse(a.cell) : Mat3{};
  double square = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const Vec3 d = Displacement(a, inverse, b, i);
    square += Dot(d, d);
  }
  return std::sqrt(square / static_cast<double>(a.size()));
}

// Calls body(first, last) for every run of frames of one cell that moves slowly from frame to frame.
void ForTrajectories(const std::vector<Frame>& frames, const std::function<void(int, int)>& body) {
  const int n = static_cast<int>(frames.size());
  for (int first = 0, last; first < n; first = last) {
    std::vector<double> step, far;
    for (last = first + 1; last < n && SameCell(frames[last - 1].structure, frames[last].structure); ++last)
      step.push_back(Distance(frames[last - 1].structure, frames[last].structure));
    const int length = last - first;
    if (length < kShortestTrajectory) continue;
    for (int k = 0; k + length / 2 < length; ++k)
      far.push_back(Distance(frames[first + k].structure, frames[first + k + length / 2].structure));
    std::nth_element(step.begin(), step.begin() + step.size() / 2, step.end());
    std::nth_element(far.begin(), far.begin() + far.size() / 2, far.end());
    if (step[step.size() / 2] < 0.5 * far[far.size() / 2]) body(first, last);
  }
}

}  // namespace

absl::Status CheckLabelledFrame(const Frame& frame, const std::string& origin, size_t number) {
  const std::string where = fmt::format("{}, frame {}", origin, number);
  if (frame.structure.size() == 0)
    return InvalidArgument("{}: expected at least one atom, found none", where);
  if (const absl::Status s = CheckStructure(frame.structure, 0.4); !s.ok())
    return InvalidArgument("{}: {}", where, s.message());
  if (!frame.energy.has_value())
    return InvalidArgument(
        "{}: no energy; training needs energy=, REF_energy= or DFT_energy= (eV, whole cell) in the comment "
        "line{}",
        where, OtherEnergies(frame));
  if (!std::isfinite(*frame.energy)) return InvalidArgument("{}: the energy is not a finite number", where);
  SUPERION_RETURN_IF_ERROR(CheckForces(frame, where));
  if (frame.stress.has_value())
    for (const Vec3& row : *frame.stress)
      if (!std::isfinite(Norm(row))) return InvalidArgument("{}: the stress is not finite", where);
  return absl::OkStatus();
}

absl::Status CheckUnits(const std::vector<Frame>& frames) {
  // ΔE = -∫F·dr is about -(F1 + F2)/2 · Δr between configurations of one trajectory.
  double xx = 0, xy = 0, yy = 0, atoms = 0;
  int pairs = 0;
  for (size_t k = 0; k + 1 < frames.size(); ++k) {
    const Frame &a = frames[k], &b = frames[k + 1];
    if (!SameCell(a.structure, b.structure)) continue;
    const Mat3 inverse = HasCell(a.structure) ? Inverse(a.structure.cell) : Mat3{};
    double work = 0, square = 0;
    for (size_t i = 0; i < a.structure.size(); ++i) {
      const Vec3 d = Displacement(a.structure, inverse, b.structure, i);
      work -= 0.5 * Dot(a.forces[i] + b.forces[i], d);
      square += Dot(d, d);
    }
    if (std::sqrt(square / a.structure.size()) > 0.3) continue;
    const double difference = *b.energy - *a.energy;
    xx += work * work, xy += work * difference, yy += difference * difference;
    atoms += static_cast<double>(a.structure.size());
    ++pairs;
  }
  if (pairs < 5 || xx <= 0 || yy <= 0 || xy * xy < 0.8 * xx * yy) return absl::OkStatus();
  const double slope = xy / xx;
  atoms /= pairs;
  if (slope > 0 && std::abs(std::log(slope)) < kSlopeTolerance) return absl::OkStatus();
  const struct {
    double ratio;
    const char* message;
  } suspects[] = {
      {1 / units::kRydberg, "energies look like Ry; expected eV"},
      {1 / units::kHartree, "energies look like Hartree; expected eV"},
      {units::kRydberg / units::kBohr, "forces look like Ry/Bohr; expected eV/Å"},
      {units::kHartree / units::kBohr, "forces look like Hartree/Bohr; expected eV/Å"},
      {1 / units::kBohr,
       "energies and forces look like Ry and Ry/Bohr, or Hartree and Hartree/Bohr; "
       "expected eV and eV/Å"},
      {units::kBohr, "positions and cells look like Bohr; expected Å"},
      {1 / atoms, "energies look like those of one atom; expected those of the whole cell, in eV"},
      {-1.0, "forces have the wrong sign (they look like the gradient of the energy)"}};
  for (const auto& suspect : suspects)
    if (slope / suspect.ratio > 0 && std::abs(std::log(slope / suspect.ratio)) < kSlopeTolerance)
      return InvalidArgument(
          "units of the training data: energy differences between {} pairs of neighboring configurations are "
          "{:.3g} times "
          "the work of the forces (expected 1): {}",
          pairs, slope, suspect.message);
  return absl::OkStatus();
}

std::vector<int> NearDuplicateGroups(const std::vector<Frame>& frames) { return CorrelatedGroups(frames, 1); }

std::vector<int> CorrelatedGroups(const std::vector<Frame>& frames, int block) {
  const int n = static_cast<int>(frames.size());
  std::vector<int> parent(n), trajectory(n, -1);
  std::iota(parent.begin(), parent.end(), 0);
  // Within a trajectory near-duplicates follow one another and would chain all of it together: blocks do.
  if (block > 1)
    ForTrajectories(frames, [&](int begin, int end) {
      std::fill(trajectory.begin() + begin, trajectory.begin() + end, begin);
      for (int k = begin; k < end; ++k)
        if ((k - begin) % block != 0) parent[k] = Root(parent, k - 1);
    });
  for (int a = 0; a < n; ++a) {
    const Structure& s = frames[a].structure;
    const Mat3 inverse = HasCell(s) ? Inverse(s.cell) : Mat3{};
    for (int b = a + 1; b < n; ++b)
      if ((trajectory[a] < 0 || trajectory[a] != trajectory[b]) &&
          NearDuplicates(s, inverse, frames[b].structure))
        parent[Root(parent, b)] = Root(parent, a);
  }
  std::vector<int> group(n);
  std::map<int, int> number;
  for (int k = 0; k < n; ++k) group[k] = number.emplace(Root(parent, k), number.size()).first->second;
  return group;
}

std::vector<bool> ValidationSplit(const std::vector<Frame>& frames, double fraction) {
  std::vector<bool> validation(frames.size(), false);
  const double wanted = fraction * static_cast<double>(frames.size());
  const std::vector<int> group =
      CorrelatedGroups(frames, std::clamp(static_cast<int>(wanted / 4), 2, kLongestBlock));
  std::map<int, std::string> smallest;
  for (size_t k = 0; k < frames.size(); ++k) {
    const std::string hash = ContentHash(frames[k]);
    std::string& current = smallest[group[k]];
    if (current.empty() || hash < current) current = hash;
  }
  if (wanted <= 0 || smallest.size() < 2) return validation;
  std::vector<std::pair<std::string, int>> order;
  order.reserve(smallest.size());
  for (const auto& [g, hash] : smallest) order.emplace_back(hash, g);
  std::sort(order.begin(), order.end());
  size_t taken = 0;
  for (size_t k = 0; k + 1 < order.size() && (taken == 0 || taken + 0.5 < wanted); ++k)
    for (size_t i = 0; i < frames.size(); ++i)
      if (group[i] == order[k].second) validation[i] = true, ++taken;
  return validation;
}

absl::StatusOr<Dataset> ReadDataset(const DatasetFiles& files, const DatasetOptions& options) {
  Dataset dataset;
  SUPERION_RETURN_IF_ERROR(ReadSide(files.train, files.valid.empty(), options, &dataset));
  dataset.n_new = dataset.train.size();
  SUPERION_RETURN_IF_ERROR(ReadSide(files.replay, files.valid.empty(), options, &dataset));
  if (!files.valid.empty()) {
    SUPERION_ASSIGN_OR_RETURN(dataset.valid, ReadChecked(files.valid));
    SUPERION_RETURN_IF_ERROR(CheckDisjoint(dataset.train, dataset.valid));
  }
  SUPERION_RETURN_IF_ERROR(FindSpecies(&dataset));
  if (options.stress) SUPERION_RETURN_IF_ERROR(CheckStress(dataset));
  dataset.content_sha256 = DatasetHash(dataset);
  return dataset;
}

}  // namespace superion::trainer
