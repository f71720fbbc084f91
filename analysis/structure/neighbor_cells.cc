#include "analysis/structure/neighbor_cells.h"

#include <algorithm>

#include "core/status.h"

namespace superion::analysis {

NeighborCells::NeighborCells(const std::vector<Vec3>& fractions, const Mat3& cell, double cutoff)
    : cell_(cell), cutoff2_(cutoff * cutoff) {
  SUPERION_CHECK(cutoff > 0.0);
  const double volume = std::abs(Determinant(cell));
  const int most = std::max(1, static_cast<int>(std::cbrt(2.0 * static_cast<double>(fractions.size()))));
  for (size_t k = 0; k < 3; ++k) {
    const double height = volume / Norm(Cross(cell[(k + 1) % 3], cell[(k + 2) % 3]));
    n_[k] = std::clamp(static_cast<int>(std::min(1e6, 2.0 * height / cutoff)), 1, most);
    // One more bin than the cutoff spans is never needed: the place lies inside its own bin.
    reach_[k] = static_cast<int>(std::ceil(cutoff * (1.0 + 1e-12) * n_[k] / height));
  }
  const size_t bins = static_cast<size_t>(n_[0]) * static_cast<size_t>(n_[1]) * static_cast<size_t>(n_[2]);
  first_.assign(bins + 1, 0);
  std::vector<size_t> bin_of;
  bin_of.reserve(fractions.size());
  for (const Vec3& s : fractions) {
    bin_of.push_back(Flat(BinOf(Wrapped(s))));
    ++first_[bin_of.back() + 1];
  }
  for (size_t b = 0; b < bins; ++b) first_[b + 1] += first_[b];
  std::vector<size_t> next(first_.begin(), first_.end() - 1);
  index_.resize(fractions.size());
  positions_.resize(fractions.size());
  for (size_t i = 0; i < fractions.size(); ++i) {
    const size_t place = next[bin_of[i]]++;
    index_[place] = i;
    positions_[place] = Wrapped(fractions[i]) * cell;
  }
}

}  // namespace superion::analysis
