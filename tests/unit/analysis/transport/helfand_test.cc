#include "analysis/transport/helfand.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/series/displacement.h"
#include "core/random.h"
#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

// Relative variance of one windowed MSD point, closed form of conductivity.md, section 3.5.
TEST(Helfand, DiagonalOfTheCovarianceIsTheKnownVariance) {
  for (size_t n : {1u, 3u, 10u, 40u}) {
    const double total = 100.0, lag = static_cast<double>(n), k = total - lag + 1.0;
    const double exact = 2.0 * (4.0 * lag * lag * k + 2.0 * k + lag - lag * lag * lag) / (6.0 * lag * k * k);
    const double own = 2.0 * WindowedCovariance({n}, 100)[0] / (lag * lag);
    EXPECT_NEAR(own / exact, 1.0, 1e-12) << n;
  }
}

TEST(Helfand, CovarianceOfTwoLagsEqualsTheCountOfOverlaps) {
  const size_t total = 23, n = 3, m = 7;
  double sum = 0.0;
  for (size_t i = 0; i + n <= total; ++i) {
    for (size_t j = 0; j + m <= total; ++j) {
      const double overlap =
          std::max(0.0, static_cast<double>(std::min(i + n, j + m)) - static_cast<double>(std::max(i, j)));
      sum += overlap * overlap;
    }
  }
  EXPECT_NEAR(WindowedCovariance({n, m}, total)[1], sum / ((total - n + 1.0) * (total - m + 1.0)), 1e-12);
}

TEST(Helfand, LineIsRecoveredExactly) {
  const auto lags = HelfandLags(4, 250);
  const auto fit = HelfandFit::Create(lags, 0.1, 1000);
  ASSERT_TRUE(fit.ok()) << fit.status();
  std::vector<double> msd;
  for (size_t lag : lags) msd.push_back(3.0 * 0.1 * static_cast<double>(lag) + 0.7);
  const LineFit line = fit->Fit(msd, 1.0);
  EXPECT_NEAR(line.slope, 3.0, 1e-9);
  EXPECT_NEAR(line.intercept, 0.7, 1e-9);
}

TEST(Helfand, PredictedErrorIsTheScatter) {
  const auto lags = HelfandLags(2, 250);
  const auto fit = HelfandFit::Create(lags, 1.0, 1000);
  ASSERT_TRUE(fit.ok());
  Random random(3);
  double sum = 0.0, square = 0.0, predicted = 0.0;
  constexpr int kReplicates = 400;
  for (int r = 0; r < kReplicates; ++r) {
    const auto msd = MeanSquareDisplacement({BrownianDipole(1001, 1.0, &random)});
    std::vector<double> picked;
    for (size_t lag : lags) picked.push_back(msd[lag]);
    const LineFit line = fit->Fit(picked, 1.0);
    sum += line.slope / 2.0;
    square += line.slope * line.slope / 4.0;
    predicted = line.relative_sd;
  }
  const double mean = sum / kReplicates, sd = std::sqrt(square / kReplicates - mean * mean);
  EXPECT_NEAR(mean, 1.0, 3.0 * predicted / std::sqrt(kReplicates));
  EXPECT_NEAR(sd / predicted, 1.0, 3.0 / std::sqrt(2.0 * kReplicates));
}

TEST(Helfand, TooFewLagsAreRefused) {
  EXPECT_EQ(HelfandFit::Create({1, 2}, 1.0, 100).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(HelfandFit::Create({1, 2, 200}, 1.0, 100).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Helfand, CovarianceEstimatorRemovesAnOffsetAndKnowsItsError) {
  Random random(5);
  double sum = 0.0, square = 0.0, predicted = 0.0;
  constexpr int kReplicates = 300;
  for (int r = 0; r < kReplicates; ++r) {
    auto p = BrownianDipole(501, 1.0, &random);
    for (double& v : p)
      v += 1.5 * random.Gaussian();  // white offset of variance 2.25, uncorrelated between samples
    const auto cve = CovarianceBased({{1.0, {p}}}, 1.0, 1);
    ASSERT_TRUE(cve.ok()) << cve.status();
    sum += cve->sigma;
    square += cve->sigma * cve->sigma;
    predicted += cve->s * cve->sigma / kReplicates;
  }
  const double mean = sum / kReplicates, sd = std::sqrt(square / kReplicates - mean * mean);
  EXPECT_NEAR(mean, 1.0, 3.0 * sd / std::sqrt(kReplicates));
  EXPECT_NEAR(sd / predicted, 1.0, 0.15);
}

TEST(Helfand, IncrementIntervalIsTheChiSquareOne) {
  const auto increments = Increments({{1.0, {{0.0, 1.0, 3.0, 2.0}}}}, 2.0, 1);
  ASSERT_TRUE(increments.ok());
  EXPECT_DOUBLE_EQ(increments->n, 3.0);
  EXPECT_DOUBLE_EQ(increments->sigma, 2.0 * (1.0 + 4.0 + 1.0) / 6.0);
  EXPECT_NEAR(increments->low, 6.0 / 9.348403604496, 1e-9);
  EXPECT_NEAR(increments->high, 6.0 / 0.215795282624, 1e-8);
  EXPECT_FALSE(Increments({{1.0, {{0.0, 1.0}}}}, 1.0, 4).ok());
}

}  // namespace
}  // namespace superion::analysis
