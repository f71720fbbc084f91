// Mean-square displacements of bound atoms from their mean places, and what a periodic cell takes from them
// (conductivity.md, section 9).
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/snapshot.h"

namespace superion::analysis {

// <u_x²> of every species, u measured from the mean place of each atom over its whole seed.
class BFactor {
 public:
  explicit BFactor(const AtomTable& atoms) : atoms_(atoms) {}
  // `mean_places`: [n_atoms] means of `unwrapped` over the seed that begins.
  void BeginSeed(std::vector<Vec3> mean_places) { mean_places_ = std::move(mean_places); }
  void Add(std::span<const Snapshot> frames);

  // <u_x²>, <u_y²>, <u_z²> in Å² and their mean, one value per block; B = 8π² times it.
  std::array<Estimate, 4> MeanSquare(const std::string& species) const;

 private:
  const AtomTable& atoms_;
  std::vector<Vec3> mean_places_;
  std::vector<BlockMean> sums_;  // [names], 3 points each
};

// B = 8π² <u_x²>, Å².
double DebyeWallerB(double mean_square_angstrom2);

// How much <u_x²> of a harmonic solid in a periodic cube of edge L falls short of the infinite crystal:
// ξ kB T/(4π L M), ξ = 2.837297 the constant of the simple cubic lattice sum, M the modulus of a scalar
// field of displacements (k/a for springs k on a simple cubic lattice of constant a). Å, eV, eV/Å³.
double PeriodicShortfall(double kt_ev, double length_angstrom, double modulus_ev_per_angstrom3);

// The same for <|u|²> of an isotropic elastic solid: ξ kB T/(4π L) [1/(λ + 2μ) + 2/μ]. Å, eV, eV/Å³.
double ElasticShortfall(double kt_ev, double length_angstrom, double lambda_ev_per_angstrom3,
                        double mu_ev_per_angstrom3);

}  // namespace superion::analysis
