#include "analysis/recipe/comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace superion::analysis {
namespace {

constexpr size_t kBlocks = 5, kPoints = 200;

// g(r) = 1 + amplitude e^{-(r-3)²} with noise of 0.05 per block, neighbours r in five blocks.
Findings Noisy(uint64_t seed, double amplitude, double centre = 120.0) {
  Random random(seed);
  Findings out;
  out.document["blocks"] = kBlocks;
  Table table{"rdf-P-S", {"r_angstrom", "g", "g_error"}, std::vector<std::vector<double>>(3)};
  const auto measure = [&](double truth, double noise) {
    std::vector<double> values;
    for (size_t b = 0; b < kBlocks; ++b) values.push_back(truth + noise * random.Gaussian());
    return MeanOfBlocks(values);
  };
  for (size_t k = 0; k < kPoints; ++k) {
    const double r = 0.02 * static_cast<double>(k) + 1.0;
    const Estimate e = measure(1.0 + amplitude * std::exp(-(r - 3) * (r - 3)), 0.05);
    table.values[0].push_back(r);
    table.values[1].push_back(e.value);
    table.values[2].push_back(e.error);
  }
  out.tables.push_back(table);
  out.document["vdos"]["species"]["Li"]["band_centre_cm1"] = ToJson(measure(centre, 2.0));
  return out;
}

// False alarms: at most 5 % of pairs with the same truth, curve and number alike.
TEST(ComparisonTest, TheSameTruthAgrees) {
  int numbers = 0, curves = 0;
  const int draws = 200;
  for (int k = 0; k < draws; ++k) {
    const Comparison c = Compare(Noisy(2 * k + 1, 0.5), Noisy(2 * k + 2, 0.5), "twin");
    ASSERT_EQ(c.numbers.size(), 1u);
    ASSERT_EQ(c.curves.size(), 1u);
    numbers += c.numbers[0].agrees ? 0 : 1;
    curves += c.curves[0].agrees ? 0 : 1;
  }
  // 5 % of 200, three binomial standard deviations.
  EXPECT_LE(numbers, 10 + 9);
  EXPECT_LE(curves, 10 + 9);
}

TEST(ComparisonTest, AnotherTruthDiffers) {
  const Comparison c = Compare(Noisy(1, 0.5), Noisy(2, 0.9, 140.0), "other");
  EXPECT_FALSE(c.numbers[0].agrees);
  EXPECT_EQ(c.numbers[0].quantity, "band centre of Li");
  EXPECT_FALSE(c.curves[0].agrees);
  EXPECT_EQ(c.curves[0].quantity, "g(r) of P-S");
  EXPECT_NEAR(c.curves[0].at[0], 3.0, 1.0);
  ASSERT_EQ(c.tables.size(), 1u);
  EXPECT_EQ(c.tables[0].name, "difference-other-rdf-P-S");
  EXPECT_EQ(c.tables[0].values[0].size(), kPoints);
  const Json json = ToJson(c);
  EXPECT_EQ(json["differ"], 2);
  EXPECT_EQ(json["compared"], 2);
}

// A small offset everywhere, below the limit of every single point, shows in the mean.
TEST(ComparisonTest, ASmallDifferenceEverywhereShows) {
  Findings a = Noisy(3, 0.5), b = Noisy(4, 0.5);
  for (double& g : b.tables[0].values[1]) g += 0.06;  // 1.9 combined standard errors
  for (Findings* f : {&a, &b}) std::fill_n(f->tables[0].values[2].begin(), kPoints, 0.05 / std::sqrt(5.0));
  const Comparison c = Compare(a, b, "offset");
  EXPECT_LT(c.curves[0].largest, c.curves[0].limit);
  EXPECT_GT(c.curves[0].mean_difference, 2.0 * c.curves[0].noise);
  EXPECT_FALSE(c.curves[0].agrees);
}

// Welch's example of unequal errors: the degrees of freedom are those of the noisier one.
TEST(ComparisonTest, LimitsOfStudent) {
  EXPECT_NEAR(CompareNumbers({1, 0.1}, 5, {1, 1e-9}, 100).limit, 2.776, 1e-3);
  EXPECT_NEAR(CompareNumbers({1, 0.1}, 5, {1, 0.1}, 5).limit, 2.306, 1e-3);
  EXPECT_TRUE(CompareNumbers({1, 0.0}, 5, {1, 0.0}, 5).agrees);
}

TEST(ComparisonTest, WhatOneOfThemLacksIsLeftOut) {
  Findings other;
  other.document["blocks"] = 5;
  const Comparison c = Compare(Noisy(1, 0.5), other, "empty");
  EXPECT_TRUE(c.numbers.empty());
  EXPECT_TRUE(c.curves.empty());
}

}  // namespace
}  // namespace superion::analysis
