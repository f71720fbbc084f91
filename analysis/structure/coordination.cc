#include "analysis/structure/coordination.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/parallel.h"
#include "analysis/structure/neighbor_cells.h"

namespace superion::analysis {

double ShannonEntropy(std::span<const double> probabilities) {
  double sum = 0.0;
  for (double p : probabilities) {
    if (p > 0.0) sum -= p * std::log(p);
  }
  return sum;
}

Coordination::Coordination(const AtomTable& atoms, const std::string& centre, const std::string& neighbor,
                           std::vector<double> cutoffs, int threads)
    : centres_(atoms.of.at(centre)),
      neighbors_(atoms.of.at(neighbor)),
      cutoffs_(std::move(cutoffs)),
      threads_(threads),
      probability_(cutoffs_.size(), BlockMean(kMost + 1)) {}

std::vector<double> Coordination::Count(const Snapshot& frame) const {
  const Mat3 inverse = Inverse(frame.cell);
  std::vector<Vec3> fractions;
  for (size_t j : neighbors_) fractions.push_back(frame.positions[j] * inverse);
  const NeighborCells cells(fractions, frame.cell, *std::max_element(cutoffs_.begin(), cutoffs_.end()));
  std::vector<double> counts(cutoffs_.size() * (kMost + 1), 0.0);
  std::vector<size_t> n(cutoffs_.size());
  for (size_t i : centres_) {
    std::fill(n.begin(), n.end(), 0);
    cells.ForEach(frame.positions[i] * inverse, [&](size_t j, const Vec3&, double square) {
      if (neighbors_[j] == i && square < 1e-12) return;
      for (size_t c = 0; c < cutoffs_.size(); ++c) n[c] += square <= cutoffs_[c] * cutoffs_[c] ? 1 : 0;
    });
    for (size_t c = 0; c < cutoffs_.size(); ++c) counts[c * (kMost + 1) + std::min(n[c], kMost)] += 1.0;
  }
  return counts;
}

void Coordination::Add(std::span<const Snapshot> frames) {
  std::vector<std::vector<double>> counts(frames.size());
  ParallelFor(frames.size(), threads_, [&](size_t k) { counts[k] = Count(frames[k]); });
  for (size_t k = 0; k < frames.size(); ++k) {
    for (size_t c = 0; c < cutoffs_.size(); ++c) {
      probability_[c].Add(frames[k].block, std::span(counts[k]).subspan(c * (kMost + 1), kMost + 1),
                          static_cast<double>(centres_.size()));
    }
  }
}

Estimate Coordination::Mean(size_t cutoff) const {
  std::vector<double> blocks;
  for (size_t b = 0; b < probability_[cutoff].blocks(); ++b) {
    const auto p = probability_[cutoff].OfBlock(b);
    double mean = 0.0;
    for (size_t n = 0; n < p.size(); ++n) mean += static_cast<double>(n) * p[n];
    blocks.push_back(mean);
  }
  return MeanOfBlocks(blocks);
}

Estimate Coordination::LabelEntropy(size_t cutoff) const {
  std::vector<double> blocks;
  for (size_t b = 0; b < probability_[cutoff].blocks(); ++b)
    blocks.push_back(ShannonEntropy(probability_[cutoff].OfBlock(b)));
  // The value of all data together; the blocks, of fewer, only tell the error.
  return {ShannonEntropy(probability_[cutoff].Mean()), MeanOfBlocks(blocks).error};
}

}  // namespace superion::analysis
