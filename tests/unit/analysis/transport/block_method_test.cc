#include "analysis/transport/block_method.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

std::vector<DipoleSeries> BrownianRuns(size_t n, int seeds, Random* random) {
  std::vector<DipoleSeries> runs(static_cast<size_t>(seeds));
  for (auto& run : runs) {
    run.interval_ps = 0.5;
    for (int c = 0; c < 3; ++c) run.components.push_back(BrownianDipole(n, 0.5, random));
  }
  return runs;
}

// A path of constant velocity: the displacement is (v t)² in every block.
TEST(BlockMethod, CurveOfAStraightPath) {
  DipoleSeries run{0.5, {{}, {}}};
  for (int i = 0; i <= 100; ++i) {
    run.components[0].push_back(3.0 * 0.5 * i);
    run.components[1].push_back(4.0 * 0.5 * i);
  }
  BlockOptions options;
  options.block_ps = 10.0;
  for (BlockOrigins origins : {BlockOrigins::kStart, BlockOrigins::kAll}) {
    options.origins = origins;
    const auto block = BlockMethod({run}, 1.0, options);
    ASSERT_TRUE(block.ok()) << block.status();
    EXPECT_EQ(block->blocks, 5u);
    ASSERT_EQ(block->t_ps.size(), 20u);
    for (size_t k = 0; k < block->t_ps.size(); ++k) {
      EXPECT_NEAR(block->msd[k], 25.0 * block->t_ps[k] * block->t_ps[k], 1e-9);
      EXPECT_NEAR(block->sd[k], 0.0, 1e-3);
    }
    // Slope of 25 t² from 1 to 10 on an even grid: 25 (1 + 10); d = 2.
    EXPECT_NEAR(block->sigma, 25.0 * 11.0 / 4.0, 1e-9);
  }
}

// Mean and error of all three methods on Brownian motion; the windowed block never has the larger scatter.
TEST(BlockMethod, ErrorsAreTheScatter) {
  Random random(2);
  constexpr int kReplicates = 200;
  BlockOptions options;
  options.block_ps = 100.0;
  struct {
    double mean = 0.0, square = 0.0, predicted = 0.0;
    void Add(const BlockResult& r) {
      mean += r.sigma / kReplicates;
      square += r.sigma * r.sigma / kReplicates;
      predicted += r.s * r.sigma * r.s * r.sigma / kReplicates;
    }
    double variance() const { return square - mean * mean; }
  } start, all, simple;
  for (int r = 0; r < kReplicates; ++r) {
    const auto runs = BrownianRuns(1601, 4, &random);
    options.origins = BlockOrigins::kStart;
    const auto a = BlockMethod(runs, 1.0, options);
    options.origins = BlockOrigins::kAll;
    const auto b = BlockMethod(runs, 1.0, options);
    const auto c = SimpleMethod(runs, 1.0, options);
    ASSERT_TRUE(a.ok() && b.ok() && c.ok());
    EXPECT_EQ(a->blocks, 32u);
    EXPECT_EQ(c->dof, 3.0);
    start.Add(*a), all.Add(*b), simple.Add(*c);
  }
  const double error = 3.0 / std::sqrt(kReplicates);
  for (const auto* method : {&start, &all, &simple}) {
    EXPECT_NEAR(method->mean, 1.0, error * std::sqrt(method->variance()));
    EXPECT_NEAR(method->predicted / method->variance(), 1.0, 3.0 * std::sqrt(2.0 / kReplicates + 0.01));
  }
  EXPECT_LT(all.variance(), start.variance());
  EXPECT_LT(simple.variance(), start.variance());
}

TEST(BlockMethod, ScanFindsThePlateauOfUncorrelatedIncrements) {
  Random random(3);
  const auto scan = ScanBlockLengths(BrownianRuns(16001, 4, &random), 1.0, 20.0);
  ASSERT_TRUE(scan.ok()) << scan.status();
  ASSERT_GE(scan->s.size(), 5u);
  EXPECT_TRUE(scan->plateau);
  EXPECT_LE(scan->chosen_ps, 80.0);
}

// A conductivity that changes slowly between blocks: short blocks are correlated and promise too much.
TEST(BlockMethod, ScanShowsCorrelatedBlocks) {
  Random random(4);
  std::vector<DipoleSeries> runs(4);
  for (auto& run : runs) {
    run.interval_ps = 0.5;
    for (int c = 0; c < 3; ++c) {
      auto p = BrownianDipole(16001, 0.5, &random);
      // Activity rises and falls every 500 ps.
      for (size_t i = p.size() - 1; i > 0; --i) p[i] -= p[i - 1];
      double level = 0.3;
      for (size_t i = 1; i < p.size(); ++i) {
        if (i % 1000 == 0) level = random.Uniform() < 0.5 ? 0.1 : 1.8;
        p[i] = p[i - 1] + level * p[i];
      }
      run.components.push_back(p);
    }
  }
  const auto scan = ScanBlockLengths(runs, 1.0, 20.0);
  ASSERT_TRUE(scan.ok()) << scan.status();
  EXPECT_GE(scan->chosen_ps, 80.0);
  EXPECT_GT(scan->s[4], 1.3 * scan->s[0]);
}

TEST(BlockMethod, WhatDoesNotFitIsRefused) {
  Random random(5);
  const auto runs = BrownianRuns(101, 1, &random);
  BlockOptions options;
  options.block_ps = 40.0;
  EXPECT_EQ(BlockMethod(runs, 1.0, options).status().code(), absl::StatusCode::kFailedPrecondition);
  options.block_ps = 60.0;
  EXPECT_EQ(SimpleMethod(runs, 1.0, options).status().code(), absl::StatusCode::kFailedPrecondition);
  options.block_ps = 1.0;
  EXPECT_EQ(BlockMethod(runs, 1.0, options).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(BlockMethod({}, 1.0, options).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_DOUBLE_EQ(Efficiency(0.1, 0.2), 0.25);
  EXPECT_DOUBLE_EQ(Efficiency(0.1, 0.0), 0.0);
}

}  // namespace
}  // namespace superion::analysis
