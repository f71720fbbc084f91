// Closed-form tests of transport (conductivity.md, section 14). Tolerance: three predicted standard
// deviations.
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/series/displacement.h"
#include "analysis/transport/helfand.h"
#include "analysis/transport/spectral.h"
#include "analysis/verdict/regime.h"
#include "tests/science/ion_models.h"
#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

double Number(const Json& document, const char* key) {
  EXPECT_TRUE(document.at(key).is_number()) << key << " is " << document.at(key);
  return document.at(key).is_number() ? document.at(key).get<double>() : NAN;
}

// T-1: the FFT mean-square displacement equals the double loop to 1e-10.
TEST(ScienceT1FftMsd, EqualsTheDoubleLoop) {
  for (size_t n : {17u, 100u, 1000u}) {
    Random random(n);
    Components x(3, std::vector<double>(n)), y = x;
    for (auto* series : {&x, &y}) {
      for (auto& c : *series) {
        double at = 1000.0;
        for (double& v : c) v = at += random.Gaussian();
      }
    }
    const auto fast = MeanSquareDisplacement(x), cross = CrossDisplacement(x, y);
    for (size_t m = 1; m < n; ++m) {
      double sum = 0.0, product = 0.0, size = 0.0;
      for (size_t i = 0; i + m < n; ++i) {
        for (size_t c = 0; c < 3; ++c) {
          sum += (x[c][i + m] - x[c][i]) * (x[c][i + m] - x[c][i]);
          product += (x[c][i + m] - x[c][i]) * (y[c][i + m] - y[c][i]);
          size += std::abs((x[c][i + m] - x[c][i]) * (y[c][i + m] - y[c][i]));
        }
      }
      const auto origins = static_cast<double>(n - m);
      ASSERT_NEAR(fast[m], sum / origins, 1e-10 * sum / origins) << n << " samples, lag " << m;
      ASSERT_NEAR(cross[m], product / origins, 1e-10 * size / origins) << n << " samples, lag " << m;
    }
  }
}

// T-2: independent Brownian ions: D* = D, σ = C z² n D/T, H_R = 1.
TEST(ScienceT2Brownian, DiffusionConductivityHaven) {
  const IonModel model;
  const auto result = AnalyzeIons(InputOf(BrownianSeeds(model, 0.0, 4, 2)), LiCl());
  ASSERT_TRUE(result.ok()) << result.status();
  const Json& d = *result;
  EXPECT_NEAR(std::log(Number(d, "sigma_s_per_m") / NernstEinstein(model)), 0.0, 3.0 * Number(d, "s_tot"));
  // Predicted for increments of one frame: sqrt(2/(3 N S n)); the fit with an intercept loses a factor
  // below 3.
  const double s = 3.0 * std::sqrt(2.0 / (3.0 * 16.0 * 4.0 * 4000.0));
  EXPECT_NEAR(d["d_tracer_cm2_per_s"]["Li"]["value"].get<double>() / 0.5e-4, 1.0, 3.0 * s);
  EXPECT_NEAR(Number(d, "sigma_ne_s_per_m") / NernstEinstein(model), 1.0, 3.0 * s);
  EXPECT_NEAR(std::log(Number(d, "haven_ratio")), 0.0, 3.0 * Number(d, "s_tot"));
  EXPECT_LT(d["haven_ratio_ci95"][0].get<double>(), 1.0);
  EXPECT_GT(d["haven_ratio_ci95"][1].get<double>(), 1.0);
}

// T-2 in one, two and three dimensions: the factor 1/(2d).
TEST(ScienceT2Brownian, AnyNumberOfComponents) {
  for (size_t dimension : {1u, 2u, 3u}) {
    Random random(20 + dimension);
    std::vector<DipoleSeries> runs(4);
    for (auto& run : runs) {
      run.interval_ps = 0.1;
      for (size_t c = 0; c < dimension; ++c) run.components.push_back(BrownianDipole(20000, 0.1, &random));
    }
    std::vector<Periodogram> spectra;
    for (const auto& run : runs) spectra.push_back(ComputePeriodogram(run, 1.0));
    const auto wl = WhittleLepski(spectra);
    const auto increments = Increments(runs, 1.0, 4);
    const auto cve = CovarianceBased(runs, 1.0, 4);
    const auto cepstral = Cepstral(runs, 1.0, 8);
    ASSERT_TRUE(wl.ok() && increments.ok() && cve.ok() && cepstral.ok());
    EXPECT_NEAR(std::log(wl->sigma), 0.0, 3.0 * wl->s) << dimension;
    EXPECT_NEAR(std::log(increments->sigma), 0.0, 3.0 * increments->s) << dimension;
    EXPECT_NEAR(std::log(cve->sigma), 0.0, 3.0 * cve->s) << dimension;
    EXPECT_NEAR(std::log(cepstral->sigma), 0.0, 3.0 * cepstral->s) << dimension;
  }
}

