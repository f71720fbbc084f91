// Means of curves with errors from blocks: conductivity.md, section 10.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace superion::analysis {

// Sums curves of n points by block (a stretch of a seed, or a whole seed). The mean is over everything, each
// sample with its weight; the standard error is that of the block means, sd/√blocks, every block counting
// alike.
class BlockMean {
 public:
  explicit BlockMean(size_t n = 0) : n_(n) {}

  // values[k] is already multiplied by `weight`: a sum over samples whose weights add to it.
  void Add(size_t block, std::span<const double> values, double weight);
  // The same, with a weight of every point.
  void Add(size_t block, std::span<const double> values, std::span<const double> weights);

  size_t size() const { return n_; }
  size_t blocks() const { return sums_.size(); }
  double weight(size_t point) const;
  std::vector<double> Mean() const;             // [n]; NaN where the weight is zero
  std::vector<double> OfBlock(size_t b) const;  // [n]
  std::vector<double> StandardError() const;    // [n]; NaN with fewer than 2 blocks of weight
  double MeanAt(size_t point) const;

 private:
  void Reach(size_t block);
  size_t n_;
  std::vector<std::vector<double>> sums_, weights_;  // [blocks][n]
};

// Mean and standard error of one number per block.
struct Estimate {
  double value = 0.0, error = 0.0;  // error NaN with fewer than 2 blocks
};
Estimate MeanOfBlocks(std::span<const double> values);

}  // namespace superion::analysis
