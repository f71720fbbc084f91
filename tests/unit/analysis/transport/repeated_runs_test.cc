// Copies of a run in disguise are found; independent runs, however alike, are not taken for copies.
#include "analysis/transport/repeated_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "analysis/analyze.h"
#include "core/random.h"

namespace superion::analysis {
namespace {

using ::testing::HasSubstr;

constexpr size_t kSamples = 6000;

// A walk with a vibration that relaxes, as of ions in cages.
DipoleSeries Walk(uint64_t seed, size_t n = kSamples, size_t dimension = 3) {
  Random random(seed);
  DipoleSeries out{0.1, {}};
  for (size_t c = 0; c < dimension; ++c) {
    auto& p = out.components.emplace_back();
    double walk = 0.0, cage = 0.0;
    for (size_t i = 0; i < n; ++i) {
      p.push_back(walk + cage);
      walk += 0.4 * random.Gaussian();
      cage = 0.7 * cage + 0.3 * random.Gaussian();
    }
  }
  return out;
}

// Undamped modes of the same frequencies; amplitudes and phases thermal.
DipoleSeries Crystal(uint64_t seed, size_t modes, size_t dimension) {
  Random random(seed);
  DipoleSeries out{0.01, {}};
  for (size_t c = 0; c < dimension; ++c) {
    auto& p = out.components.emplace_back(kSamples, 0.0);
    for (size_t m = 0; m < modes; ++m) {
      const double x = random.Gaussian(), y = random.Gaussian(), w = 0.21 + 0.17 * double(m);
      for (size_t i = 0; i < kSamples; ++i) p[i] += x * std::cos(w * double(i)) + y * std::sin(w * double(i));
    }
  }
  return out;
}

template <typename Change>
DipoleSeries Changed(DipoleSeries series, const Change& change) {
  for (auto& p : series.components) p = change(p);
  return series;
}
DipoleSeries Piece(const DipoleSeries& series, size_t first, size_t last, size_t stride = 1) {
  return Changed(series, [&](const std::vector<double>& p) {
    std::vector<double> out;
    for (size_t i = first; i < std::min(last, p.size()); i += stride) out.push_back(p[i]);
    return out;
  });
}
DipoleSeries Affine(const DipoleSeries& series, double factor, double shift) {
  return Changed(series, [&](std::vector<double> p) {
    for (double& x : p) x = factor * x + shift;
    return p;
  });
}
DipoleSeries Backwards(const DipoleSeries& series, double sign) {
  return Affine(Changed(series,
                        [](std::vector<double> p) {
                          std::reverse(p.begin(), p.end());
                          return p;
                        }),
                sign, 0.0);
}

std::string Found(const DipoleSeries& a, const DipoleSeries& b) {
  return std::string(CheckNoneRepeats({Walk(77), a, b}, 1).message());
}

TEST(RepeatedRunsTest, CopiesInDisguise) {
  const DipoleSeries run = Walk(1), whole = Walk(1, 2 * kSamples);
  const std::pair<const char*, DipoleSeries> copies[] = {
      {"itself", run},
      {"shifted", Affine(run, 1.0, 5.0)},
      {"scaled", Affine(run, 1.000001, 0.0)},
      {"without its start", Piece(run, 1, kSamples)},
      {"without a fifth", Piece(run, kSamples / 5, kSamples)},
      {"cut", Piece(run, 0, kSamples / 2)},
      {"from the middle", Piece(run, 2000, 3000)},
      {"every 2nd", Piece(run, 0, kSamples, 2)},
      {"every 7th", Piece(run, 3, kSamples, 7)},
      {"backwards", Backwards(run, 1.0)},
      {"current backwards", Backwards(run, -1.0)},
      {"last half backwards", Backwards(Piece(run, 3000, kSamples), 1.0)}};
  for (const auto& [name, copy] : copies) {
    EXPECT_THAT(Found(run, copy), HasSubstr("is a copy of series")) << name;
    EXPECT_THAT(Found(copy, run), HasSubstr("is a copy of series")) << name;
  }
  const auto first = Piece(whole, 0, kSamples), second = Piece(whole, kSamples - 700, 2 * kSamples);
  for (const auto& [a, b] : {std::pair{first, second}, std::pair{second, first}}) {
    EXPECT_THAT(Found(a, b), HasSubstr("is a copy of series"));
    EXPECT_THAT(Found(a, Backwards(b, 1.0)), HasSubstr("is a copy of series"));
  }
}

TEST(RepeatedRunsTest, TheMessageNamesBoth) {
  const DipoleSeries run = Walk(1);
  EXPECT_THAT(std::string(CheckNoneRepeats({run, Piece(run, 100, 900)}, 1, {"a.dump", "b.dump"}).message()),
              HasSubstr("b.dump is a copy of a.dump or of a part"));
}

TEST(RepeatedRunsTest, TheAnalysisRefusesThem) {
  AnalysisOptions options;
  options.temperature_k = 600.0;
  const DipoleSeries run = Walk(1);
  EXPECT_TRUE(AnalyzeDipoles({run, Walk(2)}, 1e4, options).ok());
  EXPECT_THAT(std::string(AnalyzeDipoles({run, Piece(run, 100, kSamples)}, 1e4, options).status().message()),
              HasSubstr("series 2 is a copy of series 1"));
}

TEST(RepeatedRunsTest, PiecesWithoutOverlapAreNone) {
  const DipoleSeries run = Walk(3);
  EXPECT_EQ(Found(Piece(run, 0, 3001), Piece(run, 3000, kSamples)), "");
}

TEST(RepeatedRunsTest, IndependentRunsAreNone) {
  std::vector<DipoleSeries> seeds;
  for (uint64_t s = 0; s < 24; ++s) seeds.push_back(Walk(100 + s, s % 3 == 0 ? 60 : 1500, s < 12 ? 1 : 3));
  EXPECT_TRUE(CheckNoneRepeats(seeds, 2).ok());
}

// A few modes without damping: at some shift any two are much alike.
TEST(RepeatedRunsTest, CrystalsOfFewModesAreNone) {
  for (size_t dimension : {1, 3}) {
    for (size_t modes : {1, 2, 5}) {
      std::vector<DipoleSeries> seeds;
      for (uint64_t s = 0; s < 8; ++s) seeds.push_back(Crystal(200 + 10 * modes + s, modes, dimension));
      EXPECT_TRUE(CheckNoneRepeats(seeds, 2).ok()) << dimension << " " << modes;
    }
  }
}

// Equal hops at rare times: the few of two runs fall together at some shift.
TEST(RepeatedRunsTest, FewEqualHopsAreNoCopy) {
  std::vector<DipoleSeries> seeds;
  for (uint64_t s = 0; s < 6; ++s) {
    Random random(300 + s);
    DipoleSeries series{0.1, {std::vector<double>(kSamples, 0.0)}};
    for (size_t hop = 0; hop < 1 + 40 * (s / 3); ++hop) {
      const double sign = random.Below(2) == 0 ? 3.0 : -3.0;
      for (size_t i = 1 + random.Below(kSamples - 1); i < kSamples; ++i) series.components[0][i] += sign;
    }
    seeds.push_back(series);
  }
  EXPECT_TRUE(CheckNoneRepeats(seeds, 1).ok()) << CheckNoneRepeats(seeds, 1);
}

TEST(RepeatedRunsTest, WhatStandsStillOrIsShortIsNone) {
  const DipoleSeries still{0.1, {std::vector<double>(200, 1.0)}};
  EXPECT_TRUE(CheckNoneRepeats({still, still, Walk(5, 3, 1), Walk(5, 3, 1)}, 1).ok());
}

}  // namespace
}  // namespace superion::analysis