// T-3: equally correlated ions: H_R = 1/(1+(N-1) r).
TEST(ScienceT3Correlated, HavenRatio) {
  IonModel model;
  for (double r : {0.0, 0.2, 1.0}) {
    const auto result = AnalyzeIons(InputOf(BrownianSeeds(model, r, 4, 3)), LiCl());
    ASSERT_TRUE(result.ok()) << result.status();
    const double exact = 1.0 / (1.0 + static_cast<double>(model.n_mobile - 1) * r);
    const double low = (*result)["haven_ratio_ci95"][0].get<double>(),
                 high = (*result)["haven_ratio_ci95"][1].get<double>();
    const double s = std::log(high / low) / (2.0 * 1.96);
    EXPECT_NEAR(std::log((*result)["haven_ratio"].get<double>() / exact), 0.0, 3.0 * s) << "r = " << r;
    EXPECT_LT(s, 0.25) << "the interval says something";
  }
}

// T-3 at every lag, where numerator and denominator share the noise: with r = 1 the ratio is 1/N exactly,
// with steps xi_i - mean the collective part vanishes.
TEST(ScienceT3Correlated, EveryLag) {
  IonModel model;
  model.n_frames = 500;
  const auto rigid = BrownianSeeds(model, 1.0, 1, 31)[0];
  auto anti = BrownianSeeds(model, 0.0, 1, 32)[0];
  for (size_t c = 0; c < 3; ++c) {
    for (size_t k = 0; k < model.n_frames; ++k) {
      double mean = 0.0;
      for (size_t i = 0; i < model.n_mobile; ++i)
        mean += (anti.positions[3 * i + c][k] - anti.positions[3 * i + c][0]) /
                static_cast<double>(model.n_mobile);
      for (size_t i = 0; i < model.n_mobile; ++i) anti.positions[3 * i + c][k] -= mean;
    }
  }
  for (const IonTrajectory* ions : std::initializer_list<const IonTrajectory*>{&rigid, &anti}) {
    std::vector<double> self(model.n_frames, 0.0);
    Components total(3, std::vector<double>(model.n_frames, 0.0));
    for (size_t i = 0; i < model.n_mobile; ++i) {
      Components own;
      for (size_t c = 0; c < 3; ++c) {
        own.push_back(ions->positions[3 * i + c]);
        for (size_t k = 0; k < model.n_frames; ++k) total[c][k] += ions->positions[3 * i + c][k];
      }
      const auto msd = MeanSquareDisplacement(own);
      for (size_t m = 0; m < msd.size(); ++m) self[m] += msd[m];
    }
    const auto collective = MeanSquareDisplacement(total);
    for (size_t m = 1; m < model.n_frames / 2; ++m) {
      const double ratio = collective[m] / self[m];  // 1/H_R
      EXPECT_NEAR(ratio, ions == &rigid ? 16.0 : 0.0, 1e-8) << "lag " << m;
    }
  }
}

// T-3 for negative correlation: steps xi_i - c mean (c = 1 is the limit r = -1/(N-1) of the test above).
TEST(ScienceT3Correlated, NegativeCorrelation) {
  IonModel model;
  const auto n = static_cast<double>(model.n_mobile);
  for (double c : {0.3, 0.6}) {
    auto seeds = BrownianSeeds(model, 0.0, 4, 33);
    for (auto& seed : seeds) {
      for (size_t axis = 0; axis < 3; ++axis) {
        for (size_t k = 0; k < model.n_frames; ++k) {
          double mean = 0.0;
          for (size_t i = 0; i < model.n_mobile; ++i)
            mean += (seed.positions[3 * i + axis][k] - seed.positions[3 * i + axis][0]) / n;
          for (size_t i = 0; i < model.n_mobile; ++i) seed.positions[3 * i + axis][k] -= c * mean;
        }
      }
    }
    // Variance of a step 1 - (2c - c²)/N, covariance of two -(2c - c²)/N, of one component in units of ξ².
    const double shift = (2.0 * c - c * c) / n, r = -shift / (1.0 - shift);
    const double exact = 1.0 / (1.0 + (n - 1.0) * r);
    const auto result = AnalyzeIons(InputOf(seeds), LiCl());
    ASSERT_TRUE(result.ok()) << result.status();
    const double low = (*result)["haven_ratio_ci95"][0].get<double>(),
                 high = (*result)["haven_ratio_ci95"][1].get<double>();
    const double s = std::log(high / low) / (2.0 * 1.96);
    EXPECT_NEAR(std::log((*result)["haven_ratio"].get<double>() / exact), 0.0, 3.0 * s) << "r = " << r;
    EXPECT_LT(s, 0.25);
    EXPECT_GT(exact, 1.9);
  }
}

