// Coordination numbers for a list of cutoffs, and the Shannon entropy of their distribution
// (conductivity.md, section 10).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/snapshot.h"

namespace superion::analysis {

// P(n; rc): share of the `centre` ions with n `neighbor` atoms within rc, over ions and frames.
class Coordination {
 public:
  Coordination(const AtomTable& atoms, const std::string& centre, const std::string& neighbor,
               std::vector<double> cutoffs, int threads);
  void Add(std::span<const Snapshot> frames);

  static constexpr size_t kMost = 60;  // coordination numbers 0 .. kMost; what is above counts there
  const std::vector<double>& cutoffs() const { return cutoffs_; }
  const BlockMean& probability(size_t cutoff) const { return probability_[cutoff]; }  // [kMost + 1]
  Estimate Mean(size_t cutoff) const;
  // -Σ P ln P in kB with 0 ln 0 = 0: the entropy of the label n of one ion. It depends on rc and is no
  // thermodynamic configurational entropy.
  Estimate LabelEntropy(size_t cutoff) const;

 private:
  std::vector<double> Count(const Snapshot& frame) const;  // [cutoffs][kMost + 1]
  std::vector<size_t> centres_, neighbors_;
  std::vector<double> cutoffs_;
  int threads_;
  std::vector<BlockMean> probability_;
};

double ShannonEntropy(std::span<const double> probabilities);  // kB

}  // namespace superion::analysis
