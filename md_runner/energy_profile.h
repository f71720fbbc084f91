// Energy along a path from the energies and forces of its images.
#pragma once

#include <cstddef>
#include <vector>

namespace superion {

// Piecewise cubic that has the given energies and slopes at the images (Hermite form; Henkelman & Jónsson,
// J. Chem. Phys. 113, 9978 (2000), appendix).
class EnergyProfile {
 public:
  // `arc` rises strictly, at least two points; `tangential` is the force along the path, -dE/ds.
  EnergyProfile(std::vector<double> arc, std::vector<double> energy, const std::vector<double>& tangential);

  double Energy(double s) const;  // outside of the path: of its ends
  double Slope(double s) const;

  struct Extremum {
    double s = 0.0, energy = 0.0;
  };
  // Of all extrema inside the segments and the images themselves.
  Extremum Highest() const;
  // Minima strictly inside the path that lie more than `depth` below the lower of the highest points on
  // either side.
  std::vector<Extremum> InnerMinima(double depth) const;
  double length() const { return arc_.back(); }

 private:
  size_t Segment(double s) const;
  std::vector<Extremum> Extrema() const;  // in order, with both ends

  std::vector<double> arc_, energy_, slope_;
};

}  // namespace superion
