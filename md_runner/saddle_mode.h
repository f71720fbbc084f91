// Lowest vibrations of a stationary point from finite differences of forces: is a saddle one of first order?
#pragma once

#include <vector>

#include "md_runner/minimizer.h"

namespace superion {

struct ModeOptions {
  double displacement = 0.01;  // norm of the steps, Å
  int max_iterations = 200;
  double tolerance = 1e-3;  // of an eigenvalue, relative to itself
  uint64_t seed = 1;
};

struct Mode {
  double eigenvalue = 0.0;  // of M^{-1/2} H M^{-1/2}, energy/(length² mass)
  Coordinates vector;       // unit, mass-weighted
  double residual = 0.0;    // |H v - λ v|
  int iterations = 0;
};

// The `count` lowest modes, one after another by the Lanczos method (Lanczos, J. Res. Natl. Bur. Stand. 45,
// 255 (1950)) with each found mode projected out before the next, so that degenerate ones are counted.
// `masses`: of every coordinate. `excluded`: mass-weighted orthonormal vectors without a restoring force
// (translations). `start`: a guess of the lowest mode, unweighted; may be empty.
absl::StatusOr<std::vector<Mode>> LowestModes(const EnergySurface& surface, const Coordinates& x,
                                              const std::vector<double>& masses,
                                              std::vector<Coordinates> excluded, const Coordinates& start,
                                              int count, const ModeOptions& options);

// Three mass-weighted unit vectors of the translations of atoms with the given masses.
std::vector<Coordinates> Translations(const std::vector<double>& atom_masses);

// ν in THz of an eigenvalue in eV/(Å² u); negative for an imaginary one.
double FrequencyThz(double eigenvalue);

}  // namespace superion
