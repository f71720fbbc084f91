#include "md_runner/verlet_list.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/neighbor_list.h"

namespace superion {
namespace {

// Where the cell-linked search begins to win (measured: at 96 atoms the direct one is 20 times as fast).
constexpr size_t kMostAtomsSearchedDirectly = 1500;
constexpr double kMostImages = 1000.0;  // per direction
constexpr double kFarthest = 1.5e4;     // cells; images are kept in 16 bits

// std::floor is a call into the library on the oldest processors that we compile for.
int Floor(double x) {
  const int n = static_cast<int>(x);
  return n - (n > x);
}

}  // namespace

VerletList::VerletList(std::vector<std::string> species_names, std::vector<int> species, int n_species,
                       VerletOptions options)
    : species_(std::move(species)), n_species_(n_species), options_(std::move(options)) {
  built_.species = std::move(species_names);
  by_species_.resize(species_.size());
  std::iota(by_species_.begin(), by_species_.end(), 0);
  std::stable_sort(by_species_.begin(), by_species_.end(),
                   [&](int a, int b) { return species_[a] < species_[b]; });
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
  valid_ = false;
  built_.cell = cell;
  built_.positions = positions;
  built_inverse_ = Inverse(cell);
  first_.clear();
  pairs_.clear();
  images_.clear();
  image_index_.clear();
  if (positions.size() <= kMostAtomsSearchedDirectly) {
    SUPERION_RETURN_IF_ERROR(SearchDirectly());
  } else {
    SUPERION_RETURN_IF_ERROR(SearchByCells());
  }
  ++builds_;
  valid_ = true;
  Reshift(cell);
  return absl::OkStatus();
}

void VerletList::Add(int j, const Image& image) {
  int index = pairs_.empty() ? 0 : pairs_.back().image;  // the next pair has the same, as a rule
  if (pairs_.empty() || images_[index] != image) {
    const auto [at, is_new] = image_index_.try_emplace(image, static_cast<int>(images_.size()));
    if (is_new) images_.push_back(image);
    index = at->second;
  }
  pairs_.push_back({j, index});
}

absl::Status VerletList::FindFractions() {
  fractions_.clear();
  for (const Vec3& r : built_.positions) {
    const Vec3 s = r * built_inverse_;
    for (const double x : s) {
      if (std::abs(x) < kFarthest) continue;
      return FailedPrecondition("Verlet list: atom {} is {} cells away from its start", fractions_.size() + 1,
                                x);
    }
    fractions_.push_back(s);
  }
  return absl::OkStatus();
}

absl::Status VerletList::SearchByCells() {
  SUPERION_ASSIGN_OR_RETURN(const NeighborList list,
                            BuildNeighborList(built_, options_.cutoff + options_.skin));
  SUPERION_RETURN_IF_ERROR(FindFractions());
  first_ = list.first;
  for (size_t i = 0; i + 1 < first_.size(); ++i) {
    for (int z = 0; z < n_species_; ++z) {
      for (int p = first_[i]; p < first_[i + 1]; ++p) {
        if (species_[list.neighbor[p]] != z) continue;
        const Vec3 n = list.shift[p] * built_inverse_;
        Add(list.neighbor[p],
            {int16_t(std::lround(n[0])), int16_t(std::lround(n[1])), int16_t(std::lround(n[2]))});
      }
    }
  }
  return absl::OkStatus();
}

// Every pair of atoms, and of its images only those that the distances between the faces of the cell leave
// possible: one or two for a cell about as wide as the search radius. A search by cells would look at all 27
// there.
absl::Status VerletList::SearchDirectly() {
  const double radius = options_.cutoff + options_.skin;
  Vec3 reach;  // in fractions of the cell: radius / distance between faces
  for (int a = 0; a < 3; ++a) {
    const Vec3 face{built_inverse_[0][a], built_inverse_[1][a], built_inverse_[2][a]};
    reach[a] = radius * Norm(face);
    if (!(reach[a] < kMostImages)) {
      return InvalidArgument("Verlet list: the cell is too thin for a cutoff of {} Å ({} images along {})",
                             options_.cutoff, reach[a], "abc"[a]);
    }
  }
  SUPERION_RETURN_IF_ERROR(FindFractions());
  first_.push_back(0);
  for (size_t i = 0; i < built_.positions.size(); ++i) {
    for (const int j : by_species_) SearchImages(static_cast<int>(i), j, reach);
    first_.push_back(static_cast<int>(pairs_.size()));
  }
  return absl::OkStatus();
}

void VerletList::SearchImages(int i, int j, const Vec3& reach) {
  const double radius = options_.cutoff + options_.skin;
  const Vec3 s = fractions_[j] - fractions_[i];
  int low[3], high[3];
  for (int a = 0; a < 3; ++a) {
    high[a] = Floor(reach[a] - s[a]);
    low[a] = -Floor(reach[a] + s[a]);
    if (low[a] > high[a]) return;
  }
  const Mat3& cell = built_.cell;
  const Vec3 d = built_.positions[j] - built_.positions[i];
  for (int x = low[0]; x <= high[0]; ++x) {
    const Vec3 dx = d + double(x) * cell[0];
    for (int y = low[1]; y <= high[1]; ++y) {
      const Vec3 dy = dx + double(y) * cell[1];
      for (int z = low[2]; z <= high[2]; ++z) {
        const Vec3 r = dy + double(z) * cell[2];
        if (Dot(r, r) > radius * radius || (i == j && x == 0 && y == 0 && z == 0)) continue;
        Add(j, {int16_t(x), int16_t(y), int16_t(z)});
      }
    }
  }
}

void VerletList::Reshift(const Mat3& cell) {
  cell_ = cell;
  shifts_.clear();
  for (const Image& n : images_) shifts_.push_back(Vec3{double(n[0]), double(n[1]), double(n[2])} * cell);
}

double VerletList::WritePairs(const std::vector<Vec3>& positions, int first_atom, size_t first_pair,
                              PairList* pairs) const {
  const size_t most = first_pair + pairs_.size();
  pairs->center.resize(most);
  pairs->neighbor.resize(most);
  pairs->neighbor_species.resize(most);
  pairs->displacement.resize(most);
  int* center = pairs->center.data();
  int* __restrict neighbor = pairs->neighbor.data();
  int* __restrict neighbor_species = pairs->neighbor_species.data();
  Vec3* __restrict displacement = pairs->displacement.data();
  const Vec3* __restrict r = positions.data(), * __restrict shift = shifts_.data();
  const int* __restrict species = species_.data();
  const double cutoff2 = options_.cutoff * options_.cutoff;
  double closest2 = std::numeric_limits<double>::infinity();
  size_t k = first_pair;
  for (size_t i = 0; i < positions.size(); ++i) {
    const Vec3 origin = r[i];
    const double* inverse_limit2 = inverse_limit2_.data() + static_cast<size_t>(species[i]) * n_species_;
    const Pair* const end = pairs_.data() + first_[i + 1];
    const size_t own = k;
    for (const Pair* pair = pairs_.data() + first_[i]; pair != end; ++pair) {
      const int j = pair->neighbor, z = species[j];
      const Vec3 &to = r[j], &offset = shift[pair->image];
      const double dx = to[0] + offset[0] - origin[0], dy = to[1] + offset[1] - origin[1],
                   dz = to[2] + offset[2] - origin[2];
      const double r2 = dx * dx + dy * dy + dz * dz;
      // Written always, kept by advancing k: a branch here would be mispredicted for every third pair.
      neighbor[k] = first_atom + j;
      neighbor_species[k] = z;
      displacement[k][0] = dx, displacement[k][1] = dy, displacement[k][2] = dz;
      k += r2 < cutoff2;
      closest2 = std::min(closest2, r2 * inverse_limit2[z]);
    }
    std::fill(center + own, center + k, first_atom + static_cast<int>(i));
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
