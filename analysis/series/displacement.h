// Mean-square and cross displacements over all time origins (conductivity.md, section 3.1), and the same at
// few lags with the sums kept apart by block of origins, which errors need.
#pragma once

#include <span>
#include <vector>

namespace superion::analysis {

using Components = std::vector<std::vector<double>>;  // [d][n_samples]

// MSD(m) = <|x(i+m) - x(i)|²> over the n-m origins, m = 0 .. n-1, summed over the components. O(n log n); the
// decomposition S1 - 2 S2 of Kneller et al., Comput. Phys. Commun. 91, 191 (1995),
// doi:10.1016/0010-4655(95)00048-K.
std::vector<double> MeanSquareDisplacement(const Components& x);

// <[a(i+m) - a(i)] · [b(i+m) - b(i)]>, same shapes.
std::vector<double> CrossDisplacement(const Components& a, const Components& b);

// 1 = lags[0] < lags[1] < … <= longest, about `per_decade` of them in a decade.
std::vector<size_t> LogSpacedLags(size_t longest, double per_decade);

// Sums of |x(i+m) - x(i)|² (and of its square) for m in `lags` and origins i in block b of `n_blocks` equal
// blocks. Origins are taken every max(1, m/16) samples: overlapping windows carry no more information (the
// variance grows by less than 1 %).
struct BlockedSums {
  std::vector<size_t> lags;
  size_t n_blocks = 0;
  std::vector<double> sum, sum_fourth;  // [n_blocks][lags]
  std::vector<double> count;            // [n_blocks][lags] origins

  size_t index(size_t block, size_t lag) const { return block * lags.size() + lag; }
  void Add(const BlockedSums& other);  // of another particle: same lags and blocks; sums add, counts too
  std::vector<double> Mean() const;    // [lags], over all blocks
  std::vector<double> MeanWithout(size_t block) const;
  double Fourth(size_t lag) const;  // <r⁴>
};
BlockedSums BlockedDisplacement(std::span<const std::span<const double>> x, const std::vector<size_t>& lags,
                                size_t n_blocks);
BlockedSums BlockedDisplacement(const Components& x, const std::vector<size_t>& lags, size_t n_blocks);

// Displacement at a lag in samples, not beyond the last of `lags`: linear between neighbours.
double AtLag(const std::vector<double>& displacement, const std::vector<size_t>& lags, double lag);

}  // namespace superion::analysis
