// How far apart independently trained potentials lie, beyond the noise of their runs.
#pragma once

#include <vector>

namespace superion::analysis {

struct MemberValue {
  double value = 0.0;  // ln σ
  double s = 0.0;      // its standard deviation from sampling
};

struct CommitteeSpread {
  double s = 0.0;                // standard deviation of a member's true value, median-unbiased
  double low = 0.0, high = 0.0;  // 95 % interval of it; low 0: the members may well be equal
  double mean = 0.0;             // weighted mean over the members
};

// Random-effects model value_k ~ N(mean, s² + s_k²): Q(s) = Σ (value_k - mean)²/(s² + s_k²) is χ² with k-1
// degrees of freedom at the true s (Paule & Mandel 1982; Viechtbauer, Stat. Med. 26, 37 (2007),
// doi:10.1002/sim.2514). Needs two members with s above zero.
CommitteeSpread SpreadOf(const std::vector<MemberValue>& members);

}  // namespace superion::analysis
