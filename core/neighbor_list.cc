#include "core/neighbor_list.h"

#include <algorithm>
#include <climits>

namespace superion {
namespace {

using Index3 = std::array<int, 3>;

// Slightly widens the search so that a pair exactly at the cutoff is not lost to rounding of fractional
// coordinates.
constexpr double kWiden = 1.0 + 1e-9;
constexpr double kSmallestHeight = 1e-3;  // Å
constexpr int kMostImages = 4096;         // per direction

struct Image {
  int neighbor;
  Index3 cell;
  bool operator<(const Image& o) const {
    return neighbor != o.neighbor ? neighbor < o.neighbor : cell < o.cell;
  }
};

// Vectors of non-periodic directions are replaced by unit vectors perpendicular to all others: they may be
// missing in the input, and only have to span space.
Mat3 SpanningCell(const Structure& s) {
  Mat3 cell = s.cell;
  for (int k = 0; k < 3; ++k) {
    if (!s.pbc[k]) cell[k] = {0, 0, 0};
  }
  for (int k = 0; k < 3; ++k) {
    if (s.pbc[k]) continue;
    const Vec3 &a = cell[(k + 1) % 3], &b = cell[(k + 2) % 3];
    Vec3 normal = Cross(a, b);
    if (Norm(normal) == 0.0) {  // at most one other vector is known: any direction perpendicular to it
      const Vec3 known = Norm(a) > 0 ? a : b;
      const auto by_size = [](double x, double y) { return std::abs(x) < std::abs(y); };
      const auto least = std::min_element(known.begin(), known.end(), by_size) - known.begin();
      Vec3 axis{0, 0, 0};
      axis[Norm(known) > 0 ? least : k] = 1.0;
      normal = Norm(known) > 0 ? Cross(known, axis) : axis;
    }
    cell[k] = (1.0 / Norm(normal)) * normal;
  }
  return cell;
}

class CellGrid {
 public:
  CellGrid(const Structure& s, double cutoff) : s_(s), cutoff_(cutoff), cell_(SpanningCell(s)) {}

  absl::Status Fill() {
    SUPERION_RETURN_IF_ERROR(ComputeHeights());
    Wrap();
    SUPERION_RETURN_IF_ERROR(ChooseBins());
    bins_.resize(size_t(n_bins_[0]) * n_bins_[1] * n_bins_[2]);
    for (size_t i = 0; i < s_.size(); ++i) bins_[Flat(bin_of_[i])].push_back(static_cast<int>(i));
    return absl::OkStatus();
  }

  // All pairs of atom i in order of neighbor and image.
  void Collect(int i, std::vector<Image>* found) const {
    found->clear();
    Index3 step;
    for (step[0] = -reach_[0]; step[0] <= reach_[0]; ++step[0]) {
      for (step[1] = -reach_[1]; step[1] <= reach_[1]; ++step[1]) {
        for (step[2] = -reach_[2]; step[2] <= reach_[2]; ++step[2]) CollectBin(i, step, found);
      }
    }
    std::sort(found->begin(), found->end());
  }

  Vec3 Shift(const Index3& image) const {
    return Vec3{double(image[0]), double(image[1]), double(image[2])} * cell_;
  }

 private:
  absl::Status ComputeHeights() {
    const double volume = std::abs(Determinant(cell_));
    for (int k = 0; k < 3; ++k) {
      const double height = volume / Norm(Cross(cell_[(k + 1) % 3], cell_[(k + 2) % 3]));
      if (!(height >= kSmallestHeight)) {
        return InvalidArgument(
            "neighbor list: the cell has a height of {} Å along {} (expected at least {} Å)", height,
            "abc"[k], kSmallestHeight);
      }
      height_[k] = height;
    }
    return absl::OkStatus();
  }

  // Fractional coordinates in [0, 1] along periodic directions, with the image they came from.
  void Wrap() {
    const Mat3 inverse = Inverse(cell_);
    for (const Vec3& position : s_.positions) {
      Vec3 f = position * inverse;
      Vec3 image{};
      for (int k = 0; k < 3; ++k) {
        if (!s_.pbc[k]) continue;
        image[k] = std::floor(f[k]);
        f[k] -= image[k];
      }
      fraction_.push_back(f);
      origin_.push_back(image);
    }
  }

