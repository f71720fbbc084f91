// How single ions move (self van Hove function, α2, incoherent scattering) and where the others are meanwhile
// (distinct van Hove function): conductivity.md, section 10; van Hove, Phys. Rev. 95, 249 (1954),
// doi:10.1103/PhysRev.95.249.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/displacement_windows.h"
#include "analysis/structure/distance_bins.h"
#include "analysis/structure/snapshot.h"

namespace superion::analysis {

// Curves of one species at one time lag.
struct SelfAtLag {
  BlockMean density{0};     // G_s(r, t), Å⁻³; ∫ 4π r² G_s dr + beyond = 1
  BlockMean moments{3};     // <r²>, <r⁴>, share of displacements beyond the last bin
  BlockMean scattering{0};  // F_s(q, t) of every vector
};

class SelfVanHove {
 public:
  struct Options {
    DistanceBins bins{0.1, 100};
    std::vector<Vec3> wave_vectors;  // 1/Å, with 2π
    int threads = 1;
  };
  SelfVanHove(const AtomTable& atoms, const std::string& species, size_t n_lags, const Options& options);
  void Add(std::span<const FramePair> pairs);

  const std::vector<SelfAtLag>& lags() const { return lags_; }
  const Options& options() const { return options_; }
  const std::string& species() const { return species_; }

 private:
  std::vector<size_t> members_;
  std::string species_;
  Options options_;
  std::vector<SelfAtLag> lags_;
};

// 3 <r⁴>/(5 <r²>²) - 1, by moments that were averaged first; 0 for Gaussian displacements.
double NonGaussian(double second_moment, double fourth_moment);

class DistinctVanHove {
 public:
  // G_d(r, t)/ρ = V/(N(N-1)) <ions j ≠ i with |r_j(0) - r_i(t)| in the bin>/shell: 1 far away and for an
  // ideal gas. Nearest images of both times; r_max at most the largest sphere in the cell.
  DistinctVanHove(const AtomTable& atoms, const std::string& species, size_t n_lags, const DistanceBins& bins,
                  int threads);
  void Add(std::span<const FramePair> pairs);

  const std::vector<BlockMean>& lags() const { return lags_; }
  size_t complete_bins() const;
  const DistanceBins& bins() const { return bins_; }
  const std::string& species() const { return species_; }

 private:
  std::vector<uint32_t> Histogram(const FramePair& pair) const;
  void RemoveOwn(const FractionalPoints& after, const FractionalPoints& before, const Mat3& cell,
                 std::vector<uint32_t>* histogram) const;
  std::vector<size_t> members_;
  std::string species_;
  DistanceBins bins_;
  int threads_;
  double smallest_radius_ = 1e300;
  std::vector<BlockMean> lags_;
};

// Reciprocal lattice vectors (with 2π) of about each wanted length, at most `most` of each, one of ±q; where
// none lies within a fifth of the length, the nearest.
std::vector<Vec3> WaveVectors(const Mat3& cell, const std::vector<double>& lengths, size_t most);

}  // namespace superion::analysis
