#include "analysis/transport/current_curves.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

// Longer than a segment of the correlation, so that the joints are tested.
TEST(CurrentCurves, AutocorrelationIsTheDirectSum) {
  Random random(1);
  DipoleSeries run{0.5, Components(2, {0.0})};
  for (auto& p : run.components) {
    for (int i = 0; i < 9000; ++i) p.push_back(p.back() + random.Gaussian() + 0.3);
  }
  const auto c = CurrentAutocorrelation({run, Truncated(run, 5000)}, 20);
  for (size_t k : {0u, 1u, 7u, 20u}) {
    double sum = 0.0, n = 0.0;
    for (const auto& p : run.components) {
      for (size_t length : {9001u, 5000u}) {
        for (size_t i = 0; i + 1 + k < length; ++i, n += 1.0)
          sum += (p[i + 1] - p[i]) * (p[i + 1 + k] - p[i + k]);
      }
    }
    EXPECT_NEAR(c[k], sum / n / 0.25, 1e-10) << k;
  }
}

// scale (MSD(k+1) - MSD(k))/(2 d h), the same origins apart.
TEST(CurrentCurves, RunningIntegralIsHelfandsSlope) {
  std::vector<double> msd, correlation;
  for (int k = 0; k < 40; ++k) msd.push_back(2.0 * (0.1 * k - 1.0 + std::exp(-0.1 * k)));
  correlation.push_back(msd[1] / 0.01);
  for (size_t k = 1; k + 1 < msd.size(); ++k)
    correlation.push_back((msd[k + 1] - 2.0 * msd[k] + msd[k - 1]) / 0.02);
  const auto integral = RunningIntegral(correlation, 0.1, 5.0);
  for (size_t k = 0; k < integral.size(); ++k)
    EXPECT_NEAR(integral[k], 5.0 * (msd[k + 1] - msd[k]) / 0.2, 1e-10) << k;
}

TEST(CurrentCurves, IntegralErrorIsTheScatter) {
  Random random(3);
  double mean = 0.0, square = 0.0;
  constexpr int kReplicates = 300, kLag = 40, kLength = 2000;
  for (int r = 0; r < kReplicates; ++r) {
    const DipoleSeries run{1.0, {BrownianDipole(kLength + 1, 1.0, &random)}};
    const double value = RunningIntegral(CurrentAutocorrelation({run}, kLag), 1.0, 1.0).back();
    mean += value / kReplicates, square += value * value / kReplicates;
  }
  const double predicted = RunningIntegralSd(1.0, kLag + 0.5, 1.0, kLength);
  EXPECT_NEAR(mean, 1.0, 3.0 * predicted / std::sqrt(kReplicates));
  EXPECT_NEAR(std::sqrt(square - mean * mean) / predicted, 1.0, 0.15);
}

// C = e^{-t}: σ(ω) = 1/(1 - iω).
TEST(CurrentCurves, ComplexConductivityOfAnExponential) {
  const double h = 0.02;
  std::vector<double> c;
  for (int k = 0; k < 4096; ++k) c.push_back(std::exp(-h * k));
  const auto sigma = ComplexConductivity(c, h, 2.0);
  for (size_t k : {0u, 10u, 26u, 100u}) {
    const double omega = M_PI * static_cast<double>(k) / (4096.0 * h);
    const std::complex<double> exact = 2.0 / std::complex<double>(1.0, -omega);
    EXPECT_NEAR(sigma[k].real(), exact.real(), 0.01) << omega;
    EXPECT_NEAR(sigma[k].imag(), exact.imag(), 0.01) << omega;
  }
}

TEST(CurrentCurves, VelocityAutocorrelationOfAnOscillator) {
  const double h = 0.01, omega = 20.0;
  std::vector<double> x, y;
  const int period_samples = static_cast<int>(std::llround(2.0 * M_PI / omega / h * 1000.0));
  for (int i = 0; i < period_samples; ++i) {
    x.push_back(std::cos(omega * h * i));
    y.push_back(2.0 * std::sin(omega * h * i));
  }
  const std::vector<std::span<const double>> both{x, y};
  const auto c = VelocityAutocorrelation(both, h, 50);
  const double size = std::pow(2.0 * std::sin(0.5 * omega * h) / h, 2) * (0.5 + 2.0);
  for (size_t k : {0u, 5u, 31u, 50u})
    EXPECT_NEAR(c[k] / size, std::cos(omega * h * static_cast<double>(k)), 2e-3) << k;
}

}  // namespace
}  // namespace superion::analysis
