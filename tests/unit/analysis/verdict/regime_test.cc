#include "analysis/verdict/regime.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

TEST(Regime, CorrelationTimeOfWhiteAndCorrelatedIncrements) {
  Random random(1);
  std::vector<DipoleSeries> brownian(4), inertial(4);
  for (int s = 0; s < 4; ++s) {
    brownian[s].interval_ps = inertial[s].interval_ps = 0.1;
    for (int c = 0; c < 3; ++c) {
      brownian[s].components.push_back(BrownianDipole(10000, 0.1, &random));
      inertial[s].components.push_back(OrnsteinUhlenbeckDipole(10000, 0.1, &random));
    }
  }
  EXPECT_LE(*UncorrelatedStride(brownian), 2u);
  const auto tau = UncorrelatedStride(inertial);
  ASSERT_TRUE(tau.has_value());
  EXPECT_GE(*tau, 64u);  // 6.4 correlation times of the current at least with this much data
  EXPECT_LE(*tau, 512u);
  EXPECT_GT(ComputeVarianceRatio(inertial, 1, 2).ratio, 1.8);
}

TEST(Regime, ExponentErrorIsTheScatter) {
  double square = 0.0, predicted = 0.0;
  constexpr int kReplicates = 60;
  for (int r = 0; r < kReplicates; ++r) {
    Random random(static_cast<uint64_t>(100 + r));
    DipoleSeries run{1.0, {}};
    for (int c = 0; c < 3; ++c) run.components.push_back(BrownianDipole(4000, 1.0, &random));
    const auto exponent = ComputeLocalExponent(ChargeDisplacementCurve({run}));
    for (size_t k = 0; k < exponent.t_ps.size(); ++k) {
      if (exponent.t_ps[k] < 49.0 || exponent.t_ps[k] > 51.0) continue;
      square += (exponent.beta[k] - 1.0) * (exponent.beta[k] - 1.0) / kReplicates;
      predicted += exponent.s[k] * exponent.s[k] / kReplicates;
    }
  }
  ASSERT_GT(predicted, 0.0);
  EXPECT_NEAR(std::sqrt(square / predicted), 0.9,
              0.25);  // never below the jackknife, so a little conservative
}

TEST(Regime, PlateauMeansNoDiffusion) {
  Random random(2);
  DipoleSeries still{0.1, {std::vector<double>(5000, 0.0)}}, moving = still;
  EXPECT_FALSE(DiffusionResolved(ChargeDisplacementCurve({still})));
  AddCage(0.1, &random, &still.components[0]);
  EXPECT_FALSE(DiffusionResolved(ChargeDisplacementCurve({still})));
  moving.components[0] = Dipole(Process::kWalkInCage, 5000, 0.1, &random);
  EXPECT_TRUE(DiffusionResolved(ChargeDisplacementCurve({moving})));
}

// A crystal whose ions only vibrate, coherently and weakly damped, as in a small cell: it overshoots its
// plateau up to twice and falls again, at any length of the run.
TEST(Regime, CoherentVibrationIsNoDiffusion) {
  for (const size_t n : {100u, 400u, 3000u, 20000u}) {
    for (const double damping : {0.0, 0.02, 0.3}) {
      Random random(n);
      DipoleSeries crystal{0.01, {}};
      for (int c = 0; c < 3; ++c) {
        std::vector<double>& p = crystal.components.emplace_back();
        double x = 0.5, v = 0.3 * random.Gaussian();
        for (size_t k = 0; k < n; ++k) {  // period 0.09 ps; kicked so that its mean square stays
          v += -0.49 * x - damping * v + std::sqrt(2.0 * damping) * 0.35 * random.Gaussian();
          x += v;
          p.push_back(x);
        }
      }
      EXPECT_FALSE(DiffusionResolved(ChargeDisplacementCurve({crystal, crystal})))
          << n << " samples, damping " << damping;
    }
  }
}

TEST(Regime, WindowNeedsHalfADecade) {
  LocalExponent exponent;
  for (int k = 0; k <= 24; ++k) {
    exponent.t_ps.push_back(std::pow(10.0, k / 24.0));
    exponent.beta.push_back(k < 6 ? 0.8 : 1.01);
    exponent.s.push_back(k < 20 ? 0.02 : 0.2);
  }
  const auto window = DiffusiveWindow(exponent);
  ASSERT_TRUE(window.has_value());
  EXPECT_NEAR(window->first_ps, std::pow(10.0, 0.25), 1e-9);
  EXPECT_NEAR(window->last_ps, std::pow(10.0, 19.0 / 24.0), 1e-9);
  exponent.s[12] = 0.2;  // a gap leaves two short stretches
  EXPECT_FALSE(DiffusiveWindow(exponent).has_value());
}

TEST(Regime, SlopeChangeIsBlindToAnOffset) {
  Random random(3);
  const auto runs = Runs(Process::kBrownianInCage, 4, 4096, &random);
  const auto change = ComputeSlopeChange(ChargeDisplacementCurve(runs));
  ASSERT_TRUE(change.has_value());
  EXPECT_FALSE(change->power_law()) << change->log_ratio << " +- " << change->s;
}

// A run too short to see beyond a coherent vibration is undecided, not anomalous.
TEST(Regime, VibrationIsNotAPowerLaw) {
  Random random(4);
  std::vector<DipoleSeries> runs(4);
  for (auto& run : runs) {
    run.interval_ps = 0.01;
    for (int c = 0; c < 3; ++c) {
      auto& p = run.components.emplace_back(BrownianDipole(1500, 0.01, &random));
      const double phase = 6.283 * random.Uniform();
      for (size_t k = 0; k < p.size(); ++k)
        p[k] += 2.0 * std::cos(41.9 * 0.01 * static_cast<double>(k) + phase);
    }
  }
  const auto change = ComputeSlopeChange(ChargeDisplacementCurve(runs));
  ASSERT_TRUE(change.has_value());
  EXPECT_FALSE(change->power_law()) << change->log_ratio << " after " << change->earlier;
}

}  // namespace
}  // namespace superion::analysis
