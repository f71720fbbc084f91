// From an architecture to the templates of pair_terms.h.
#pragma once

#include <type_traits>

#include "potential/model.h"
#include "potential/pair_terms.h"

namespace superion {

template <typename Real>
PairSetting<Real> MakePairSetting(const ModelArchitecture& a, double density_scale) {
  SUPERION_CHECK(a.n_radial <= kMaxRadial && a.l_max <= kMaxDegree);
  return {a.n_radial,
          a.n_lm(),
          a.n_density(),
          a.cutoff_power,
          a.smoothstep,
          static_cast<Real>(a.cutoff_angstrom),
          static_cast<Real>(density_scale)};
}

// Calls body(std::integral_constant<int, l_max>).
template <typename Body>
void WithDegree(int l_max, const Body& body) {
  switch (l_max) {
    case 0:
      return body(std::integral_constant<int, 0>{});
    case 1:
      return body(std::integral_constant<int, 1>{});
    case 2:
      return body(std::integral_constant<int, 2>{});
    case 3:
      return body(std::integral_constant<int, 3>{});
    case 4:
      return body(std::integral_constant<int, 4>{});
    case 5:
      return body(std::integral_constant<int, 5>{});
  }
  SUPERION_CHECK(false && "l_max is checked by CheckArchitecture");
}

}  // namespace superion
