#include "potential/perturbation.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/neighbor_list.h"

namespace superion {
namespace {

constexpr int kDraws = 200;
constexpr double kRadiiFraction = 0.8, kStartFraction = 0.85;

using SpeciesPair = std::pair<std::string, std::string>;
using DistanceLimits = std::map<SpeciesPair, double>;

SpeciesPair PairOf(const std::string& a, const std::string& b) {
  return a < b ? SpeciesPair{a, b} : SpeciesPair{b, a};
}

struct ClosePair {
  SpeciesPair species;
  double distance = 0.0, limit = 0.0;
};

absl::StatusOr<DistanceLimits> Limits(const Structure& structure, const PerturbationOptions& options) {
  DistanceLimits limits;
  const std::vector<std::string> species = DistinctSpecies(structure);
  double largest = 0.0;
  for (const std::string& a : species)
    for (const std::string& b : species) {
      SUPERION_ASSIGN_OR_RETURN(const double radius_a, CovalentRadius(a));
      SUPERION_ASSIGN_OR_RETURN(const double radius_b, CovalentRadius(b));
      const double limit = options.minimum_distance_angstrom.value_or(kRadiiFraction * (radius_a + radius_b));
      limits[PairOf(a, b)] = limit;
      largest = std::max(largest, limit);
    }
  if (options.minimum_distance_angstrom.has_value() || largest == 0.0) return limits;
  SUPERION_ASSIGN_OR_RETURN(const NeighborList list, BuildNeighborList(structure, largest / kStartFraction));
  for (size_t i = 0; i < structure.size(); ++i) {
    for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
      const int j = list.neighbor[p];
      double& limit = limits[PairOf(structure.species[i], structure.species[j])];
      limit = std::min(
          limit, kStartFraction * Norm(structure.positions[j] + list.shift[p] - structure.positions[i]));
    }
  }
  return limits;
}

// The pair that violates its limit most, or one of limit 0 when none does.
absl::StatusOr<ClosePair> WorstPair(const Structure& structure, const DistanceLimits& limits) {
  ClosePair worst;
  double largest = 1e-3;
  for (const auto& [pair, limit] : limits) largest = std::max(largest, limit);
  SUPERION_ASSIGN_OR_RETURN(const NeighborList list, BuildNeighborList(structure, largest));
  double ratio = 1.0;
  for (size_t i = 0; i < structure.size(); ++i) {
    for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
      const int j = list.neighbor[p];
      const SpeciesPair pair = PairOf(structure.species[i], structure.species[j]);
      const double r = Norm(structure.positions[j] + list.shift[p] - structure.positions[i]),
                   limit = limits.at(pair);
      if (limit <= 0.0 || r / limit >= ratio) continue;
      ratio = r / limit;
      worst = {pair, r, limit};
    }
  }
  return worst;
}

Structure Draw(const Structure& start, double amplitude, double strain, Random* random) {
  Mat3 deformation{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int a = 0; a < 3 && strain > 0.0; ++a)
    for (int b = a; b < 3; ++b) {
      const double e = strain * (2.0 * random->Uniform() - 1.0);
      deformation[a][b] += e;
      if (a != b) deformation[b][a] += e;
    }
  Structure moved = start;
  for (Vec3& row : moved.cell) row = row * deformation;
  for (Vec3& x : moved.positions) {
    x = x * deformation;
    for (double& component : x) component += amplitude * random->Gaussian();
  }
  return moved;
}

}  // namespace

absl::StatusOr<std::vector<Frame>> Perturb(const Structure& structure, const PerturbationOptions& options,
                                           Random* random, int* redrawn) {
  if (options.frames < 0)
    return InvalidArgument("perturb frames: expected 0 or more, found {}", options.frames);
  if (options.frames > 0 && options.amplitude_angstrom.empty()) {
    return InvalidArgument("perturbation_angstrom: expected at least one amplitude, found none");
  }
  for (const double a : options.amplitude_angstrom) {
    if (!(a >= 0.0 && a < 5.0))
      return InvalidArgument("perturbation_angstrom: expected 0 to 5 Å, found {}", a);
  }
  if (!(options.strain >= 0.0 && options.strain < 0.5)) {
    return InvalidArgument("strain: expected 0 to 0.5, found {}", options.strain);
  }
  SUPERION_RETURN_IF_ERROR(CheckStructure(structure, 0.0));
  SUPERION_ASSIGN_OR_RETURN(const DistanceLimits limits, Limits(structure, options));
  std::vector<Frame> frames;
  int drawn_again = 0;
  for (int k = 0; k < options.frames; ++k) {
    const double amplitude = options.amplitude_angstrom[k % options.amplitude_angstrom.size()];
    ClosePair worst;
    Frame frame;
    for (int draw = 0; draw < kDraws; ++draw) {
      frame.structure = Draw(structure, amplitude, options.strain, random);
      SUPERION_ASSIGN_OR_RETURN(worst, WorstPair(frame.structure, limits));
      if (worst.limit == 0.0) break;
      if (draw == 0) ++drawn_again;
    }
    if (worst.limit > 0.0) {
      return FailedPrecondition(
          "perturbation of {} Å: {} draws of frame {} all brought atoms too close (last: {}-{} at {:.2f} Å, "
          "limit "
          "{:.2f} Å); a smaller amplitude or strain is needed",
          amplitude, kDraws, k + 1, worst.species.first, worst.species.second, worst.distance, worst.limit);
    }
    frame.info["source"] = "perturbed";
    frame.info["perturbation_angstrom"] = fmt::format("{}", amplitude);
    frames.push_back(std::move(frame));
  }
  if (redrawn != nullptr) *redrawn = drawn_again;
  return frames;
}

}  // namespace superion
