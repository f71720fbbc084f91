#include <gtest/gtest.h>

#include <cmath>

#include "analysis/series/displacement.h"
#include "analysis/transport/spectral.h"
#include "core/random.h"

namespace superion::analysis {
namespace {

struct Currents {
  std::vector<DipoleSeries> main, other;
};

// White currents with σ_00 = 1, σ_01 = 0.6, σ_11 = 1: at constant other current 1 - 0.36.
Currents White(size_t n, Random* random) {
  Currents out{std::vector<DipoleSeries>(4), std::vector<DipoleSeries>(4)};
  for (size_t s = 0; s < 4; ++s) {
    out.main[s] = out.other[s] = {1.0, Components(3, {0.0})};
    for (size_t c = 0; c < 3; ++c) {
      auto &p = out.main[s].components[c], &q = out.other[s].components[c];
      for (size_t i = 0; i < n; ++i) {
        const double u = random->Gaussian(), v = random->Gaussian();
        q.push_back(q.back() + std::sqrt(2.0) * u);
        p.push_back(p.back() + std::sqrt(2.0) * (0.6 * u + 0.8 * v));
      }
    }
  }
  return out;
}

TEST(MultiCurrentCepstral, CorrelatedWhiteCurrents) {
  Random random(1);
  double mean = 0.0, square = 0.0, s = 0.0;
  constexpr int kReplicates = 60;
  for (int r = 0; r < kReplicates; ++r) {
    const Currents currents = White(1000, &random);
    const auto out = MultiCurrentCepstral(currents.main, {currents.other}, 1.0, 2);
    ASSERT_TRUE(out.ok()) << out.status();
    const double x = std::log(out->sigma / 0.64);
    mean += x / kReplicates, square += x * x / kReplicates, s += out->s / kReplicates;
  }
  EXPECT_NEAR(mean, 0.0, 4.0 * std::sqrt(square / kReplicates));
  EXPECT_LT(std::sqrt(square), 1.3 * s);
  EXPECT_LT(s, 0.15);
}

TEST(MultiCurrentCepstral, WithoutAuxiliaryCurrentItIsTheUsualOne) {
  Random random(2);
  const Currents currents = White(600, &random);
  const auto one = MultiCurrentCepstral(currents.main, {}, 3.0, 2), usual = Cepstral(currents.main, 3.0, 2);
  ASSERT_TRUE(one.ok() && usual.ok());
  EXPECT_NEAR(one->sigma, usual->sigma, 1e-9);
  EXPECT_NEAR(one->s, usual->s, 1e-12);
}

TEST(MultiCurrentCepstral, BadInputIsRefused) {
  Random random(3);
  Currents currents = White(100, &random);
  EXPECT_EQ(MultiCurrentCepstral(currents.main, {currents.main}, 1.0, 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MultiCurrentCepstral(currents.main, {currents.other}, 1.0, 10).status().code(),
            absl::StatusCode::kFailedPrecondition);
  currents.other.pop_back();
  EXPECT_EQ(MultiCurrentCepstral(currents.main, {currents.other}, 1.0, 1).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace superion::analysis