// T-6: Langevin ions: σ = n q²/(m γ), MSD = 6D [t - (1-e^{-γt})/γ], spectrum σ/(1+ω²/γ²).
TEST(ScienceT6Langevin, GreenKuboHelfandSpectrumAgree) {
  // The current of independent Langevin ions is an Ornstein-Uhlenbeck process: here with γ = 1 and σ = 1.
  std::vector<DipoleSeries> runs;
  Random random(6);
  for (int s = 0; s < 8; ++s) {
    DipoleSeries& run = runs.emplace_back();
    run.interval_ps = 0.1;
    for (int c = 0; c < 3; ++c) run.components.push_back(OrnsteinUhlenbeckDipole(40001, 0.1, &random));
  }
  const double total = 8 * 4000.0;
  const DisplacementCurve curve = ChargeDisplacementCurve(runs);
  const auto msd = curve.sums.Mean();
  for (size_t l = 0; l < msd.size(); ++l) {
    const double t = curve.lag_ps(l);
    if (t > 100.0) break;
    const double s = std::sqrt(2.0 * std::max(t, 2.0) / (3.0 * total));
    EXPECT_NEAR(msd[l] / (6.0 * (t - (1.0 - std::exp(-t)))), 1.0, 4.0 * s) << "t = " << t;
  }
  std::vector<Periodogram> spectra;
  for (const auto& run : runs) spectra.push_back(ComputePeriodogram(run, 1.0));
  const auto wl = WhittleLepski(spectra);
  ASSERT_TRUE(wl.ok());
  EXPECT_NEAR(std::log(wl->sigma), 0.0, 3.0 * wl->s);
  for (double omega : {0.5, 1.0, 2.0}) {
    const double f = omega / (2.0 * M_PI), width = 0.05 * f;
    double sum = 0.0, n = 0.0;
    for (const auto& spectrum : spectra) {
      for (size_t k = 0; k < spectrum.power.size(); ++k) {
        if (std::abs(spectrum.frequency_thz(k) - f) < width) sum += spectrum.power[k], n += 1.0;
      }
    }
    // Block averages over h = 0.1 multiply by sinc²(ω h/2).
    const double x = 0.05 * omega, exact = std::pow(std::sin(x) / x, 2) / (1.0 + omega * omega);
    EXPECT_NEAR(sum / n / exact, 1.0, 3.0 / std::sqrt(3.0 * n) + 0.002) << "ω = " << omega;
  }
  // Green-Kubo: the running integral of the current autocorrelation is d MSD/dt / 6 = 1 - e^{-t}.
  for (double t : {0.5, 1.0, 3.0}) {
    const auto lag = static_cast<size_t>(std::llround(t / 0.1));
    double integral = 0.0;
    for (const auto& run : runs) {
      const auto full = MeanSquareDisplacement(run.components);
      integral += (full[lag + 1] - full[lag - 1]) / (2.0 * 0.1 * 6.0) / 8.0;
    }
    EXPECT_NEAR(integral, 1.0 - std::exp(-t), 4.0 * std::sqrt(2.0 * t / (3.0 * total)) + 0.002)
        << "t = " << t;
  }
}

// T-7: the AR(1) current x' = a x + b z whose integral is 1 by the discrete sum rule.
TEST(ScienceT7DiscreteCurrent, SumRule) {
  const double a = 31.0 / 33.0, b = std::sqrt(8.0 / 1089.0);
  ASSERT_NEAR(b * b / (2.0 * (1.0 - a) * (1.0 - a)), 1.0, 1e-12);
  Random random(7);
  std::vector<Periodogram> spectra;
  for (int s = 0; s < 4; ++s) {
    DipoleSeries run{1.0, Components(3, {0.0})};
    for (auto& p : run.components) {
      double x = b / std::sqrt(1.0 - a * a) * random.Gaussian();
      for (int i = 0; i < 65536; ++i) {
        p.push_back(p.back() + x);
        x = a * x + b * random.Gaussian();
      }
    }
    spectra.push_back(ComputePeriodogram(run, 1.0));
  }
  const auto wl = WhittleLepski(spectra);
  ASSERT_TRUE(wl.ok());
  EXPECT_NEAR(std::log(wl->sigma), 0.0, 3.0 * wl->s);
  EXPECT_LT(wl->s, 0.10);
}

// T-9: a bounded displacement leaves σ unchanged and biases increments by c/(slope τ).
TEST(ScienceT9BoundedOffset, IncrementsBiasedByAKnownAmount) {
  Random random(9);
  const auto runs = Runs(Process::kBrownianInCage, 4, 4096, &random);
  std::vector<Periodogram> spectra;
  for (const auto& run : runs) spectra.push_back(ComputePeriodogram(run, 1.0));
  const auto wl = WhittleLepski(spectra);
  const auto cve = CovarianceBased(runs, 1.0, 80);
  ASSERT_TRUE(wl.ok() && cve.ok());
  EXPECT_NEAR(std::log(wl->sigma), 0.0, 3.0 * wl->s);
  EXPECT_NEAR(std::log(cve->sigma), 0.0, 3.0 * cve->s);
  for (size_t stride : {20u, 80u, 320u}) {
    const double tau = 0.1 * static_cast<double>(stride);
    const auto increments = Increments(runs, 1.0, stride);
    ASSERT_TRUE(increments.ok());
    EXPECT_NEAR(increments->sigma, 1.0 + (1.0 - std::exp(-tau)) / tau,
                3.0 * increments->s * increments->sigma);
  }
}

}  // namespace
}  // namespace superion::analysis
