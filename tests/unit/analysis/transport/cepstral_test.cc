#include <gtest/gtest.h>

#include <cmath>

#include "analysis/series/distributions.h"
#include "analysis/transport/spectral.h"
#include "core/random.h"

namespace superion::analysis {
namespace {

// A constant spectrum: only C_0 differs from zero, and the bias of the logarithm is removed.
TEST(Cepstral, ConstantSpectrum) {
  std::vector<double> psd(101, 4.0);
  psd.front() = psd.back() = 4.0;
  const auto out = CepstralFromSpectrum(psd, 1e6);
  EXPECT_EQ(out.coefficients, 0u);
  EXPECT_NEAR(out.sigma, 4.0, 1e-5);
  EXPECT_NEAR(out.s_aic, std::sqrt(Trigamma(1e6) / 200.0 * 2.0), 1e-12);
}

// ln S = a + 2 b cos(π k/(NF-1)): two cepstral coefficients.
TEST(Cepstral, OneCosineNeedsOneCoefficient) {
  std::vector<double> psd;
  for (int k = 0; k <= 200; ++k) psd.push_back(std::exp(0.3 + 2.0 * 0.4 * std::cos(M_PI * k / 200.0)));
  const auto out = CepstralFromSpectrum(psd, 1e6);
  EXPECT_EQ(out.coefficients, 1u);
  EXPECT_NEAR(std::log(out.sigma), 0.3 + 0.8, 1e-5);
}

TEST(Cepstral, WhiteNoiseIsUnbiased) {
  Random random(4);
  double mean = 0.0;
  constexpr int kReplicates = 100;
  for (int r = 0; r < kReplicates; ++r) {
    DipoleSeries series{1.0, {{0.0}, {0.0}, {0.0}}};
    for (auto& p : series.components) {
      for (int i = 0; i < 1000; ++i) p.push_back(p.back() + std::sqrt(2.0) * random.Gaussian());
    }
    const auto out = Cepstral({series}, 1.0, 2);
    ASSERT_TRUE(out.ok()) << out.status();
    mean += std::log(out->sigma) / kReplicates;
  }
  EXPECT_NEAR(mean, 0.0, 0.03);
}

TEST(Cepstral, ShortSeriesAreRefused) {
  EXPECT_EQ(Cepstral({{1.0, {std::vector<double>(20, 0.0)}}}, 1.0, 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Cepstral({{1.0, {std::vector<double>(200, 0.0)}}}, 1.0, 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace superion::analysis
