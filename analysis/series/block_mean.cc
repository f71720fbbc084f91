#include "analysis/series/block_mean.h"

#include <cmath>
#include <limits>

#include "core/status.h"

namespace superion::analysis {
namespace {

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

void BlockMean::Reach(size_t block) {
  while (sums_.size() <= block) {
    sums_.emplace_back(n_, 0.0);
    weights_.emplace_back(n_, 0.0);
  }
}

void BlockMean::Add(size_t block, std::span<const double> values, double weight) {
  SUPERION_CHECK(values.size() == n_);
  Reach(block);
  for (size_t k = 0; k < n_; ++k) {
    sums_[block][k] += values[k];
    weights_[block][k] += weight;
  }
}

void BlockMean::Add(size_t block, std::span<const double> values, std::span<const double> weights) {
  SUPERION_CHECK(values.size() == n_ && weights.size() == n_);
  Reach(block);
  for (size_t k = 0; k < n_; ++k) {
    sums_[block][k] += values[k];
    weights_[block][k] += weights[k];
  }
}

double BlockMean::weight(size_t point) const {
  double weight = 0.0;
  for (const auto& block : weights_) weight += block[point];
  return weight;
}

double BlockMean::MeanAt(size_t point) const {
  double sum = 0.0;
  for (const auto& block : sums_) sum += block[point];
  const double w = weight(point);
  return w > 0.0 ? sum / w : kNotKnown;
}

std::vector<double> BlockMean::Mean() const {
  std::vector<double> out(n_);
  for (size_t k = 0; k < n_; ++k) out[k] = MeanAt(k);
  return out;
}

std::vector<double> BlockMean::OfBlock(size_t b) const {
  std::vector<double> out(n_, kNotKnown);
  for (size_t k = 0; k < n_; ++k) {
    if (weights_[b][k] > 0.0) out[k] = sums_[b][k] / weights_[b][k];
  }
  return out;
}

std::vector<double> BlockMean::StandardError() const {
  std::vector<double> out(n_);
  std::vector<double> means;
  for (size_t k = 0; k < n_; ++k) {
    means.clear();
    for (size_t b = 0; b < sums_.size(); ++b) {
      if (weights_[b][k] > 0.0) means.push_back(sums_[b][k] / weights_[b][k]);
    }
    out[k] = MeanOfBlocks(means).error;
  }
  return out;
}

Estimate MeanOfBlocks(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  if (values.empty()) return {kNotKnown, kNotKnown};
  double mean = 0.0, squares = 0.0;
  for (double v : values) mean += v / n;
  if (values.size() < 2) return {mean, kNotKnown};
  for (double v : values) squares += (v - mean) * (v - mean);
  return {mean, std::sqrt(squares / (n - 1.0) / n)};
}

}  // namespace superion::analysis
