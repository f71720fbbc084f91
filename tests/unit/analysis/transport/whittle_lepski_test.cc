#include <gtest/gtest.h>

#include <cmath>

#include "analysis/series/distributions.h"
#include "analysis/transport/spectral.h"
#include "core/random.h"

namespace superion::analysis {
namespace {

TEST(WhittleLepski, PeriodogramOfOneCosine) {
  // j = cos(2π 5 i/N): |FFT_5|² = N²/4, so I_5 = h scale N/8, nothing elsewhere.
  const size_t n = 64;
  DipoleSeries series{0.5, {{0.0}}};
  for (size_t i = 0; i < n; ++i)
    series.components[0].push_back(series.components[0].back() +
                                   0.5 * std::cos(2.0 * M_PI * 5.0 * static_cast<double>(i) / n));
  const Periodogram p = ComputePeriodogram(series, 3.0);
  EXPECT_DOUBLE_EQ(p.duration_ps, 32.0);
  for (size_t k = 0; k < p.power.size(); ++k)
    EXPECT_NEAR(p.power[k], k == 5 ? 0.5 * 3.0 * 64.0 / 8.0 : 0.0, 1e-10);
}

// A spectrum that follows the model without noise is recovered: every band gives the same b0.
TEST(WhittleLepski, NoiselessQuadraticIsExact) {
  Periodogram p{100.0, 3.0, {}};
  for (int k = 0; k <= 500; ++k) p.power.push_back(2.5 * std::exp(-1e-5 * k * k));
  const auto fit = WhittleLepski({p, p});
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->sigma, 2.5, 1e-8);
  EXPECT_GT(fit->accepted_band_thz, 2.0);
}

TEST(WhittleLepski, FitErrorIsTheScatterOnWhiteNoise) {
  Random random(1);
  double square = 0.0, s = 0.0;
  constexpr int kReplicates = 300;
  WhittleLepskiOptions one;  // one band only
  one.first_band = 49.0;
  one.ratio = 2.0;
  for (int r = 0; r < kReplicates; ++r) {
    Periodogram p{100.0, 3.0, {}};
    for (int k = 0; k <= 100; ++k) {
      double sum = 0.0;
      for (int d = 0; d < 3; ++d) {
        const double a = random.Gaussian(), b = random.Gaussian();
        sum += k == 0 ? a * a : 0.5 * (a * a + b * b);
      }
      p.power.push_back(sum / 3.0);
    }
    const auto fit = WhittleLepski({p}, one);
    ASSERT_TRUE(fit.ok());
    square += std::log(fit->sigma) * std::log(fit->sigma) / kReplicates;
    s = fit->s_fit;
  }
  EXPECT_NEAR(std::sqrt(square) / s, 1.0, 3.0 / std::sqrt(2.0 * kReplicates));
  EXPECT_NEAR(s, 1.5 / std::sqrt(3.0 * 49.0), 0.01);  // the planning formula
}

TEST(WhittleLepski, ShortOrZeroSeriesAreRefused) {
  EXPECT_EQ(WhittleLepski({}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(WhittleLepski({Periodogram{1.0, 3.0, std::vector<double>(10, 1.0)}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(WhittleLepski({Periodogram{1.0, 3.0, std::vector<double>(100, 0.0)}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(WhittleLepski, OneComponentIsNotBiasedByTheClip) {
  Random random(2);
  double mean = 0.0;
  constexpr int kReplicates = 200;
  for (int r = 0; r < kReplicates; ++r) {
    DipoleSeries series{1.0, {{0.0}}};
    for (int i = 0; i < 4000; ++i)
      series.components[0].push_back(series.components[0].back() + std::sqrt(2.0) * random.Gaussian());
    const auto fit = WhittleLepski({ComputePeriodogram(series, 1.0)});
    ASSERT_TRUE(fit.ok());
    mean += fit->sigma / kReplicates;
  }
  EXPECT_NEAR(mean, 1.0, 0.02);
}

}  // namespace
}  // namespace superion::analysis
