// Built-in exact oracle: Morse + screened Coulomb (+ angular) between ions of fixed charges, after the
// bond-valence force fields of the program nap (doi:10.21105/joss.02768). Every pair term is shifted in value
// and slope at the cutoff: V_s(r) = V(r) - V(rc) - V'(rc)(r - rc).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "dft_adapter/labeler.h"

namespace superion {

struct MorseTerm {
  double d_ev = 0.0, alpha_per_angstrom = 0.0, rmin_angstrom = 0.0;  // D [(exp(a (rmin - r)) - 1)^2 - 1]
};

// Centre species j-i-k: alpha exp(beta/(r_ij - rc) + beta/(r_ik - rc)) (cos theta - gamma)^2 for r_ij, r_ik <
// rc, every unordered pair of neighbors once.
struct AngularTerm {
  std::string center, first, second;
  double cutoff_angstrom = 0.0, alpha_ev = 0.0, beta_angstrom = 0.0, gamma = 0.0;
};

struct IonParameters {
  double valence = 0.0, radius_angstrom = 0.0;
  int principal_quantum_number = 1;
};

using SpeciesPair = std::pair<std::string, std::string>;  // in alphabetic order

struct MorseCoulombSettings {
  double cutoff_angstrom = 6.0;
  double fbvs = 1.0;
  std::map<std::string, IonParameters> ions;
  std::set<SpeciesPair> coulomb_pairs;  // k q_i q_j erfc(r/rho)/r, rho = R_i + R_j
  std::map<SpeciesPair, MorseTerm> morse;
  std::vector<AngularTerm> angular;
  bool stress = true;
};

// From a checked labeler object (core/labeler_spec.h).
MorseCoulombSettings MorseCoulombSettingsFromJson(const Json& labeler);

// Charges in e: V/sqrt(n) with the cations scaled by sqrt(S-/S+) and the anions by sqrt(S+/S-), where S are
// the sums of |q| of the cell; all times fbvs. InvalidArgument for a species without parameters.
absl::StatusOr<std::map<std::string, double>> FixedCharges(const MorseCoulombSettings& settings,
                                                           const Structure& structure);

// Frame with energy (eV), forces (eV/Å) and stress (eV/Å³, positive in tension) of the structure.
absl::StatusOr<Frame> ComputeMorseCoulomb(const MorseCoulombSettings& settings, const Structure& structure);

absl::StatusOr<std::unique_ptr<Labeler>> MakeMorseCoulombLabeler(const Json& checked);

}  // namespace superion
