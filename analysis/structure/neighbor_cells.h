// Points of a periodic cell sorted into bins, to visit all images of points near a place.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "core/vec3.h"

namespace superion::analysis {

// All images of points within a cutoff of a place, in any triclinic cell and for any cutoff: images are bins
// beyond the edge. Fixed order for the same input.
class NeighborCells {
 public:
  // `fractions`: fractional coordinates of the points, any image. cutoff > 0.
  NeighborCells(const std::vector<Vec3>& fractions, const Mat3& cell, double cutoff);

  // visit(index of the point, vector from `fraction` to its image in Å, squared length) for all within the
  // cutoff.
  template <typename Visit>
  void ForEach(const Vec3& fraction, const Visit& visit) const {
    const Vec3 place = Wrapped(fraction);
    const std::array<int, 3> home = BinOf(place);
    for (int i = -reach_[0]; i <= reach_[0]; ++i) {
      for (int j = -reach_[1]; j <= reach_[1]; ++j) {
        for (int k = -reach_[2]; k <= reach_[2]; ++k) {
          std::array<int, 3> bin{home[0] + i, home[1] + j, home[2] + k};
          Vec3 image;
          for (size_t x = 0; x < 3; ++x) {
            const int shift = bin[x] >= 0 ? bin[x] / n_[x] : -((n_[x] - 1 - bin[x]) / n_[x]);
            bin[x] -= shift * n_[x];
            image[x] = shift;
          }
          VisitBin(bin, (image - place) * cell_, visit);
        }
      }
    }
  }

 private:
  static Vec3 Wrapped(Vec3 s) {
    for (double& v : s) {
      v -= std::floor(v);
      if (v >= 1.0) v = 0.0;  // a tiny negative number wraps to 1
    }
    return s;
  }
  std::array<int, 3> BinOf(const Vec3& s) const {
    std::array<int, 3> bin;
    for (size_t k = 0; k < 3; ++k) bin[k] = std::min(n_[k] - 1, static_cast<int>(s[k] * n_[k]));
    return bin;
  }
  size_t Flat(const std::array<int, 3>& bin) const {
    return (static_cast<size_t>(bin[0]) * static_cast<size_t>(n_[1]) + static_cast<size_t>(bin[1])) *
               static_cast<size_t>(n_[2]) +
           static_cast<size_t>(bin[2]);
  }
  template <typename Visit>
  void VisitBin(const std::array<int, 3>& bin, const Vec3& shift, const Visit& visit) const {
    const size_t flat = Flat(bin);
    for (size_t k = first_[flat]; k < first_[flat + 1]; ++k) {
      const Vec3 d = positions_[k] + shift;
      const double square = Dot(d, d);
      if (square <= cutoff2_) visit(index_[k], d, square);
    }
  }

  Mat3 cell_;
  double cutoff2_;
  std::array<int, 3> n_{}, reach_{};
  std::vector<size_t> first_, index_;  // [bins + 1], [points]
  std::vector<Vec3> positions_;        // [points] in order of bins, Å, wrapped
};

}  // namespace superion::analysis
