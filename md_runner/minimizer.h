// Local minimisation of an energy surface that is given by a callback, so that the same code runs on a
// crystal and on a test function.
#pragma once

#include <functional>
#include <vector>

#include "core/status.h"

namespace superion {

using Coordinates = std::vector<double>;  // x y z of atom 0, then of atom 1, …; or any other

struct SurfacePoint {
  double energy = 0.0;
  Coordinates forces;  // -dE/dx, as long as the point
};
// Evaluates several points at once, in order; an error ends the search.
using EnergySurface =
    std::function<absl::StatusOr<std::vector<SurfacePoint>>(const std::vector<Coordinates>&)>;

struct FireOptions {
  double first_step = 0.1, largest_step = 0.3;  // of time, for unit mass
  double largest_move = 0.1;                    // of one coordinate in a step
};

// Fast inertial relaxation: Bitzek, Koskinen, Gähler, Moseler & Gumbsch, Phys. Rev. Lett. 97, 170201 (2006),
// doi:10.1103/PhysRevLett.97.170201, with the parameters given there.
class Fire {
 public:
  explicit Fire(const FireOptions& options) : options_(options), dt_(options.first_step) {}
  // Moves `x` by one step with the forces at `x`.
  void Step(const Coordinates& forces, Coordinates* x);

 private:
  FireOptions options_;
  double dt_;
  double mixing_ = 0.1;
  int downhill_ = 0;
  Coordinates velocity_;
};

// Largest norm of a group of `block` coordinates: of the force on an atom with 3.
double LargestBlock(const Coordinates& forces, int block);

struct MinimizeOptions {
  double force_tolerance = 0.01;  // of the force on one atom
  int max_steps = 2000;
  int block = 3;
  FireOptions fire;
};

struct Minimum {
  Coordinates x;
  SurfacePoint point;
  double max_force = 0.0;
  int steps = 0;
  bool converged = false;
};
absl::StatusOr<Minimum> Minimize(const EnergySurface& surface, Coordinates x, const MinimizeOptions& options);

}  // namespace superion
