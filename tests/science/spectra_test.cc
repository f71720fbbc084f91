// Closed-form tests of the zero-frequency estimators: T-8 (prescribed spectra), T-9 (a current with inertia
// plus a bounded displacement), T-6 (Green-Kubo curve and σ(ω) of Langevin ions).
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "analysis/series/fft.h"
#include "analysis/transport/collective.h"
#include "analysis/transport/current_curves.h"
#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

using Spectrum = std::function<double(double)>;  // of the frequency; 1 at zero

// A dipole whose periodogram with scale 1 has the mean `spectrum`, exactly and without correlation between
// frequencies.
std::vector<double> Synthetic(const Spectrum& spectrum, size_t n, double h, Random* random) {
  const double duration = static_cast<double>(n) * h;
  std::vector<std::complex<double>> f(n / 2 + 1);
  for (size_t k = 0; k < f.size(); ++k) {
    const double size = std::sqrt(duration * spectrum(static_cast<double>(k) / duration));
    f[k] = k == 0 || 2 * k == n ? std::complex<double>(std::sqrt(2.0) * size * random->Gaussian(), 0.0)
                                : size * std::complex<double>(random->Gaussian(), random->Gaussian());
  }
  std::vector<double> p{0.0};
  for (double step : InverseFft(f, n)) p.push_back(p.back() + step);
  return p;
}

double Lorentzian(double f, double width) { return 1.0 / (1.0 + f * f / (width * width)); }

struct Case {
  const char* name;
  Spectrum spectrum;
};

class ScienceT8Spectra : public testing::TestWithParam<Case> {};

TEST_P(ScienceT8Spectra, ZeroFrequencyIsOne) {
  Random random(8);
  double wl_mean = 0.0, cepstral_mean = 0.0, worst_wl = 0.0, worst_cepstral = 0.0, s = 0.0;
  constexpr int kReplicates = 12;
  for (int r = 0; r < kReplicates; ++r) {
    std::vector<DipoleSeries> runs(4);
    for (auto& run : runs) {
      run.interval_ps = 0.1;
      for (int c = 0; c < 3; ++c)
        run.components.push_back(Synthetic(GetParam().spectrum, 16384, 0.1, &random));
    }
    const auto result = AnalyzeCollective(runs, 1.0, 0.0);
    ASSERT_TRUE(result.ok() && result->whittle_lepski && result->cepstral) << result.status();
    const double wl = std::log(result->whittle_lepski->sigma), c = std::log(result->cepstral->sigma);
    worst_wl = std::max(worst_wl, std::abs(wl) / result->whittle_lepski->s);
    worst_cepstral = std::max(worst_cepstral, std::abs(c) / result->cepstral->s);
    wl_mean += wl / kReplicates, cepstral_mean += c / kReplicates;
    s += result->whittle_lepski->s / kReplicates;
  }
  EXPECT_LT(worst_wl, 3.0);
  EXPECT_LT(worst_cepstral, 3.0);
  EXPECT_NEAR(wl_mean, 0.0, 0.02 + 3.0 * s / std::sqrt(kReplicates));
  EXPECT_NEAR(cepstral_mean, 0.0, 0.02 + 3.0 * s / std::sqrt(kReplicates));
  EXPECT_LT(s, 0.12) << "the error says something";
}

INSTANTIATE_TEST_SUITE_P(Shapes, ScienceT8Spectra,
                         testing::Values(Case{"white", [](double) { return 1.0; }},
                                         Case{"broad", [](double f) { return Lorentzian(f, 1.0); }},
                                         Case{"double_lorentzian",
                                              [](double f) {
                                                return 0.5 * Lorentzian(f, 0.05) + 0.5 * Lorentzian(f, 1.0);
                                              }}),
                         [](const auto& info) { return std::string(info.param.name); });

