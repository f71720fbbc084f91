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

// The published theory (Ercole, Marcolongo & Baroni 2017): for a spectrum of exactly three coefficients
// beyond C_0 and l equivalent series, ln σ is unbiased and, where the criterion finds K* = 3, has the
// variance ψ'(l) (4 K* + 2)/N.
TEST(Cepstral, VarianceOfThePublishedTheory) {
  constexpr double kCoefficients[] = {0.5, 0.6, -0.4, 0.3};
  constexpr size_t kFrequencies = 301;
  constexpr double kExact = 0.5 + 2.0 * (0.6 - 0.4 + 0.3), kN = 2.0 * (kFrequencies - 1);
  Random random(17);
  for (const int l : {3, 12}) {
    double n = 0.0, mean = 0.0, square = 0.0, all = 0.0;
    constexpr int kReplicates = 800;
    const double theory = std::sqrt(Trigamma(l) * 14.0 / kN);
    for (int r = 0; r < kReplicates; ++r) {
      std::vector<double> psd;
      for (size_t k = 0; k < kFrequencies; ++k) {
        double ln = kCoefficients[0], chi2 = 0.0;
        for (int m = 1; m <= 3; ++m)
          ln += 2.0 * kCoefficients[m] * std::cos(2.0 * M_PI * m * static_cast<double>(k) / kN);
        // The two ends hold one real number a series, the others two.
        const int numbers = k == 0 || k + 1 == kFrequencies ? l : 2 * l;
        for (int i = 0; i < numbers; ++i) {
          const double x = random.Gaussian();
          chi2 += x * x;
        }
        psd.push_back(std::exp(ln) * chi2 / numbers);
      }
      const CepstralEstimate out = CepstralFromSpectrum(psd, l);
      all += (std::log(out.sigma) - kExact) / kReplicates;
      EXPECT_GE(out.coefficients, 3u);
      EXPECT_NEAR(out.s_aic,
                  std::sqrt(Trigamma(l) * (4.0 * static_cast<double>(out.coefficients) + 2.0) / kN), 1e-12);
      if (out.coefficients != 3) continue;
      const double x = std::log(out.sigma) - kExact;
      n += 1.0, mean += x, square += x * x;
    }
    ASSERT_GT(n, 300.0) << "the criterion finds the three in most cases";
    EXPECT_NEAR(mean / n, 0.0, 4.0 * theory / std::sqrt(n)) << "l = " << l;
    EXPECT_NEAR(std::sqrt(square / n) / theory, 1.0, 4.0 / std::sqrt(2.0 * n)) << "l = " << l;
    EXPECT_NEAR(all, 0.0, 8.0 * theory / std::sqrt(kReplicates));
  }
}

TEST(Cepstral, ShortSeriesAreRefused) {
  EXPECT_EQ(Cepstral({{1.0, {std::vector<double>(20, 0.0)}}}, 1.0, 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Cepstral({{1.0, {std::vector<double>(200, 0.0)}}}, 1.0, 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace superion::analysis
