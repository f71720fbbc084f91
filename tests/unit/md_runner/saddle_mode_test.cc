#include "md_runner/saddle_mode.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "core/units.h"

namespace superion {
namespace {

// A ring of n atoms of mass m joined by springs k to their neighbours along each direction: eigenvalues
// (4k/m) sin²(π j/n), j = 0 .. n-1, three times each; and a spring `extra` on the first coordinate.
EnergySurface Ring(size_t n, double k, double extra = 0.0) {
  return [=](const std::vector<Coordinates>& points) -> absl::StatusOr<std::vector<SurfacePoint>> {
    std::vector<SurfacePoint> out;
    for (const auto& x : points) {
      SurfacePoint p{0.5 * extra * x[0] * x[0], Coordinates(x.size(), 0.0)};
      p.forces[0] = -extra * x[0];
      for (size_t i = 0; i < x.size(); ++i) {
        const size_t next = (i + 3) % (3 * n);
        const double d = x[next] - x[i];
        p.energy += 0.5 * k * d * d;
        p.forces[i] += k * d;
        p.forces[next] -= k * d;
      }
      out.push_back(std::move(p));
    }
    return out;
  };
}

TEST(SaddleModeTest, LowestModesOfARingWithTheirDegeneracy) {
  constexpr size_t n = 10;
  constexpr double k = 2.0, m = 7.0;
  const std::vector<double> atoms(n, m), all(3 * n, m);
  const auto modes = *LowestModes(Ring(n, k), Coordinates(3 * n, 0.0), all, Translations(atoms), {}, 8,
                                  {0.01, 100, 1e-6, 3});
  ASSERT_EQ(modes.size(), 8u);
  // sin²(π/n) twice in each of three directions, then sin²(2π/n).
  for (size_t j = 0; j < 6; ++j) {
    EXPECT_NEAR(modes[j].eigenvalue, 4.0 * k / m * std::pow(std::sin(M_PI / n), 2), 1e-6) << j;
  }
  EXPECT_NEAR(modes[6].eigenvalue, 4.0 * k / m * std::pow(std::sin(2.0 * M_PI / n), 2), 1e-6);
  for (size_t i = 0; i < modes.size(); ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double dot = 0.0;
      for (size_t c = 0; c < 3 * n; ++c) dot += modes[i].vector[c] * modes[j].vector[c];
      EXPECT_NEAR(dot, i == j ? 1.0 : 0.0, 1e-8);
    }
  }
}

// Two masses: the eigenvalues of a 2 x 2 problem, with a negative one.
TEST(SaddleModeTest, MassesAndAnImaginaryMode) {
  // E = -a x² / 2 + b y² / 2 + c x y.
  const double a = 3.0, b = 5.0, c = 1.0, mx = 2.0, my = 11.0;
  const EnergySurface saddle =
      [=](const std::vector<Coordinates>& points) -> absl::StatusOr<std::vector<SurfacePoint>> {
    std::vector<SurfacePoint> out;
    for (const auto& x : points)
      out.push_back({-0.5 * a * x[0] * x[0] + 0.5 * b * x[1] * x[1] + c * x[0] * x[1],
                     {a * x[0] - c * x[1], -b * x[1] - c * x[0]}});
    return out;
  };
  const auto modes = *LowestModes(saddle, {0.0, 0.0}, {mx, my}, {}, {1.0, 0.0}, 2, {});
  const double trace = -a / mx + b / my, det = -(a * b + c * c) / (mx * my);
  const double root = std::sqrt(trace * trace / 4.0 - det);
  ASSERT_EQ(modes.size(), 2u);
  EXPECT_NEAR(modes[0].eigenvalue, trace / 2.0 - root, 1e-9);
  EXPECT_NEAR(modes[1].eigenvalue, trace / 2.0 + root, 1e-9);
  EXPECT_LT(FrequencyThz(modes[0].eigenvalue), 0.0);
}

TEST(SaddleModeTest, ASpringPullsAModeBelowZero) {
  constexpr size_t n = 12;
  const std::vector<double> atoms(n, 1.0), all(3 * n, 1.0);
  const auto modes =
      *LowestModes(Ring(n, 1.0, -5.0), Coordinates(3 * n, 0.0), all, {}, {}, 2, {0.01, 100, 1e-5, 3});
  EXPECT_LT(modes[0].eigenvalue, -2.0);
  // Translations across are still free and were not excluded here.
  EXPECT_NEAR(modes[1].eigenvalue, 0.0, 1e-6);
}

TEST(SaddleModeTest, FrequencyOfASpring) {
  // ν = sqrt(k/m)/2π: 1 eV/Å² on 1 u is 15.633 THz.
  EXPECT_NEAR(FrequencyThz(1.0), 15.633, 0.001);
  EXPECT_NEAR(FrequencyThz(-4.0), -31.267, 0.001);
}

}  // namespace
}  // namespace superion
