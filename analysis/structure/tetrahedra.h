// Tetrahedra of the framework, their angles and how fast these turn (conductivity.md, section 10).
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/snapshot.h"
#include "core/status.h"

namespace superion::analysis {

struct Tetrahedron {
  int centre = -1;                  // index of the atom in the middle, -1 for an empty one
  std::array<size_t, 4> corners{};  // indices of atoms
};

// Units AX4: every atom of `centre` with its four nearest of `corner`. An atom whose fifth neighbour is
// nearer than 1.15 times the fourth is left out and counted in `ambiguous`.
std::vector<Tetrahedron> BondedTetrahedra(const AtomTable& atoms, const Snapshot& frame,
                                          const std::string& centre, const std::string& corner,
                                          size_t* ambiguous);

// Empty tetrahedra of one species: all sets of four atoms whose six distances are below `longest_edge` Å (in
// the bcc lattice of lattice constant a: 1.2 a gives its 6 tetrahedral interstices per atom). The longest
// edge must be shorter than half the cell.
std::vector<Tetrahedron> EmptyTetrahedra(const AtomTable& atoms, const Snapshot& frame,
                                         const std::string& species, double longest_edge);

// The 12 angles corner-corner-corner (4 faces of 3), degrees: θ = acos(d_ij · d_ik/(d_ij d_ik)). Nearest
// images. 60 each in an ideal AX4; 8 of 54.7356 and 4 of 70.5288 in the empty tetrahedron of a bcc lattice.
std::array<double, 12> FaceAngles(const Tetrahedron& tetrahedron, const Snapshot& frame, const Mat3& inverse);

struct MeanAndSpread {
  Estimate mean, sd;  // errors from those of the blocks
};

// Sums of a quantity and of its square by block, of the values themselves: those of a histogram are off by up
// to half a bin. The values are taken from `pivot` on, so that nothing cancels in the spread of narrow ones.
class MomentSums {
 public:
  explicit MomentSums(double pivot = 0.0) : pivot_(pivot) {}
  void Add(size_t block, std::span<const double> values);
  MeanAndSpread Result() const;

 private:
  double pivot_;
  BlockMean sums_{2};
};

// Distribution of the angles, and of their angular velocity [θ(t+h) - θ(t-h)]/(2h), h the interval of frames,
// both as it is and low-passed. The series of every angle is kept for `segment` frames, then filtered
// (mirrored at its ends), counted and dropped.
class TetrahedronMotion {
 public:
  struct Options {
    double interval_ps = 0.0;
    double cutoff_thz = 0.149896229;  // 5 cm⁻¹
    size_t segment = 1 << 15;
    double angle_bin = 0.5;           // degrees
    double velocity_max = 1.0;        // degrees/fs
    double slow_velocity_max = 0.05;  // degrees/fs, low-passed
    size_t velocity_bins = 400;
    int threads = 1;
  };
  TetrahedronMotion(std::vector<Tetrahedron> tetrahedra, const Options& options);
  void Add(std::span<const Snapshot> frames);
  // Counts what the last segment holds; call after the last frame of every seed.
  void EndSeed();

  // Distributions over bins: angle and low-passed angle over 0 .. 180 degrees; velocities over ±max; what
  // lies beyond is missing from the integral.
  const BlockMean& angle() const { return angle_; }
  const BlockMean& slow_angle() const { return slow_angle_; }
  const BlockMean& velocity() const { return velocity_; }
  const BlockMean& slow_velocity() const { return slow_velocity_; }
  // Of the same values, those beyond the bins too.
  MeanAndSpread angle_moments() const { return moments_.angle.Result(); }                  // degrees
  MeanAndSpread velocity_moments() const { return moments_.velocity.Result(); }            // degrees/fs
  MeanAndSpread slow_velocity_moments() const { return moments_.slow_velocity.Result(); }  // degrees/fs
  const std::vector<Tetrahedron>& tetrahedra() const { return tetrahedra_; }
  const Options& options() const { return options_; }
  size_t angle_bins() const { return angle_.size(); }

 private:
  struct Counts;
  void Flush();
  void AddCounts(const Counts& counts);
  Counts CountSeries(std::span<const float> series) const;
  std::vector<Tetrahedron> tetrahedra_;
  Options options_;
  size_t block_ = 0;
  std::vector<std::vector<float>> series_;  // [12 n][frames] degrees
  BlockMean angle_, slow_angle_, velocity_, slow_velocity_;
  struct {
    MomentSums angle{60.0}, velocity, slow_velocity;
  } moments_;
};

}  // namespace superion::analysis
