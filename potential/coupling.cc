#include "potential/coupling.h"

#include <cmath>
#include <cstdlib>
#include <numbers>

#include "potential/spherical_harmonics.h"

namespace superion {
namespace {

struct QuadraturePoint {
  double weight;
  double y[kMaxLm];
};

// Gauss-Legendre nodes in cos(theta) times equidistant angles phi: exact for products of three harmonics of
// degree <= 5 (polynomials of degree 15), so the coefficients come from integrals without conventions to get
// wrong.
std::vector<QuadraturePoint> SphereQuadrature() {
  constexpr int kNodes = 8, kAngles = 16;
  std::vector<QuadraturePoint> points;
  for (int i = 0; i < kNodes; ++i) {
    double z = std::cos(std::numbers::pi * (i + 0.75) / (kNodes + 0.5)), slope = 0.0;
    for (int iteration = 0; iteration < 20; ++iteration) {
      double previous = 1.0, value = z;
      for (int n = 2; n <= kNodes; ++n) {
        const double next = ((2 * n - 1) * z * value - (n - 1) * previous) / n;
        previous = value;
        value = next;
      }
      slope = kNodes * (z * value - previous) / (z * z - 1.0);
      z -= value / slope;
    }
    const double weight = 2.0 / ((1.0 - z * z) * slope * slope) / (2.0 * kAngles);
    const double s = std::sqrt(1.0 - z * z);
    for (int j = 0; j < kAngles; ++j) {
      const double phi = 2.0 * std::numbers::pi * (j + 0.5) / kAngles;
      QuadraturePoint point{weight, {}};
      SphericalHarmonics<kMaxDegree, double>(s * std::cos(phi), s * std::sin(phi), z, point.y);
      points.push_back(point);
    }
  }
  return points;
}

}  // namespace

std::vector<CouplingPath> CouplingPaths(int l_max) {
  std::vector<CouplingPath> paths;
  for (int l1 = 0; l1 <= l_max; ++l1)
    for (int l2 = 0; l2 <= l_max; ++l2)
      for (int l3 = 0; l3 <= l_max; ++l3)
        if (std::abs(l1 - l2) <= l3 && l3 <= l1 + l2 && (l1 + l2 + l3) % 2 == 0)
          paths.push_back({l1, l2, l3});
  return paths;
}

std::vector<CouplingTerm> CouplingTerms(int l_max) {
  const std::vector<QuadraturePoint> points = SphereQuadrature();
  const std::vector<CouplingPath> paths = CouplingPaths(l_max);
  std::vector<CouplingTerm> terms;
  for (size_t q = 0; q < paths.size(); ++q) {
    const auto [l1, l2, l3] = paths[q];
    const size_t first = terms.size();
    double sum = 0.0;
    for (int lm3 = l3 * l3; lm3 < (l3 + 1) * (l3 + 1); ++lm3)
      for (int lm1 = l1 * l1; lm1 < (l1 + 1) * (l1 + 1); ++lm1)
        for (int lm2 = l2 * l2; lm2 < (l2 + 1) * (l2 + 1); ++lm2) {
          double integral = 0.0;
          for (const QuadraturePoint& p : points) integral += p.weight * p.y[lm1] * p.y[lm2] * p.y[lm3];
          if (std::abs(integral) < 1e-10) continue;
          terms.push_back({static_cast<int>(q), lm1, lm2, lm3, integral});
          sum += integral * integral;
        }
    const double scale = std::sqrt((2 * l3 + 1) / sum);
    for (size_t t = first; t < terms.size(); ++t) terms[t].value *= scale;
  }
  return terms;
}

}  // namespace superion
