// Coupling coefficients of real spherical harmonics, docs/potential_model.md equation 5.
#pragma once

#include <vector>

namespace superion {

struct CouplingPath {
  int l1, l2, l3;
};
struct CouplingTerm {
  int path;           // index into the list of paths
  int lm1, lm2, lm3;  // l² + l + m
  double value;
};

// All paths with l1, l2, l3 <= l_max and even sum, lexicographic.
std::vector<CouplingPath> CouplingPaths(int l_max);
// Non-zero coefficients of all paths, ordered by path, then lm3, lm1, lm2.
std::vector<CouplingTerm> CouplingTerms(int l_max);

}  // namespace superion
