#include "analysis/transport/slow_relaxation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/random.h"

namespace superion::analysis {
namespace {

using Spectrum = std::function<double(double k)>;

// Periodogram of a run of 100 ps with the given expectation; `dimension` components, noiseless without a
// generator.
Periodogram Draw(const Spectrum& expected, size_t modes, double dimension, Random* random) {
  Periodogram out{100.0, dimension, {}};
  for (size_t k = 0; k <= modes; ++k) {
    double sum = random == nullptr ? dimension : 0.0;
    for (int d = 0; random != nullptr && d < static_cast<int>(dimension); ++d) {
      const double a = random->Gaussian(), b = random->Gaussian();
      sum += k == 0 ? a * a : 0.5 * (a * a + b * b);
    }
    out.power.push_back(expected(static_cast<double>(k)) * sum / dimension);
  }
  return out;
}

double Flat(double) { return 2.0; }

// S0 + (S_inf - S0) x²/(1+x²), x = 2π f τ for a run of `lengths` τ: a cage that lets only 1/depth through.
Spectrum Cage(double lengths, double depth) {
  return [=](double k) {
    const double x = 2.0 * M_PI * k / lengths;
    return (1.0 / depth + x * x) / (1.0 + x * x);
  };
}

TEST(SlowRelaxation, NothingIsSeenInAFlatSpectrumWithoutNoise) {
  const SlowRelaxation slow = FindSlowRelaxation({Draw(Flat, 200, 12, nullptr)}, 1.0);
  EXPECT_NEAR(slow.log_ratio, 0.0, 1e-9);
  EXPECT_NEAR(slow.s, 0.0, 1e-9);
  EXPECT_LT(slow.probability, 0.1);
}

// With so many components that noise and prior do not matter the model is recovered, a cage as a motion that
// persists.
TEST(SlowRelaxation, ItsOwnModelIsRecovered) {
  for (const double a : {-0.8, 0.8}) {
    const auto expected = [a](double k) { return 2.0 * std::exp(a / (1.0 + k * k / (1.6 * 1.6))); };
    const SlowRelaxation slow = FindSlowRelaxation({Draw(expected, 200, 3000, nullptr)}, 1.0);
    EXPECT_GT(slow.probability, 0.999);
    EXPECT_NEAR(slow.relaxation_ps, 100.0 / (2.0 * M_PI * 1.6), 1e-9);
    // The fit without it is a little off itself.
    EXPECT_NEAR(slow.log_ratio, a, 0.06);
    EXPECT_NEAR(slow.s, std::abs(a), 0.06);
  }
}

TEST(SlowRelaxation, FalseAlarmsAreRareAndCagesAreFound) {
  Random random(1);
  constexpr int kDraws = 300;
  int alarms = 0, wide = 0, found = 0, deep = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto seeds = [&](const Spectrum& expected) {
      std::vector<Periodogram> out;
      for (int s = 0; s < 4; ++s) out.push_back(Draw(expected, 200, 3, &random));
      return out;
    };
    const SlowRelaxation none = FindSlowRelaxation(seeds(Flat), 2.0);
    alarms += none.probability > 0.5;
    wide += none.s > 0.1;
    found += FindSlowRelaxation(seeds(Cage(10, 2.2)), 2.0).s > 0.1;
    deep += FindSlowRelaxation(seeds(Cage(10, 5)), 2.0).probability > 0.5;
  }
  EXPECT_LE(alarms, 0.02 * kDraws + 3);
  EXPECT_LE(wide, 0.15 * kDraws);
  EXPECT_GE(found, 0.7 * kDraws);
  EXPECT_GE(deep, 0.9 * kDraws);
}

TEST(SlowRelaxation, MoreSeedsResolveSlowerRelaxations) {
  const Periodogram one = Draw(Flat, 400, 3, nullptr);
  const double two = SlowestResolved({one, one}, 4.0),
               sixteen = SlowestResolved(std::vector<Periodogram>(16, one), 4.0);
  EXPECT_GT(sixteen, 1.3 * two);
  EXPECT_NEAR(sixteen, 100.0 / (2.0 * M_PI), 1e-9);
  EXPECT_GT(two, 100.0 / 25.0);
  // A band of ten modes alone tells little from its own curvature: the time of its quarter.
  EXPECT_NEAR(SlowestResolved({one}, 0.1), 100.0 / (2.0 * M_PI * 2.5), 1e-9);
}

}  // namespace
}  // namespace superion::analysis
