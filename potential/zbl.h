// Screened nuclear repulsion at short distance (Ziegler, Biersack, Littmark 1985), equation 8 of
// docs/potential_model.md: nothing that is learned has to know collisions.
#pragma once

#include <vector>

#include "potential/density.h"
#include "potential/model.h"

namespace superion {

class ZblCore {
 public:
  // The architecture's species must be known elements (CheckArchitecture); scale 0 switches the core off.
  ZblCore(const ModelArchitecture& architecture, double scale);

  // Energy of one pair (eV) at distance r (Å), zero beyond its range; *slope = dV/dr (eV/Å).
  double Pair(int species_i, int species_j, double r, double* slope) const;
  double range(int species_i, int species_j) const {
    return terms_[species_i * n_species_ + species_j].range;
  }

  // Adds to atom_energies [n_atoms] (half of each pair to either atom), forces [n_atoms, 3] and virial what
  // the pairs of a full (directed) list contribute; any may be null. Returns the energy.
  double Add(const std::vector<int>& species, const PairList& pairs, double* atom_energies, Vec3* forces,
             Mat3* virial) const;

 private:
  struct Term {
    double range = 0.0, prefactor = 0.0, inverse_length = 0.0;
  };
  int n_species_;
  double max_range_ = 0.0;
  std::vector<Term> terms_;  // [n_species, n_species]
};

}  // namespace superion
