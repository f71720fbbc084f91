#include "md_runner/verlet_list.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/neighbor_list.h"

namespace superion {

VerletList::VerletList(std::vector<std::string> species_names, std::vector<int> species, int n_species,
                       VerletOptions options)
    : species_(std::move(species)), n_species_(n_species), options_(std::move(options)) {
  built_.species = std::move(species_names);
  inverse_limit2_.assign(static_cast<size_t>(n_species) * n_species, 0.0);
  for (size_t k = 0; k < options_.minimum_distance.size(); ++k) {
    const double d = options_.minimum_distance[k];
    inverse_limit2_[k] = d > 0.0 ? 1.0 / (d * d) : std::numeric_limits<double>::infinity();
  }
}

absl::Status VerletList::Update(const Mat3& cell, const std::vector<Vec3>& positions) {
  if (!valid_ || !Complete(cell, positions)) return Build(cell, positions);
  if (cell != cell_) Reshift(cell);
  return absl::OkStatus();
}

bool VerletList::Complete(const Mat3& cell, const std::vector<Vec3>& positions) const {
  double allowed = options_.skin;
  double displacement2 = 0.0;
  const size_t n = positions.size();
  if (cell == built_.cell) {
    for (size_t i = 0; i < n; ++i) {
      const Vec3 d = positions[i] - built_.positions[i];
      displacement2 = std::max(displacement2, Dot(d, d));
    }
  } else {
    const Mat3 f{built_inverse_[0] * cell, built_inverse_[1] * cell, built_inverse_[2] * cell};
    double strain2 = 0.0;
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) strain2 += std::pow(f[a][b] - (a == b), 2);
    }
    allowed -= (options_.cutoff + options_.skin) * std::sqrt(strain2);
    for (size_t i = 0; i < n; ++i) {
      const Vec3 d = positions[i] - built_.positions[i] * f;
      displacement2 = std::max(displacement2, Dot(d, d));
    }
  }
  return allowed > 0.0 && 4.0 * displacement2 <= allowed * allowed;
}

absl::Status VerletList::Build(const Mat3& cell, const std::vector<Vec3>& positions) {
  built_.cell = cell;
  built_.positions = positions;
  SUPERION_ASSIGN_OR_RETURN(const NeighborList list,
                            BuildNeighborList(built_, options_.cutoff + options_.skin));
  built_inverse_ = Inverse(cell);
  first_ = list.first;
  pairs_.resize(list.neighbor.size());
  image_.resize(pairs_.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    const double* limits = inverse_limit2_.data() + static_cast<size_t>(species_[i]) * n_species_;
    for (int p = first_[i]; p < first_[i + 1]; ++p) {
      const int j = list.neighbor[p];
      pairs_[p] = {list.shift[p], limits[species_[j]], j, species_[j]};
      const Vec3 image = list.shift[p] * built_inverse_;
      for (int a = 0; a < 3; ++a) image_[p][a] = static_cast<int16_t>(std::lround(image[a]));
    }
  }
  ++builds_;
  valid_ = true;
  // The shifts come from integer images always, so that they do not depend on when the list was built.
  Reshift(cell);
  return absl::OkStatus();
}

void VerletList::Reshift(const Mat3& cell) {
  cell_ = cell;
  for (size_t p = 0; p < pairs_.size(); ++p) {
    const auto& n = image_[p];
    pairs_[p].shift = Vec3{double(n[0]), double(n[1]), double(n[2])} * cell;
  }
}

double VerletList::AppendPairs(const std::vector<Vec3>& positions, int first_atom, PairList* pairs) const {
  const size_t before = pairs->center.size();
  const size_t most = before + pairs_.size();
  pairs->center.resize(most);
  pairs->neighbor.resize(most);
  pairs->neighbor_species.resize(most);
  pairs->displacement.resize(most);
  int* center = pairs->center.data();
  int* neighbor = pairs->neighbor.data();
  int* neighbor_species = pairs->neighbor_species.data();
  Vec3* displacement = pairs->displacement.data();
  const double cutoff2 = options_.cutoff * options_.cutoff;
  double closest2 = std::numeric_limits<double>::infinity();
  size_t k = before;
  for (size_t i = 0; i < positions.size(); ++i) {
    const Vec3 origin = positions[i];
    for (int p = first_[i]; p < first_[i + 1]; ++p) {
      const Pair& pair = pairs_[p];
      const Vec3 d = positions[pair.neighbor] + pair.shift - origin;
      const double r2 = Dot(d, d);
      // Written always, kept by advancing k: a branch here would be mispredicted for every third pair.
      center[k] = first_atom + static_cast<int>(i);
      neighbor[k] = first_atom + pair.neighbor;
      neighbor_species[k] = pair.neighbor_species;
      displacement[k] = d;
      k += r2 < cutoff2;
      closest2 = std::min(closest2, r2 * pair.inverse_limit2);
    }
  }
  pairs->center.resize(k);
  pairs->neighbor.resize(k);
  pairs->neighbor_species.resize(k);
  pairs->displacement.resize(k);
  pairs->n_atoms = first_atom + static_cast<int>(positions.size());
  const bool watched = !options_.minimum_distance.empty();
  return watched ? std::sqrt(closest2) : std::numeric_limits<double>::infinity();
}

}  // namespace superion
