// Where mobile ions sit around the bonds of the framework: distance to a corner against the angle at it
// (conductivity.md, section 10).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/snapshot.h"
#include "analysis/structure/tetrahedra.h"

namespace superion::analysis {

// For every bond A-X of the tetrahedra and every `mobile` ion within r_max of X: r = |ion - X| and the angle
// φ = A-X-ion (0: behind A, 180: straight on). `raw`: probability density of (r, φ) up to r_max; `reduced`:
// divided by what ions spread evenly in the cell give (ρ 2π r² sin φ dr dφ per bond): 1 everywhere for an
// ideal gas.
class BondAngleMap {
 public:
  struct Options {
    double r_max_angstrom = 6.0, r_bin_angstrom = 0.05, angle_bin = 2.0;  // angle in degrees
    int threads = 1;
  };
  BondAngleMap(const AtomTable& atoms, std::vector<Tetrahedron> tetrahedra, const std::string& mobile,
               const Options& options);
  void Add(std::span<const Snapshot> frames);

  size_t r_bins() const { return r_bins_; }
  size_t angle_bins() const { return angle_bins_; }
  double r(size_t bin) const { return (static_cast<double>(bin) + 0.5) * options_.r_bin_angstrom; }
  double angle(size_t bin) const { return (static_cast<double>(bin) + 0.5) * options_.angle_bin; }
  const BlockMean& raw() const { return raw_; }          // [r_bins × angle_bins] per Å and degree
  const BlockMean& reduced() const { return reduced_; }  // [r_bins × angle_bins]

 private:
  std::vector<double> Count(const Snapshot& frame) const;
  std::vector<Tetrahedron> tetrahedra_;
  std::vector<size_t> mobile_;
  Options options_;
  size_t r_bins_, angle_bins_;
  BlockMean raw_, reduced_;
};

}  // namespace superion::analysis
