#include "potential/zbl.h"

#include <algorithm>
#include <cmath>

#include "core/units.h"

namespace superion {
namespace {

constexpr double kAmplitude[4] = {0.18175, 0.50986, 0.28022, 0.02817};
constexpr double kExponent[4] = {3.19980, 0.94229, 0.40290, 0.20162};

}  // namespace

ZblCore::ZblCore(const ModelArchitecture& architecture, double scale)
    : n_species_(architecture.n_species()), terms_(static_cast<size_t>(n_species_) * n_species_) {
  for (int i = 0; i < n_species_; ++i) {
    for (int j = 0; j < n_species_; ++j) {
      const auto number_i = AtomicNumber(architecture.species[i]),
                 number_j = AtomicNumber(architecture.species[j]);
      const auto radius_i = CovalentRadius(architecture.species[i]);
      const auto radius_j = CovalentRadius(architecture.species[j]);
      SUPERION_CHECK(number_i.ok() && number_j.ok() && radius_i.ok() && radius_j.ok());
      const double z_i = *number_i, z_j = *number_j;
      Term& term = terms_[i * n_species_ + j];
      // Beyond the model's cutoff there are no pairs, so the core may not reach further.
      term.range = std::min(scale * (*radius_i + *radius_j), architecture.cutoff_angstrom);
      term.prefactor = units::kCoulomb * z_i * z_j;
      term.inverse_length = (std::pow(z_i, 0.23) + std::pow(z_j, 0.23)) / (0.8854 * units::kBohr);
      max_range_ = std::max(max_range_, term.range);
    }
  }
}

double ZblCore::Pair(int species_i, int species_j, double r, double* slope) const {
  const Term& t = terms_[species_i * n_species_ + species_j];
  *slope = 0.0;
  if (r >= t.range) return 0.0;
  double phi = 0.0, dphi = 0.0;
  for (int k = 0; k < 4; ++k) {
    const double term = kAmplitude[k] * std::exp(-kExponent[k] * t.inverse_length * r);
    phi += term;
    dphi -= kExponent[k] * t.inverse_length * term;
  }
  const double u = r / t.range, v = 1.0 - u;
  const double f = v * v * v * (1.0 + u * (3.0 + 6.0 * u)), df = -30.0 * u * u * v * v / t.range;
  const double bare = t.prefactor * phi / r, dbare = t.prefactor * (dphi / r - phi / (r * r));
  *slope = dbare * f + bare * df;
  return bare * f;
}

double ZblCore::Add(const std::vector<int>& species, const PairList& pairs, double* atom_energies,
                    Vec3* forces, Mat3* virial) const {
  double energy = 0.0;
  const double limit = max_range_ * max_range_;
  for (size_t p = 0; p < pairs.center.size(); ++p) {
    const Vec3& d = pairs.displacement[p];
    const double square = Dot(d, d);
    if (square >= limit || square == 0.0) continue;
    const int i = pairs.center[p], j = pairs.neighbor[p];
    const double r = std::sqrt(square);
    double slope;
    const double half = 0.5 * Pair(species[i], pairs.neighbor_species[p], r, &slope);
    if (half == 0.0) continue;
    energy += half;
    if (atom_energies != nullptr) atom_energies[i] += half;
    const Vec3 force_on_j = (-0.5 * slope / r) * d;
    if (forces != nullptr) forces[j] += force_on_j, forces[i] -= force_on_j;
    if (virial != nullptr) {
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) (*virial)[a][b] += d[a] * force_on_j[b];
    }
  }
  return energy;
}

}  // namespace superion
