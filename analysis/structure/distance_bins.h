// Histograms of distances between two sets of points in a periodic cell: the inner loop of the pair
// distribution and of the distinct van Hove function.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vec3.h"

namespace superion::analysis {

// Fractional coordinates of a set of points, one array per axis.
struct FractionalPoints {
  std::vector<double> a, b, c;

  size_t size() const { return a.size(); }
  Vec3 operator[](size_t i) const { return {a[i], b[i], c[i]}; }
};
FractionalPoints Fractional(const std::vector<Vec3>& positions, const std::vector<size_t>& atoms,
                            const Mat3& inverse_cell);

struct DistanceBins {
  double width = 0.0;  // Å
  size_t n = 0;

  double r_max() const { return width * static_cast<double>(n); }
  double inner(size_t bin) const { return width * static_cast<double>(bin); }
  double middle(size_t bin) const { return width * (static_cast<double>(bin) + 0.5); }
  // Length of a histogram: the last four places take what lies beyond, in turn, so that no increment waits
  // for the one before.
  size_t slots() const { return n + 4; }
};

// True when sorting into cells (AddImageDistances) pays against trying all partners.
bool CellsPay(size_t partners, double r_max, const Mat3& cell);

// Adds the distances of the nearest images between points[first .. last-1] and `from` to
// histogram[bins.slots()]. Exact below InscribedRadius.
void AddMinimumImageDistances(const FractionalPoints& points, size_t first, size_t last, const Vec3& from,
                              const Mat3& cell, const DistanceBins& bins, uint32_t* histogram);

// Adds the distances from every point of `from` to every image of every point of `to` up to the last bin,
// by cells: exact for any cell and any range. With `same`, a point is not its own neighbour, but its images
// are.
void AddImageDistances(const FractionalPoints& from, const FractionalPoints& to, bool same, const Mat3& cell,
                       const DistanceBins& bins, uint32_t* histogram);

}  // namespace superion::analysis
