#include "analysis/transport/sampling_error.h"

#include <cmath>
#include <random>

#include "analysis/transport/collective.h"
#include "gtest/gtest.h"

namespace superion::analysis {
namespace {

using Generator = std::mt19937_64;

// Brownian dipoles with the given variances of a step.
std::vector<DipoleSeries> Walks(const std::vector<double>& variances, Generator* random) {
  std::normal_distribution<double> gauss;
  std::vector<DipoleSeries> out(4);
  for (auto& seed : out) {
    seed.interval_ps = 0.1;
    for (const double variance : variances) {
      std::vector<double> p(2001, 0.0);
      for (size_t k = 1; k < p.size(); ++k) p[k] = p[k - 1] + std::sqrt(variance) * gauss(*random);
      seed.components.push_back(p);
    }
  }
  return out;
}

// Hops of 3 e Å along random axes at a rate that gives `hops` in all four runs.
std::vector<DipoleSeries> Hops(double hops, Generator* random) {
  constexpr size_t kSamples = 4001;
  std::poisson_distribution<int> count(hops / (4.0 * (kSamples - 1)));
  std::uniform_int_distribution<int> axis(0, 5);
  std::normal_distribution<double> noise(0.0, 0.03);
  std::vector<DipoleSeries> out(4);
  for (auto& seed : out) {
    seed.interval_ps = 0.1;
    seed.components.assign(3, std::vector<double>(kSamples, 0.0));
    double p[3] = {};
    for (size_t k = 0; k < kSamples; ++k) {
      for (int n = k == 0 ? 0 : count(*random); n > 0; --n) {
        const int which = axis(*random);
        p[which / 2] += which % 2 ? 3.0 : -3.0;
      }
      for (size_t a = 0; a < 3; ++a) seed.components[a][k] = p[a] + noise(*random);
    }
  }
  return out;
}

double Components(const std::vector<DipoleSeries>& seeds) {
  std::vector<DipoleTransform> transforms;
  for (const DipoleSeries& seed : seeds) transforms.push_back(TransformIncrements(seed));
  return EffectiveComponents(transforms, 0.5);
}

TEST(EffectiveComponents, CountEqualAxes) {
  Generator random(1);
  double isotropic = 0.0, chain = 0.0, ten = 0.0;
  constexpr int kDraws = 40;
  for (int draw = 0; draw < kDraws; ++draw) {
    isotropic += Components(Walks({1, 1, 1}, &random)) / kDraws;
    chain += Components(Walks({1, 1e-6, 1e-6}, &random)) / kDraws;
    ten += Components(Walks({10, 1, 1}, &random)) / kDraws;
  }
  EXPECT_NEAR(isotropic, 3.0, 0.05);
  EXPECT_NEAR(chain, 1.0, 0.01);
  EXPECT_NEAR(ten, 144.0 / 102.0, 0.03);
}

TEST(EventVariance, IsOneOverTheNumberOfHops) {
  Generator random(2);
  double mean = 0.0;
  constexpr int kDraws = 40;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto seeds = Hops(200, &random);
    // <|dp|²> = 9 e² Å² a hop.
    mean += EventVariance(seeds, ChargeDisplacementCurve(seeds), 9.0 * 200.0 / 1600.0) / kDraws;
  }
  EXPECT_NEAR(mean * 200.0, 1.0, 0.15);
}

TEST(EventVariance, IsNextToNothingForGaussianMotion) {
  Generator random(3);
  for (int draw = 0; draw < 20; ++draw) {
    const auto seeds = Walks({1, 1, 1}, &random);
    EXPECT_LT(std::sqrt(EventVariance(seeds, ChargeDisplacementCurve(seeds), 30.0)), 0.01);
  }
}

// The interval of σ has to cover the truth for few hops and for unequal axes: 95 % asked for, 88 % of 120
// tolerated.
template <class Make>
double Coverage(const Make& make, double truth) {
  int covered = 0;
  constexpr int kDraws = 120;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto result = AnalyzeCollective(make(), 1.0, 0.0).value();
    const auto& fit = *result.whittle_lepski;
    covered += std::abs(std::log(fit.sigma / truth)) < 1.96 * fit.s;
  }
  return static_cast<double>(covered) / kDraws;
}

// The other estimators lie off the truth by as many of their stated errors as they should.
template <class Make>
void ErrorsAreTheScatter(const Make& make, double truth) {
  double square[4] = {};
  int used = 0;
  constexpr int kDraws = 150;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto c = AnalyzeCollective(make(), 1.0, 0.0).value();
    if (!c.helfand || !c.increments || !c.covariance || !c.cepstral) continue;
    ++used;
    const std::pair<double, double> all[] = {{c.helfand_sigma(), c.helfand->relative_sd},
                                             {c.increments->sigma, c.increments->s},
                                             {c.covariance->sigma, c.covariance->s},
                                             {c.cepstral->sigma, c.cepstral->s}};
    for (size_t k = 0; k < 4; ++k) {
      const double z = std::log(all[k].first / truth) / all[k].second;
      square[k] += z * z;
    }
  }
  ASSERT_GT(used, 0.8 * kDraws);
  for (size_t k = 0; k < 4; ++k) {
    const double z = std::sqrt(square[k] / used);
    EXPECT_LT(z, 1.3) << k;
    EXPECT_GT(z, k == 3 ? 0.5 : 0.75) << k;  // the cepstral error is widened for the choice of its cut
  }
}

TEST(SamplingError, EveryEstimatorCountsEffectiveComponents) {
  Generator random(6);
  ErrorsAreTheScatter([&] { return Walks({58, 1, 1}, &random); }, 60.0 / 0.1 / 6.0);
  ErrorsAreTheScatter([&] { return Walks({1, 1, 1}, &random); }, 3.0 / 0.1 / 6.0);
}

TEST(SamplingError, EveryEstimatorCountsHops) {
  Generator random(7);
  ErrorsAreTheScatter([&] { return Hops(300, &random); }, 9.0 * 300.0 / 1600.0 / 6.0);
}

TEST(SamplingError, IntervalsCoverForFewHops) {
  Generator random(4);
  // σ = slope/2d with scale 1.
  EXPECT_GT(Coverage([&] { return Hops(150, &random); }, 9.0 * 150.0 / 1600.0 / 6.0), 0.88);
}

TEST(SamplingError, IntervalsCoverForUnequalAxes) {
  Generator random(5);
  EXPECT_GT(Coverage([&] { return Walks({58, 1, 1}, &random); }, 60.0 / 0.1 / 6.0), 0.88);
}

}  // namespace
}  // namespace superion::analysis
