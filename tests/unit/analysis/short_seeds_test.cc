#include "analysis/short_seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"

namespace superion::analysis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ShortSeeds, ATwentiethOfTheLongestIsKept) {
  std::vector<std::string> notes;
  EXPECT_THAT(LongEnoughSeeds({{"a", 150.0, 1500}, {"b", 7.5, 76}, {"c", 7.4, 75}}, &notes),
              ElementsAre(true, true, false));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0], HasSubstr("c is left out: it is 7.4 ps long, the longest run 150 ps"));
}

TEST(ShortSeeds, TooFewSamplesForTheSpectrumAreLeftOutWhereOthersHaveThem) {
  std::vector<std::string> notes;
  EXPECT_THAT(LongEnoughSeeds({{"a", 8.0, 81}, {"b", 3.9, 40}, {"c", 4.0, 41}}, &notes),
              ElementsAre(true, false, true));
  EXPECT_THAT(LongEnoughSeeds({{"a", 3.0, 31}, {"b", 2.0, 21}}, &notes), ElementsAre(true, true));
  EXPECT_EQ(notes.size(), 1u);
}

// Three walks of 150 ps say what they say, whatever short one lies beside them.
TEST(ShortSeeds, OneShortSeriesTakesNothingFromTheOthers) {
  Random random(17);
  auto walk = [&](size_t n) {
    DipoleSeries seed{0.1, Components(3, std::vector<double>(n))};
    for (auto& p : seed.components) {
      for (size_t i = 1; i < n; ++i) p[i] = p[i - 1] + random.Gaussian();
    }
    return seed;
  };
  AnalysisOptions options;
  options.temperature_k = 600.0;
  std::vector<DipoleSeries> seeds = {walk(1500), walk(1500), walk(1500)};
  const auto alone = AnalyzeDipoles(seeds, 1000.0, options);
  ASSERT_TRUE(alone.ok()) << alone.status();
  ASSERT_TRUE(alone->at("sigma_s_per_m").is_number());
  for (const size_t n : {5, 25}) {
    auto with = seeds;
    with.insert(with.begin() + 1, walk(n));
    const auto document = AnalyzeDipoles(with, 1000.0, options);
    ASSERT_TRUE(document.ok()) << document.status();
    EXPECT_EQ(document->at("sigma_s_per_m"), alone->at("sigma_s_per_m"));
    EXPECT_EQ(document->at("gates"), alone->at("gates"));
    EXPECT_EQ(document->at("n_seeds"), 3);
    EXPECT_THAT(document->at("notes").dump(), HasSubstr("series 2 is left out"));
  }
}

TEST(ShortSeeds, SumsDipolesAndTrajectoriesGoTogether) {
  AnalysisInput input;
  std::vector<DipoleSeries> dipoles;
  for (const size_t n : {1000, 30, 900}) {
    SpeciesSums sums;
    sums.origin = "run" + std::to_string(n);
    sums.interval_ps = 0.1;
    sums.steps.assign(n, 0.0);
    IonTrajectory ions;
    ions.origin = sums.origin;
    input.sums.push_back(std::move(sums));
    input.ions.push_back(std::move(ions));
    input.cells.emplace_back();
    dipoles.push_back({0.1, {std::vector<double>(n, 0.0)}});
  }
  std::vector<std::string> notes;
  LeaveOutShortSeeds(&input, &dipoles, &notes);
  ASSERT_EQ(input.sums.size(), 2u);
  EXPECT_EQ(input.sums[1].origin, "run900");
  ASSERT_EQ(input.ions.size(), 2u);
  EXPECT_EQ(input.ions[1].origin, "run900");
  EXPECT_EQ(input.cells.size(), 2u);
  EXPECT_EQ(dipoles[1].size(), 900u);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0], HasSubstr("run30"));
}

}  // namespace
}  // namespace superion::analysis
