// Pair distribution functions and running coordination numbers (conductivity.md, section 10).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/distance_bins.h"
#include "analysis/structure/snapshot.h"

namespace superion::analysis {

// g_AB(r) = V/(N_A N_B') <pairs with r in the bin>/(4π/3 (r2³ - r1³)), N_B' = N_B - δ_AB; n_AB(r) = mean
// number of B within r of an A, counted (not integrated).
struct PairDistribution {
  std::string a, b;
  BlockMean g, coordination_ab, coordination_ba;  // [bins]; coordination up to the outer edge of the bin
};

class RadialDistribution {
 public:
  struct Options {
    double r_max_angstrom = 10.0;
    double bin_angstrom = 0.02;
    // false: r_max is cut to the largest sphere in the cell and only nearest images count. true: any r_max,
    // every image counts (an atom's own images too).
    bool images = false;
    int threads = 1;
  };
  RadialDistribution(const AtomTable& atoms, const Options& options);

  void Add(std::span<const Snapshot> frames);

  const std::vector<PairDistribution>& pairs() const { return pairs_; }
  const DistanceBins& bins() const { return bins_; }
  // Bins that hold complete spheres in every frame so far.
  size_t complete_bins() const;
  bool images() const { return options_.images; }

 private:
  std::vector<std::vector<uint32_t>> Histograms(const Snapshot& frame) const;  // [pairs][slots]
  void Merge(const Snapshot& frame, const std::vector<std::vector<uint32_t>>& histograms);

  const AtomTable& atoms_;
  Options options_;
  DistanceBins bins_;
  double smallest_radius_ = 1e300;
  std::vector<PairDistribution> pairs_;
};

}  // namespace superion::analysis
