// Minimum-energy path between two minima: climbing-image nudged elastic band with improved tangents.
// Henkelman & Jónsson, J. Chem. Phys. 113, 9978 (2000), doi:10.1063/1.1323224 (tangents, equations 8-12);
// Henkelman, Uberuaga & Jónsson, J. Chem. Phys. 113, 9901 (2000), doi:10.1063/1.1329672 (climbing image).
#pragma once

#include <functional>
#include <vector>

#include "md_runner/minimizer.h"

namespace superion {

struct NebOptions {
  int images = 7;       // between the ends
  double spring = 5.0;  // eV/Å²
  double force_tolerance =
      0.03;                  // eV/Å, of the force across the path on one atom; of the whole force at the top
  double climb_below = 0.5;  // eV/Å: the highest image climbs once the band is this relaxed
  int max_steps = 1000;
  int block = 3;
  FireOptions fire;
  std::function<void(int step, double max_force)> on_step;  // may be empty
};

// Images 0 .. n+1 with the two ends.
struct Band {
  std::vector<Coordinates> images;
  std::vector<SurfacePoint> points;
  std::vector<double> arc;            // length of the path up to the image, Å
  std::vector<double> tangential;     // force along the path, eV/Å: -dE/ds
  std::vector<Coordinates> tangents;  // unit vectors towards the next image
  int saddle = -1;                    // image that climbed; -1: no image lies above both its neighbours
  double max_force = 0.0;             // what force_tolerance is about
  int steps = 0;
  bool converged = false;
};

// Starts from the straight line between the ends, which are not moved: they should be minima. InvalidArgument
// for ends of different size or fewer than one image, FailedPrecondition where the energy is not finite.
absl::StatusOr<Band> FindPath(const EnergySurface& surface, const Coordinates& initial,
                              const Coordinates& final, const NebOptions& options);

}  // namespace superion
