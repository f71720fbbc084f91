// Which site every ion holds, its hops from site to site, and what a random walk of these hops would diffuse
// (conductivity.md, section 10).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/neighbor_cells.h"
#include "analysis/structure/snapshot.h"

namespace superion::analysis {

// Places of a periodic cell with a sphere around each, its core. Cores do not overlap.
struct SiteSet {
  std::vector<Vec3> fractions;
  Mat3 cell{};
  std::vector<double> core_angstrom;
  double nearest_angstrom = 0.0;  // mean distance of a site to the next, at most largest/share

  size_t size() const { return fractions.size(); }
};
// Core radius: `share` (<= 0.5) of the distance to the nearest other site (its own images count), at most
// `largest` Å.
SiteSet MakeSites(std::vector<Vec3> fractions, const Mat3& cell, double share, double largest);

// An ion holds the site whose core it entered last, once it was seen in no other core for the residence time
// after that: coming back earlier, it has not hopped. Between the cores it holds the site where it was.
class HopTracker {
 public:
  struct Event {
    size_t seed = 0, frame = 0;  // in which the new site was entered
    uint32_t ion = 0, from = 0, to = 0;
  };
  struct Options {
    double interval_ps = 0.0;
    size_t residence_frames = 0;  // 0: one sight in another core is a hop
    size_t shortest_block = 0;    // frames: displacements are measured up to half of it
    size_t cosines = 8;           // of a jump with its 1st, 2nd, … successor
    size_t most_events = 100000;  // that are kept
  };
  HopTracker(SiteSet sites, std::vector<size_t> ions, const Options& options);
  void BeginSeed();
  void Add(std::span<const Snapshot> frames);

  const SiteSet& sites() const { return sites_; }
  double hops() const;
  double returns() const { return returns_; }  // visits to another core that ended before the residence time
  double ion_time_ps() const { return ion_time_ps_; }
  Estimate Rate() const;                  // hops per ion and ps
  Estimate MeanLength() const;            // Å
  Estimate MeanSquareLength() const;      // Å²
  std::vector<Estimate> Cosines() const;  // <l_i·l_{i+k}>/<l_i²>, k = 1 ..; NaN without such pairs
  Estimate RandomDiffusion() const;       // Γ <l²>/6, Å²/ps
  // From the slope of the mean-square displacement over dyadic lags; NaN where fewer than two fit, where no
  // ion hopped (the slope of a vibration is noise) and where it is not resolved.
  Estimate TracerDiffusion() const;  // Å²/ps
  // At 95 %, Å²/ps, where TracerDiffusion is NaN: of a Poisson process that gave no hop, rate < ln 20/time of
  // the ions, of hops to the nearest site; or the slope with twice its error. NaN where neither is known.
  double DiffusionBound() const;
  Estimate CorrelationFactor() const;              // of the two
  std::pair<double, double> TracerWindow() const;  // ps
  std::vector<double> Occupation() const;          // [sites] ions on the site, mean over frames
  std::vector<double> HopsFrom() const;            // [sites]
  double CoreShare() const;                        // of ions and frames: inside a core
  const std::map<std::pair<uint32_t, uint32_t>, double>& edges() const { return edges_; }  // from, to -> hops
  const std::vector<Event>& events() const { return events_; }         // in order, the first most_events
  const std::vector<double>& length_bins() const { return lengths_; }  // hops per 0.1 Å

 private:
  static constexpr uint32_t kNoSite = UINT32_MAX;
  struct Ion {
    uint32_t site = kNoSite, candidate = kNoSite;
    size_t entry = 0;             // frame in which the candidate was entered
    Vec3 place{}, entry_place{};  // of the two sites, in the image where the ion is
    std::vector<Vec3> jumps;      // the last ones, newest at the end
  };
  struct Visit {
    uint32_t site = kNoSite;
    Vec3 to_site{};  // Å, from the ion
  };
  Visit Locate(const Vec3& fraction, uint32_t first_guess) const;
  void Follow(const Snapshot& frame, const Visit& visit, size_t member);
  void Count(size_t block, size_t member);
  void AddDisplacements(const Snapshot& frame);
  // A number of each block, and of everything.
  template <typename Number>
  Estimate OfBlocks(const Number& number) const;
  double SlopeOf(const std::vector<double>& msd) const;
  Estimate SlopeDiffusion() const;  // whatever it is worth
  std::pair<size_t, size_t> Levels() const;

  SiteSet sites_;
  Mat3 inverse_{};
  std::vector<size_t> members_;
  Options options_;
  NeighborCells cells_;
  std::vector<Ion> ions_;
  std::vector<std::vector<Vec3>> origins_;  // [levels][ions] unwrapped, 2^level frames ago at most
  BlockMean rate_{1}, length_{2}, cosine_, displacement_;
  std::vector<double> occupied_, from_, lengths_;
  std::map<std::pair<uint32_t, uint32_t>, double> edges_;
  std::vector<Event> events_;
  size_t seeds_ = 0;
  double returns_ = 0.0, ion_time_ps_ = 0.0, inside_ = 0.0, sights_ = 0.0;
};

}  // namespace superion::analysis
