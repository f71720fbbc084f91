#include "analysis/extrapolation/committee.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/distributions.h"

namespace superion::analysis {
namespace {

double Mean(const std::vector<MemberValue>& members, double spread2) {
  double w = 0.0, sum = 0.0;
  for (const auto& m : members) {
    const double weight = 1.0 / (spread2 + m.s * m.s);
    w += weight;
    sum += weight * m.value;
  }
  return sum / w;
}

double Q(const std::vector<MemberValue>& members, double spread2) {
  const double mean = Mean(members, spread2);
  double q = 0.0;
  for (const auto& m : members) q += (m.value - mean) * (m.value - mean) / (spread2 + m.s * m.s);
  return q;
}

// The spread at which Q is `wanted`; Q falls with it.
double Solve(const std::vector<MemberValue>& members, double wanted) {
  if (Q(members, 0.0) <= wanted) return 0.0;
  double low = 0.0, high = 1e-12;
  while (Q(members, high) > wanted) high *= 4.0;
  for (int step = 0; step < 200; ++step) {
    const double middle = 0.5 * (low + high);
    (Q(members, middle) > wanted ? low : high) = middle;
  }
  return std::sqrt(0.5 * (low + high));
}

}  // namespace

CommitteeSpread SpreadOf(const std::vector<MemberValue>& members) {
  const double dof = static_cast<double>(members.size()) - 1.0;
  CommitteeSpread out;
  out.s = Solve(members, ChiSquareQuantile(0.5, dof));
  out.low = Solve(members, ChiSquareQuantile(0.975, dof));
  out.high = Solve(members, ChiSquareQuantile(0.025, dof));
  out.mean = Mean(members, out.s * out.s);
  return out;
}

}  // namespace superion::analysis