  absl::Status ChooseBins() {
    for (int k = 0; k < 3; ++k) {
      if (!s_.pbc[k]) MeasureExtent(k);
      const double bins = std::floor(extent_[k] * height_[k] / (cutoff_ * kWiden));
      n_bins_[k] = static_cast<int>(std::clamp(bins, 1.0, 1e6));
    }
    // Never many more bins than atoms; wider bins stay correct.
    const double most = 8.0 * double(s_.size()) + 64;
    while (double(n_bins_[0]) * n_bins_[1] * n_bins_[2] > most) {
      int& largest = *std::max_element(n_bins_.begin(), n_bins_.end());
      largest = (largest + 1) / 2;
    }
    for (int k = 0; k < 3; ++k) {
      const double width = extent_[k] * height_[k] / n_bins_[k];
      const double reach = std::ceil(cutoff_ * kWiden / width);
      if (s_.pbc[k] && reach > kMostImages) {
        return InvalidArgument("neighbor list: a cutoff of {} Å reaches {} images along {} (at most {})",
                               cutoff_, reach, "abc"[k], kMostImages);
      }
      reach_[k] = s_.pbc[k] ? int(reach) : int(std::min(reach, double(n_bins_[k])));
    }
    for (const Vec3& f : fraction_) bin_of_.push_back(BinOf(f));
    return absl::OkStatus();
  }

  void MeasureExtent(int k) {
    double low = fraction_[0][k], high = low;
    for (const Vec3& f : fraction_) low = std::min(low, f[k]), high = std::max(high, f[k]);
    low_[k] = low;
    extent_[k] = std::max(high - low, 1e-3);
  }

  Index3 BinOf(const Vec3& f) const {
    Index3 bin;
    for (int k = 0; k < 3; ++k) {
      const int b = static_cast<int>((f[k] - low_[k]) / extent_[k] * n_bins_[k]);
      bin[k] = std::clamp(b, 0, n_bins_[k] - 1);
    }
    return bin;
  }

  size_t Flat(const Index3& bin) const {
    return (size_t(bin[0]) * n_bins_[1] + bin[1]) * n_bins_[2] + bin[2];
  }

  void CollectBin(int i, const Index3& step, std::vector<Image>* found) const {
    Index3 bin, image{};
    for (int k = 0; k < 3; ++k) {
      const int b = bin_of_[i][k] + step[k];
      image[k] = b >= 0 ? b / n_bins_[k] : -((n_bins_[k] - 1 - b) / n_bins_[k]);
      if (image[k] != 0 && !s_.pbc[k]) return;
      bin[k] = b - image[k] * n_bins_[k];
    }
    for (const int j : bins_[Flat(bin)]) {
      Index3 total;
      for (int k = 0; k < 3; ++k) total[k] = image[k] + int(origin_[i][k] - origin_[j][k]);
      if (i == j && total == Index3{0, 0, 0}) continue;
      // The difference first: then (i, j, n) and (j, i, -n) see the same distance to the bit.
      const Vec3 d = (s_.positions[j] - s_.positions[i]) + Shift(total);
      if (Dot(d, d) <= cutoff_ * cutoff_) found->push_back({j, total});
    }
  }

  const Structure& s_;
  const double cutoff_;
  const Mat3 cell_;
  Vec3 height_{}, low_{0, 0, 0}, extent_{1, 1, 1};  // extent: in fractions of the cell vector
  Index3 n_bins_{}, reach_{};
  std::vector<Vec3> fraction_, origin_;
  std::vector<Index3> bin_of_;
  std::vector<std::vector<int>> bins_;
};

absl::Status CheckInput(const Structure& s, double cutoff) {
  if (!(cutoff > 0) || !std::isfinite(cutoff)) {
    return InvalidArgument("neighbor list: the cutoff is {} Å (expected a positive number)", cutoff);
  }
  for (size_t i = 0; i < s.size(); ++i) {
    for (const double x : s.positions[i]) {
      if (!(std::abs(x) < 1e8))
        return InvalidArgument("neighbor list: atom {} has the coordinate {} Å", i + 1, x);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NeighborList> BuildNeighborList(const Structure& structure, double cutoff) {
  SUPERION_RETURN_IF_ERROR(CheckInput(structure, cutoff));
  NeighborList list;
  list.first.push_back(0);
  if (structure.size() == 0) return list;
  CellGrid grid(structure, cutoff);
  SUPERION_RETURN_IF_ERROR(grid.Fill());
  std::vector<Image> found;
  for (size_t i = 0; i < structure.size(); ++i) {
    grid.Collect(static_cast<int>(i), &found);
    if (list.neighbor.size() + found.size() > size_t{INT_MAX}) {
      return ResourceExhausted("neighbor list: more than {} pairs within {} Å", INT_MAX, cutoff);
    }
    for (const Image& image : found) {
      list.neighbor.push_back(image.neighbor);
      list.shift.push_back(grid.Shift(image.cell));
    }
    list.first.push_back(static_cast<int>(list.neighbor.size()));
  }
  return list;
}

}  // namespace superion