// T-9: OU current (integral 1, τ_J = 1) plus a cage (variance 1, relaxation 1): σ stays 1; increments over τ
// are 1 - (1-e^{-τ})/τ + (1-e^{-τ})/τ, so the cage is given the variance 2: 1 + (1-e^{-τ})/τ.
TEST(ScienceT9BoundedOffset, InertiaAndCageTogether) {
  Random random(91);
  auto runs = Runs(Process::kOrnsteinUhlenbeckCurrent, 4, 4096, &random);
  for (auto& run : runs) {
    for (auto& p : run.components) {
      std::vector<double> cage(p.size(), 0.0);
      AddCage(0.1, &random, &cage);
      for (size_t i = 0; i < p.size(); ++i) p[i] += std::sqrt(2.0) * cage[i];
    }
  }
  const auto result = AnalyzeCollective(runs, 1.0, 0.0);
  ASSERT_TRUE(result.ok() && result->whittle_lepski && result->cepstral && result->helfand)
      << result.status();
  EXPECT_NEAR(std::log(result->whittle_lepski->sigma), 0.0, 3.0 * result->whittle_lepski->s);
  EXPECT_NEAR(std::log(result->helfand_sigma()), 0.0, 3.0 * result->helfand->relative_sd);
  for (size_t stride : {10u, 40u, 160u}) {
    const double tau = 0.1 * static_cast<double>(stride);
    const auto increments = Increments(runs, 1.0, stride);
    ASSERT_TRUE(increments.ok());
    EXPECT_NEAR(increments->sigma, 1.0 + (1.0 - std::exp(-tau)) / tau,
                3.0 * increments->s * increments->sigma);
  }
}

// T-6: Langevin ions, γ = 1, σ = 1: the running integral is 1 - e^{-t}, σ(ω) = 1/(1 - iω).
TEST(ScienceT6Langevin, RunningIntegralAndFrequencyDependence) {
  Random random(61);
  const auto runs = Runs(Process::kOrnsteinUhlenbeckCurrent, 8, 8000, &random);
  constexpr double kTotal = 64000.0, kStep = 0.1;
  const auto correlation = CurrentAutocorrelation(runs, 400);
  for (size_t k : {1u, 5u, 10u, 30u}) {
    const double t = kStep * static_cast<double>(k);
    // Block averages of e^{-t} over h: (2 sinh(h/2)/h)².
    const double exact = std::exp(-t) * std::pow(2.0 * std::sinh(0.5 * kStep) / kStep, 2);
    EXPECT_NEAR(correlation[k], exact, 3.0 * std::sqrt(2.0 / (3.0 * kTotal))) << t;
  }
  const auto integral = RunningIntegral(correlation, kStep, 1.0);
  for (size_t k : {4u, 9u, 29u, 100u}) {
    // Mean slope of the MSD between kh and (k+1)h.
    const double t = kStep * static_cast<double>(k);
    const double exact = 1.0 - (std::exp(-t) - std::exp(-t - kStep)) / kStep;
    EXPECT_NEAR(integral[k], exact, 3.0 * RunningIntegralSd(1.0, t + 1.0, 3.0, kTotal)) << t;
  }
  const auto sigma = ComplexConductivity(correlation, kStep, 1.0);
  for (size_t k : {4u, 13u, 26u, 50u}) {
    const double omega = M_PI * static_cast<double>(k) / (401.0 * kStep);
    const std::complex<double> exact = 1.0 / std::complex<double>(1.0, -omega);
    // Variance of a Hann-windowed estimate over 40 ps: 0.75 · 40/T per component pair.
    const double sd = std::abs(exact) * std::sqrt(0.75 * 40.0 / (3.0 * kTotal)) + 0.003;
    EXPECT_NEAR(sigma[k].real(), exact.real(), 3.0 * sd) << omega;
    EXPECT_NEAR(sigma[k].imag(), exact.imag(), 3.0 * sd) << omega;
  }
}

}  // namespace
}  // namespace superion::analysis
