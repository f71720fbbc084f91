#include "potential/coupling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "potential/spherical_harmonics.h"
#include "reference_model.h"

namespace superion {
namespace {

Vec3 RandomUnit(std::mt19937_64* engine) {
  std::normal_distribution<double> gauss;
  const Vec3 v{gauss(*engine), gauss(*engine), gauss(*engine)};
  return (1.0 / Norm(v)) * v;
}

TEST(SphericalHarmonics, AgreeWithLegendreFunctionsAndAreComponentNormalised) {
  std::mt19937_64 engine(1);
  for (int k = 0; k < 50; ++k) {
    const Vec3 u = RandomUnit(&engine);
    double y[kMaxLm];
    SphericalHarmonics<kMaxDegree, double>(u[0], u[1], u[2], y);
    for (int l = 0; l <= kMaxDegree; ++l) {
      double sum = 0.0;
      for (int m = -l; m <= l; ++m) {
        EXPECT_NEAR(y[l * l + l + m], reference::Harmonic(l, m, u), 1e-12) << "l " << l << " m " << m;
        sum += y[l * l + l + m] * y[l * l + l + m];
      }
      EXPECT_NEAR(sum, 2 * l + 1, 1e-12);
    }
  }
}

TEST(SphericalHarmonics, GradientIsTheDifferenceQuotientOnTheSphere) {
  std::mt19937_64 engine(2);
  for (int k = 0; k < 20; ++k) {
    const Vec3 u = RandomUnit(&engine);
    const Vec3 t = Cross(u, RandomUnit(&engine));
    double gx[kMaxLm], gy[kMaxLm], gz[kMaxLm];
    SphericalHarmonicsGradient<kMaxDegree, double>(u[0], u[1], u[2], gx, gy, gz);
    const double step = 1e-5;
    Vec3 plus = u + step * t, minus = u - step * t;
    plus = (1.0 / Norm(plus)) * plus, minus = (1.0 / Norm(minus)) * minus;
    for (int l = 0; l <= kMaxDegree; ++l)
      for (int m = -l; m <= l; ++m) {
        const int lm = l * l + l + m;
        const double quotient =
            (reference::Harmonic(l, m, plus) - reference::Harmonic(l, m, minus)) / (2 * step);
        EXPECT_NEAR(gx[lm] * t[0] + gy[lm] * t[1] + gz[lm] * t[2], quotient, 1e-8);
      }
  }
}

TEST(Coupling, AgreesWithWignerSymbols) {
  const std::vector<CouplingPath> paths = CouplingPaths(kMaxDegree);
  const std::vector<CouplingTerm> terms = CouplingTerms(kMaxDegree);
  EXPECT_EQ(paths.size(), 69u);
  size_t found = 0, t = 0;
  for (size_t q = 0; q < paths.size(); ++q) {
    const auto [l1, l2, l3] = paths[q];
    for (int m3 = -l3; m3 <= l3; ++m3)
      for (int m1 = -l1; m1 <= l1; ++m1)
        for (int m2 = -l2; m2 <= l2; ++m2) {
          const double expected = reference::Coupling(l1, m1, l2, m2, l3, m3);
          if (std::abs(expected) < 1e-10) continue;
          ASSERT_LT(t, terms.size());
          EXPECT_EQ(terms[t].path, static_cast<int>(q));
          EXPECT_EQ(terms[t].lm1, l1 * l1 + l1 + m1);
          EXPECT_EQ(terms[t].lm2, l2 * l2 + l2 + m2);
          EXPECT_EQ(terms[t].lm3, l3 * l3 + l3 + m3);
          EXPECT_NEAR(terms[t].value, expected, 1e-12);
          ++t, ++found;
        }
  }
  EXPECT_EQ(found, terms.size());
}

TEST(Coupling, ProductOfHarmonicsTransformsAsAHarmonic) {
  // C contracted with Y(u), Y(v) is equivariant: contracting with Y(w) gives a number that a rotation or an
  // inversion of all three directions leaves alone.
  std::mt19937_64 engine(3);
  const std::vector<CouplingTerm> terms = CouplingTerms(kMaxDegree);
  const std::vector<CouplingPath> paths = CouplingPaths(kMaxDegree);
  for (int k = 0; k < 10; ++k) {
    const Vec3 x = RandomUnit(&engine), y0 = RandomUnit(&engine);
    Vec3 z = Cross(x, y0);
    z = (1.0 / Norm(z)) * z;
    const Vec3 y = Cross(z, x);
    const double handedness = k % 2 == 0 ? 1.0 : -1.0;
    const Mat3 rotation{x, y, handedness * z};
    const Vec3 u[3] = {RandomUnit(&engine), RandomUnit(&engine), RandomUnit(&engine)};
    std::vector<double> before(paths.size(), 0.0), after(paths.size(), 0.0);
    double a[3][kMaxLm], b[3][kMaxLm];
    for (int d = 0; d < 3; ++d) {
      const Vec3 r = u[d] * rotation;
      SphericalHarmonics<kMaxDegree, double>(u[d][0], u[d][1], u[d][2], a[d]);
      SphericalHarmonics<kMaxDegree, double>(r[0], r[1], r[2], b[d]);
    }
    for (const CouplingTerm& t : terms) {
      before[t.path] += t.value * a[0][t.lm1] * a[1][t.lm2] * a[2][t.lm3];
      after[t.path] += t.value * b[0][t.lm1] * b[1][t.lm2] * b[2][t.lm3];
    }
    for (size_t q = 0; q < paths.size(); ++q) EXPECT_NEAR(before[q], after[q], 1e-10);
  }
}

}  // namespace
}  // namespace superion
