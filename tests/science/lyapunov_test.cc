// T-28: exponents of maps that are known exactly.
#include "analysis/series/lyapunov.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.h"

namespace superion::analysis {
namespace {

// Arnold's cat map (x, y) -> (2x + y, x + y) mod 1: λ = ln((3 + √5)/2) per step.
Separation CatTwins(double epsilon, Random* random) {
  double x[2] = {random->Uniform(), 0.0}, y[2] = {random->Uniform(), 0.0};
  const double angle = 2.0 * M_PI * random->Uniform();
  x[1] = x[0] + epsilon * std::cos(angle);
  y[1] = y[0] + epsilon * std::sin(angle);
  const auto wrap = [](double d) { return d - std::round(d); };
  Separation out{1.0, {}};
  for (int step = 0; step < 60; ++step) {
    out.distance.push_back(std::hypot(wrap(x[1] - x[0]), wrap(y[1] - y[0])));
    for (int k = 0; k < 2; ++k) {
      const double a = 2.0 * x[k] + y[k], b = x[k] + y[k];
      x[k] = a - std::floor(a);
      y[k] = b - std::floor(b);
    }
  }
  return out;
}

TEST(ScienceT28Lyapunov, CatMap) {
  const double exact = std::log(0.5 * (3.0 + std::sqrt(5.0)));
  ASSERT_NEAR(exact, 0.962424, 1e-6);
  Random random(28);
  std::vector<Separation> twins;
  for (int k = 0; k < 5; ++k) twins.push_back(CatTwins(1e-10, &random));
  const LyapunovFit fit = *FitLyapunov(twins);
  // Rounding of 1e-16 in a separation of 1e-10 and the contracting direction, e^{-2λ n}, are what is left.
  EXPECT_NEAR(fit.lambda, exact, 3e-3);
  EXPECT_LT(fit.s, 3e-3);
  EXPECT_NEAR(fit.HorizonPs(1e-7), std::log(0.1 / 1e-7) / fit.lambda, 1e-12);
}

TEST(ScienceT28Lyapunov, LinearMapIsExact) {
  for (const double l : {1.05, 1.5, 0.9}) {
    Separation twin{0.25, {0.0}};
    double x = l > 1.0 ? 1e-9 : 1e-3;
    for (int k = 0; k < 400 && x > 1e-15; ++k, x *= l) twin.distance.push_back(x);
    if (l < 1.0) {
      // It never grows tenfold: there is nothing to fit, and that is said.
      EXPECT_TRUE(absl::IsFailedPrecondition(FitLyapunov({twin}).status()));
      continue;
    }
    const LyapunovFit fit = *FitLyapunov({twin});
    EXPECT_NEAR(fit.lambda, std::log(l) / 0.25, 1e-10);
    EXPECT_EQ(fit.s, 0.0);
    EXPECT_NEAR(fit.lower[0], 1e-8, 1e-20);
  }
}

// The scatter over twins is the error: λ + noise of known size.
TEST(ScienceT28Lyapunov, ErrorIsTheScatterOfTheTwins) {
  std::vector<Separation> twins;
  for (const double lambda : {1.9, 2.0, 2.1, 1.8, 2.2}) {
    Separation& twin = twins.emplace_back(Separation{0.1, {}});
    for (int k = 0; k < 200; ++k) twin.distance.push_back(1e-8 * std::exp(0.1 * lambda * k));
  }
  const LyapunovFit fit = *FitLyapunov(twins);
  EXPECT_NEAR(fit.lambda, 2.0, 1e-9);
  EXPECT_NEAR(fit.s, std::sqrt(0.025 / 5.0), 1e-9);
  // float32 and float64: 6.8 and 16.9 ps at λ = 2/ps.
  EXPECT_NEAR(fit.HorizonPs(std::numeric_limits<float>::epsilon()), 6.820, 0.001);
  EXPECT_NEAR(fit.HorizonPs(std::numeric_limits<double>::epsilon()), 16.870, 0.001);
}

TEST(ScienceT28Lyapunov, SeparationIsPerAtom) {
  IonTrajectory one;
  one.interval_ps = 0.5;
  one.species = {"Li", "Li"};
  one.positions.assign(6, std::vector<double>(2, 0.0));
  IonTrajectory other = one;
  other.positions[0][1] = 3.0;
  other.positions[4][1] = 4.0;
  const Separation s = *SeparationOf(one, other);
  EXPECT_EQ(s.interval_ps, 0.5);
  EXPECT_EQ(s.distance[0], 0.0);
  EXPECT_NEAR(s.distance[1], std::sqrt(25.0 / 2.0), 1e-12);
}

}  // namespace
}  // namespace superion::analysis
