// Mass-weighted velocity autocorrelation of every species, from frames that stream by.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/snapshot.h"

namespace superion::analysis {

// Σ_i m_i <v_i(0) · v_i(t)> over the atoms of a species, u Å²/ps², by the Wiener–Khinchin theorem: stretches
// of frames are kept, transformed zero-padded, and dropped; no product across two stretches.
class VelocityCorrelation {
 public:
  struct Options {
    double interval_ps = 0.0;
    size_t longest = 0;           // lags 0 .. longest
    bool from_positions = false;  // velocities are (r(t+h) - r(t))/h
    size_t most_bytes =
        512u << 20;             // kept at a time; with too many atoms for it every k-th of a species is used
    size_t stretch = 1u << 16;  // frames at most
    int threads = 1;
  };
  VelocityCorrelation(const AtomTable& atoms, const Options& options);
  void Add(std::span<const Snapshot> frames);
  void EndSeed();  // after the last frame of every seed

  struct Species {
    std::string name;
    size_t atoms = 0;          // in the cell
    BlockMean correlation{0};  // [longest + 1], scaled to all atoms
    double mass_u = 0.0;       // mean of the species
  };
  const std::vector<Species>& species() const { return species_; }
  const Options& options() const { return options_; }
  size_t atoms_used() const { return used_.size(); }

 private:
  void Flush();
  std::vector<double> PowerOf(size_t begin, size_t end, size_t n_fft) const;
  Options options_;
  std::vector<Species> species_;
  std::vector<size_t> used_, species_of_;  // atom, species: used atoms in order of species
  std::vector<double> masses_, scale_;     // of used atoms; of species
  size_t block_ = 0, stretch_ = 0;
  std::vector<std::vector<double>> series_;  // [3 used][frames]
  std::vector<Vec3> last_;                   // positions of the frame before, of used atoms
};

}  // namespace superion::analysis
