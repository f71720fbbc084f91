#include "analysis/series/block_mean.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "analysis/series/parallel.h"

namespace superion::analysis {
namespace {

TEST(BlockMeanTest, MeanOverAllAndErrorOfTheBlocks) {
  BlockMean mean(2);
  mean.Add(0, std::vector<double>{2.0, 1.0}, 1.0);
  mean.Add(0, std::vector<double>{4.0, 1.0}, 1.0);
  mean.Add(1, std::vector<double>{5.0, 1.0}, 1.0);
  EXPECT_EQ(mean.Mean(), (std::vector<double>{11.0 / 3.0, 1.0}));
  // Blocks 3 and 5: sd √2, over √2 blocks.
  EXPECT_DOUBLE_EQ(mean.StandardError()[0], 1.0);
  EXPECT_EQ(mean.StandardError()[1], 0.0);
  EXPECT_EQ(mean.OfBlock(1)[0], 5.0);
}

TEST(BlockMeanTest, WhatWasNotSampledIsNotANumber) {
  BlockMean mean(2);
  mean.Add(3, std::vector<double>{2.0, 0.0}, std::vector<double>{1.0, 0.0});
  EXPECT_EQ(mean.MeanAt(0), 2.0);
  EXPECT_TRUE(std::isnan(mean.MeanAt(1)));
  EXPECT_TRUE(std::isnan(mean.StandardError()[0])) << "one block has no spread";
}

TEST(ParallelForTest, EveryPieceOnce) {
  for (int threads : {1, 3, 64}) {
    std::vector<int> calls(17, 0);
    ParallelFor(calls.size(), threads, [&](size_t k) { ++calls[k]; });
    EXPECT_EQ(calls, std::vector<int>(17, 1)) << threads;
  }
}

}  // namespace
}  // namespace superion::analysis
