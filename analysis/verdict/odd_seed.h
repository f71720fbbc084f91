// Is one run in another phase? Its mean potential energy says so before its σ does (gate G6).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace superion::analysis {

struct OddSeed {
  size_t seed = 0;             // the one farthest from the mean of the others
  double difference_ev = 0.0;  // per atom, from that mean
  double standard_error_ev = 0.0;
  bool differs = false;  // by more than five standard errors and more than 5 % of kT per atom
};

// `energies`: potential energy of the cell in eV, one series per seed, after equilibration. Nothing for fewer
// than 2 seeds, or when a seed has fewer than 20 values.
std::optional<OddSeed> FindOddSeed(const std::vector<std::vector<double>>& energies, double n_atoms,
                                   double temperature_k);

}  // namespace superion::analysis
