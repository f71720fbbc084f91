#include "analysis/structure/distance_bins.h"

#include <algorithm>
#include <cmath>

#include "analysis/structure/neighbor_cells.h"
#include "analysis/structure/snapshot.h"

namespace superion::analysis {
namespace {

constexpr size_t kChunk = 256;
constexpr size_t kManyPartners = 2000;
// Adding and taking away 1.5 · 2^52 rounds to the nearest integer in a way that every instruction set can do.
constexpr double kRound = 6755399441055744.0;

// Bin of the distance of every nearest image; `n_bins` where it lies beyond. Two copies of the code, since
// what a plain x86-64 offers is half as fast; both give the same bits (no fused operations).
__attribute__((target_clones("avx2", "default"))) void Bins(const double* a, const double* b, const double* c,
                                                            size_t n, const Vec3& from, const Mat3& cell,
                                                            double inverse_width, double n_bins, int* out) {
  const double fa = from[0], fb = from[1], fc = from[2];
  const double c00 = cell[0][0], c01 = cell[0][1], c02 = cell[0][2];
  const double c10 = cell[1][0], c11 = cell[1][1], c12 = cell[1][2];
  const double c20 = cell[2][0], c21 = cell[2][1], c22 = cell[2][2];
  for (size_t k = 0; k < n; ++k) {
    double sa = a[k] - fa, sb = b[k] - fb, sc = c[k] - fc;
    sa -= (sa + kRound) - kRound;
    sb -= (sb + kRound) - kRound;
    sc -= (sc + kRound) - kRound;
    const double x = sa * c00 + sb * c10 + sc * c20;
    const double y = sa * c01 + sb * c11 + sc * c21;
    const double z = sa * c02 + sb * c12 + sc * c22;
    const double bin = __builtin_sqrt(x * x + y * y + z * z) * inverse_width;
    out[k] = static_cast<int>(bin < n_bins ? bin : n_bins);
  }
}

}  // namespace

bool CellsPay(size_t partners, double r_max, const Mat3& cell) {
  return partners > kManyPartners && r_max < InscribedRadius(cell) / 2.0;
}

FractionalPoints Fractional(const std::vector<Vec3>& positions, const std::vector<size_t>& atoms,
                            const Mat3& inverse_cell) {
  FractionalPoints out;
  for (auto* axis : {&out.a, &out.b, &out.c}) axis->reserve(atoms.size());
  for (size_t i : atoms) {
    const Vec3 s = positions[i] * inverse_cell;
    out.a.push_back(s[0] - std::floor(s[0]));
    out.b.push_back(s[1] - std::floor(s[1]));
    out.c.push_back(s[2] - std::floor(s[2]));
  }
  return out;
}

void AddMinimumImageDistances(const FractionalPoints& points, size_t first, size_t last, const Vec3& from,
                              const Mat3& cell, const DistanceBins& bins, uint32_t* histogram) {
  int found[kChunk];
  const auto n_bins = static_cast<int>(bins.n);
  for (size_t begin = first; begin < last; begin += kChunk) {
    const size_t n = std::min(kChunk, last - begin);
    Bins(&points.a[begin], &points.b[begin], &points.c[begin], n, from, cell, 1.0 / bins.width,
         static_cast<double>(bins.n), found);
    for (size_t k = 0; k < n; ++k) {
      const int beyond = n_bins + static_cast<int>(k % 4);
      ++histogram[found[k] < n_bins ? found[k] : beyond];
    }
  }
}

void AddImageDistances(const FractionalPoints& from, const FractionalPoints& to, bool same, const Mat3& cell,
                       const DistanceBins& bins, uint32_t* histogram) {
  std::vector<Vec3> fractions;
  for (size_t j = 0; j < to.size(); ++j) fractions.push_back(to[j]);
  const NeighborCells cells(fractions, cell, bins.r_max());
  for (size_t i = 0; i < from.size(); ++i) {
    cells.ForEach(from[i], [&](size_t j, const Vec3&, double square) {
      if (same && i == j && square < 1e-12) return;
      const auto bin = static_cast<size_t>(std::sqrt(square) / bins.width);
      if (bin < bins.n) ++histogram[bin];
    });
  }
}

}  // namespace superion::analysis
