#include "analysis/structure/density_peaks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/structure/snapshot.h"

namespace superion::analysis {
namespace {

constexpr double kCentroidRadius = 0.6;  // Å
constexpr int kRefinements = 5;

class Grid {
 public:
  Grid(const std::array<size_t, 3>& shape, const Mat3& cell) : shape_(shape), cell_(cell) {}

  size_t Flat(const std::array<size_t, 3>& at) const {
    return (at[0] * shape_[1] + at[1]) * shape_[2] + at[2];
  }
  std::array<size_t, 3> Unflat(size_t flat) const {
    return {flat / (shape_[1] * shape_[2]), flat / shape_[2] % shape_[1], flat % shape_[2]};
  }
  // The box some steps away.
  std::array<size_t, 3> Step(const std::array<size_t, 3>& at, const std::array<long, 3>& by) const {
    std::array<size_t, 3> out;
    for (size_t k = 0; k < 3; ++k) {
      const long n = static_cast<long>(shape_[k]);
      out[k] = static_cast<size_t>(((static_cast<long>(at[k]) + by[k]) % n + n) % n);
    }
    return out;
  }
  Vec3 Middle(size_t flat) const {
    const auto at = Unflat(flat);
    Vec3 s;
    for (size_t k = 0; k < 3; ++k) s[k] = (static_cast<double>(at[k]) + 0.5) / static_cast<double>(shape_[k]);
    return s;
  }
  double Spacing(size_t axis) const { return Norm(cell_[axis]) / static_cast<double>(shape_[axis]); }
  const Mat3& cell() const { return cell_; }
  const std::array<size_t, 3>& shape() const { return shape_; }

 private:
  std::array<size_t, 3> shape_;
  Mat3 cell_;
};

// One pass of [1/4, 1/2, 1/4] along an axis: a variance of half a squared spacing.
void SmoothOnce(const Grid& grid, size_t axis, std::vector<double>* density) {
  size_t stride = 1;
  for (size_t k = axis + 1; k < 3; ++k) stride *= grid.shape()[k];
  const size_t n = grid.shape()[axis];
  std::vector<double> line(n);
  for (size_t first = 0; first < density->size(); ++first) {
    if (first / stride % n != 0) continue;
    for (size_t i = 0; i < n; ++i) line[i] = (*density)[first + i * stride];
    for (size_t i = 0; i < n; ++i)
      (*density)[first + i * stride] = 0.5 * line[i] + 0.25 * (line[(i + 1) % n] + line[(i + n - 1) % n]);
  }
}

void Smooth(const Grid& grid, double sd, std::vector<double>* density) {
  for (size_t axis = 0; axis < 3; ++axis) {
    const double h = grid.Spacing(axis);
    const auto passes = static_cast<int>(std::lround(std::min(64.0, 2.0 * sd * sd / (h * h))));
    for (int k = 0; k < passes; ++k) SmoothOnce(grid, axis, density);
  }
}

bool IsMaximum(const Grid& grid, const std::vector<double>& density, size_t flat) {
  const auto at = grid.Unflat(flat);
  for (long i = -1; i <= 1; ++i) {
    for (long j = -1; j <= 1; ++j) {
      for (long k = -1; k <= 1; ++k) {
        const size_t other = grid.Flat(grid.Step(at, {i, j, k}));
        if (other == flat) continue;
        // Of equal neighbours the first one counts.
        if (density[other] > density[flat] || (density[other] == density[flat] && other < flat)) return false;
      }
    }
  }
  return true;
}

// Centroid of the density within a sphere about a place, fractional, any image.
Vec3 Centroid(const Grid& grid, const std::vector<double>& density, const Vec3& place) {
  std::array<long, 3> reach, home;
  for (size_t k = 0; k < 3; ++k) {
    const long n = static_cast<long>(grid.shape()[k]);
    home[k] = static_cast<long>(std::floor(place[k] * static_cast<double>(n)));
    reach[k] = std::min(static_cast<long>(std::ceil(kCentroidRadius / grid.Spacing(k))) + 1, (n - 1) / 2);
  }
  Vec3 sum{};
  double weight = 0.0;
  for (long i = home[0] - reach[0]; i <= home[0] + reach[0]; ++i) {
    for (long j = home[1] - reach[1]; j <= home[1] + reach[1]; ++j) {
      for (long k = home[2] - reach[2]; k <= home[2] + reach[2]; ++k) {
        Vec3 d;
        const std::array<long, 3> at{i, j, k};
        for (size_t c = 0; c < 3; ++c)
          d[c] = (static_cast<double>(at[c]) + 0.5) / static_cast<double>(grid.shape()[c]) - place[c];
        if (Norm(d * grid.cell()) > kCentroidRadius) continue;
        const double w = density[grid.Flat(grid.Step({0, 0, 0}, at))];
        sum += w * d;
        weight += w;
      }
    }
  }
  return weight > 0.0 ? place + (1.0 / weight) * sum : place;
}

Vec3 Refined(const Grid& grid, const std::vector<double>& density, size_t peak) {
  Vec3 out = grid.Middle(peak);
  for (int k = 0; k < kRefinements; ++k) out = Centroid(grid, density, out);
  for (double& v : out) v -= std::floor(v);
  return out;
}

}  // namespace

std::vector<Vec3> DensityMaxima(const std::vector<double>& given, const std::array<size_t, 3>& shape,
                                const Mat3& cell, const PeakOptions& options) {
  const Grid grid(shape, cell);
  std::vector<double> density = given;
  Smooth(grid, options.smoothing_angstrom, &density);
  const double highest = density.empty() ? 0.0 : *std::max_element(density.begin(), density.end());
  std::vector<size_t> peaks;
  for (size_t k = 0; k < density.size(); ++k) {
    if (highest > 0.0 && density[k] >= options.lowest_share * highest && IsMaximum(grid, density, k))
      peaks.push_back(k);
  }
  std::stable_sort(peaks.begin(), peaks.end(), [&](size_t a, size_t b) { return density[a] > density[b]; });
  const Mat3 inverse = Inverse(cell);
  std::vector<Vec3> out;
  for (size_t peak : peaks) {
    const Vec3 place = Refined(grid, density, peak);
    const bool apart = std::all_of(out.begin(), out.end(), [&](const Vec3& other) {
      return Norm(MinimumImage((place - other) * cell, cell, inverse)) >= options.separation_angstrom;
    });
    if (apart) out.push_back(place);
  }
  return out;
}

}  // namespace superion::analysis
