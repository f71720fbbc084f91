#include "analysis/transport/tensor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "tests/science/hard_processes.h"

namespace superion::analysis {
namespace {

constexpr Mat3 kSigma{{{2.0, 0.3, 0.1}, {0.3, 1.0, -0.2}, {0.1, -0.2, 0.5}}};

// Rotations about x, y and z by 90°: a cubic group up to inversion.
std::vector<Mat3> CubicRotations() {
  std::vector<Mat3> out;
  const int permutations[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}};
  for (const auto& permutation : permutations) {
    for (int signs = 0; signs < 8; ++signs) {
      Mat3 m{};
      for (size_t i = 0; i < 3; ++i)
        m[i][static_cast<size_t>(permutation[i])] = (signs >> i & 1) != 0 ? -1.0 : 1.0;
      out.push_back(m);
    }
  }
  return out;
}

// The covariance of a Wishart matrix against its simulation.
TEST(Tensor, WishartCovarianceIsTheScatter) {
  constexpr int kDof = 40, kReplicates = 20000;
  const TensorEstimate exact =
      WishartTensor(kSigma, {std::sqrt(2.0 / kDof), std::sqrt(2.0 / kDof), std::sqrt(2.0 / kDof)});
  // Cholesky factor of kSigma.
  const double l00 = std::sqrt(2.0), l10 = 0.3 / l00, l20 = 0.1 / l00, l11 = std::sqrt(1.0 - l10 * l10),
               l21 = (-0.2 - l20 * l10) / l11, l22 = std::sqrt(0.5 - l20 * l20 - l21 * l21);
  Random random(1);
  double xx = 0.0, xy = 0.0, xy_xy = 0.0, xx_xx = 0.0, xx_xy = 0.0;
  for (int r = 0; r < kReplicates; ++r) {
    double a = 0.0, b = 0.0;
    for (int k = 0; k < kDof; ++k) {
      const double u = random.Gaussian(), v = random.Gaussian(), w = random.Gaussian();
      const Vec3 x{l00 * u, l10 * u + l11 * v, l20 * u + l21 * v + l22 * w};
      a += x[0] * x[0] / kDof, b += x[0] * x[1] / kDof;
    }
    xx += a / kReplicates, xy += b / kReplicates;
    xx_xx += (a - 2.0) * (a - 2.0) / kReplicates, xy_xy += (b - 0.3) * (b - 0.3) / kReplicates;
    xx_xy += (a - 2.0) * (b - 0.3) / kReplicates;
  }
  const double tolerance = 4.0 * std::sqrt(2.0 / kReplicates);
  EXPECT_NEAR(xx_xx / exact.covariance(0, 0, 0, 0), 1.0, tolerance);
  EXPECT_NEAR(xy_xy / exact.covariance(0, 1, 0, 1), 1.0, tolerance);
  EXPECT_NEAR(xx_xy, exact.covariance(0, 0, 0, 1), 0.1 * exact.covariance(0, 1, 0, 1));
  EXPECT_NEAR(xx, 2.0, 4.0 * exact.sd(0, 0) / std::sqrt(kReplicates));
  EXPECT_NEAR(xy, 0.3, 4.0 * exact.sd(0, 1) / std::sqrt(kReplicates));
}

TEST(Tensor, EachAxisKeepsItsOwnError) {
  const TensorEstimate t = WishartTensor(kSigma, {0.1, 0.2, 0.3});
  EXPECT_NEAR(t.sd(0, 0), 0.1 * 2.0, 1e-12);
  EXPECT_NEAR(t.sd(1, 1), 0.2 * 1.0, 1e-12);
  EXPECT_NEAR(t.sd(2, 2), 0.3 * 0.5, 1e-12);
  EXPECT_DOUBLE_EQ(t.Along({0, 1, 0}), 1.0);
  EXPECT_NEAR(t.SdAlong({0, 0, 1}), t.sd(2, 2), 1e-12);
}

TEST(Tensor, CubicSymmetryLeavesOneNumberWithThreeTimesTheData) {
  const double s = 0.12;
  const TensorEstimate t = Symmetrised(WishartTensor(kSigma, {s, s, s}), CubicRotations());
  const double mean = 3.5 / 3.0;
  for (size_t a = 0; a < 3; ++a) {
    for (size_t b = 0; b < 3; ++b) EXPECT_NEAR(t.sigma[a][b], a == b ? mean : 0.0, 1e-12);
  }
  // Var(tr/3) of a Wishart matrix: 2 |σ|²_F/(9 n), 1/n = s²/2.
  double frobenius = 0.0;
  for (const Vec3& row : kSigma) frobenius += Dot(row, row);
  EXPECT_NEAR(t.sd(0, 0), s * std::sqrt(frobenius) / 3.0, 1e-12);
  EXPECT_NEAR(t.sd(0, 1), 0.0, 1e-9);
  const TensorEstimate same = Symmetrised(WishartTensor(kSigma, {s, s, s}), {});
  EXPECT_EQ(same.sigma, kSigma);
}

TEST(Tensor, PrincipalValuesAndAxes) {
  const PrincipalAxes p = Principal(WishartTensor(kSigma, {0.1, 0.1, 0.1}));
  EXPECT_GT(p.values[0], p.values[1]);
  EXPECT_GT(p.values[1], p.values[2]);
  EXPECT_NEAR(p.values[0] + p.values[1] + p.values[2], 3.5, 1e-12);
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(Norm(p.axes[k]), 1.0, 1e-12);
    for (size_t a = 0; a < 3; ++a) EXPECT_NEAR(Dot(kSigma[a], p.axes[k]), p.values[k] * p.axes[k][a], 1e-12);
    EXPECT_NEAR(p.sd[k], 0.1 * p.values[k], 1e-9);  // Wishart: relative error sqrt(2/n) along every direction
  }
}

