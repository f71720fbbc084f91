// Electrostatic energy of charges in a periodic cell: Ewald summation in double precision (P. P. Ewald,
// Ann. Phys. 369, 253 (1921); notation of doi:10.1063/1.470043).
#pragma once

#include <vector>

#include "core/structure.h"

namespace superion {

struct EwaldOptions {
  // The Coulomb interaction is split into erf(alpha r)/r, summed over reciprocal vectors, and erfc(alpha
  // r)/r, summed over pairs. 1/Å; 0: what balances the two sums.
  double alpha = 0.0;
  // Without the second part the charges are Gaussians: smooth at short range and exact beyond about
  // 3 / alpha. This is what a learned short-ranged potential is put on top of.
  bool real_space = true;
  double accuracy = 1e-9;  // weight of the last term of each sum relative to the first
};

struct ElectrostaticResult {
  double energy = 0.0;             // eV
  std::vector<double> potentials;  // [n_atoms] eV/e: derivative of the energy with the charge
  std::vector<Vec3> forces;        // [n_atoms, 3] eV/Å
  Mat3 virial{};                   // eV; stress = -virial / volume
};

// Charges in e, [n_atoms]. The interaction of a charge with itself is left out. A charged cell is neutralised
// by a uniform background. Tin-foil boundary: no surface term. InvalidArgument unless the structure is
// periodic in three directions and there is one finite charge per atom.
absl::StatusOr<ElectrostaticResult> EwaldSum(const Structure& structure, const std::vector<double>& charges,
                                             const EwaldOptions& options = {});

}  // namespace superion