// Under the hypothesis the probability is uniform: 5 % of isotropic samples are below 0.05.
TEST(Tensor, MauchlyTestHasItsSize) {
  Random random(4);
  constexpr int kReplicates = 4000, kDof = 60;
  int rejected = 0;
  for (int r = 0; r < kReplicates; ++r) {
    Mat3 sum{};
    for (int k = 0; k < kDof; ++k) {
      const Vec3 x{random.Gaussian(), random.Gaussian(), random.Gaussian()};
      for (size_t a = 0; a < 3; ++a) {
        for (size_t b = 0; b < 3; ++b) sum[a][b] += x[a] * x[b];
      }
    }
    rejected += Sphericity(sum, kDof).p < 0.05;
  }
  EXPECT_NEAR(rejected / static_cast<double>(kReplicates), 0.05, 3.0 * std::sqrt(0.05 * 0.95 / kReplicates));
  EXPECT_NEAR(Sphericity({{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, 100).p, 1.0, 1e-12);
  EXPECT_LT(Sphericity({{{1, 0, 0}, {0, 1, 0}, {0, 0, 4}}}, 100).p, 1e-6);
}

// The coherence comes from low frequencies only: a cage common to x and y would correlate increments by half.
// About 72 isotropic hops in four runs: far fewer than the band has modes. Counted as modes, they look
// anisotropic in a quarter of the draws, and the intervals of the axes are too narrow.
TEST(Tensor, FewHopsAreNotTakenForAnisotropy) {
  constexpr int kDraws = 60;
  const MakeRun hops = JumpProcess({0.03});
  int rejected = 0, inside = 0, axes = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    Random random(DeriveSeed(41, std::to_string(draw)));
    std::vector<DipoleSeries> runs;
    for (int seed = 0; seed < 4; ++seed) runs.push_back(hops(6000, &random));
    const auto result = AnalyzeTensor(runs, 1.0);
    ASSERT_TRUE(result.ok()) << result.status();
    if (!result->tensor) continue;
    rejected += result->sphericity.p < 0.05;
    for (const auto& axis : result->axes) {
      inside += std::abs(std::log(axis.whittle_lepski->sigma)) <= 1.96 * axis.whittle_lepski->s;
      ++axes;
    }
  }
  ASSERT_GT(axes, 3 * kDraws / 2);
  EXPECT_LE(rejected, kDraws / 8);
  EXPECT_GE(inside, 0.9 * axes);
}

TEST(Tensor, CommonCageDoesNotLookLikeCorrelatedDiffusion) {
  Random random(5);
  std::vector<DipoleSeries> runs(4);
  for (auto& run : runs) {
    run.interval_ps = 0.1;
    std::vector<double> cage(40000, 0.0);
    AddCage(0.1, &random, &cage);
    for (int c = 0; c < 3; ++c) {
      run.components.push_back(BrownianDipole(cage.size(), 0.1, &random));
      for (size_t i = 0; c < 2 && i < cage.size(); ++i) run.components.back()[i] += 3.0 * cage[i];
    }
  }
  const auto result = AnalyzeTensor(runs, 1.0);
  ASSERT_TRUE(result.ok() && result->tensor) << result.status();
  EXPECT_NEAR(result->tensor->sigma[0][1], 0.0, 3.0 * result->tensor->sd(0, 1));
  EXPECT_LT(result->tensor->sd(0, 1), 0.15);
  runs[0].components.pop_back();
  EXPECT_EQ(AnalyzeTensor(runs, 1.0).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace superion::analysis
