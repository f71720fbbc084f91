#include "analysis/extrapolation/analysis_point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace superion::analysis {
namespace {

Json Document(const std::string& status) {
  return {{"temperature_k", 600.0},
          {"volume_angstrom3", 8000.0},
          {"status", status},
          {"sigma_s_per_m", 2.0},
          {"ci95_s_per_m", {1.6, 2.5}},
          {"s_tot", 0.11},
          {"sigma_ne_s_per_m", 3.0},
          {"sigma_ne_ci95_s_per_m", {3.0 * std::exp(-0.392), 3.0 * std::exp(0.392)}},
          {"estimators",
           {{"whittle_lepski", {{"sigma_s_per_m", 2.0}, {"s", 0.11}}},
            {"cepstral", {{"sigma_s_per_m", 2.1}, {"s", 0.09}}},
            {"increments", {{"sigma_s_per_m", nullptr}, {"s", nullptr}}}}}};
}

TEST(AnalysisPoint, HoldsValuesAndTheirErrors) {
  const auto point = ReadPoint(Document("RUNNING"), "a.json");
  ASSERT_TRUE(point.ok()) << point.status();
  EXPECT_EQ(point->sigma->sigma, 2.0);
  EXPECT_EQ(point->sigma->s, 0.11);
  EXPECT_FALSE(point->sigma->upper_bound);
  EXPECT_NEAR(point->sigma_ne->s, 0.2, 1e-12);
  EXPECT_EQ(point->volume_angstrom3, 8000.0);
  ASSERT_EQ(point->other.size(), 1u);
  EXPECT_EQ(point->other.at("cepstral").sigma, 2.1);
  EXPECT_TRUE(point->shown["used"].get<bool>());
}

TEST(AnalysisPoint, AnotherPhaseOrDisagreeingSeedsNeverEnterAFit) {
  for (const char* status : {"FRAMEWORK_UNSTABLE", "SEEDS_DISAGREE", "DRIFTING", "NOT_DIFFUSIVE"}) {
    const auto point = ReadPoint(Document(status), "a.json");
    ASSERT_TRUE(point.ok());
    EXPECT_FALSE(point->sigma || point->sigma_ne) << status;
    EXPECT_FALSE(point->left_out.empty());
    EXPECT_EQ(point->shown["sigma_s_per_m"], 2.0) << "it is shown all the same";
  }
}

TEST(AnalysisPoint, NoHopsAreABoundAndNothingElseIs) {
  Json document = Document("NO_HOPS");
  document["sigma_s_per_m"] = nullptr;
  document["ci95_s_per_m"] = {nullptr, 0.4};
  const auto bound = ReadPoint(document, "a.json");
  ASSERT_TRUE(bound.ok());
  EXPECT_TRUE(bound->sigma->upper_bound);
  EXPECT_EQ(bound->sigma->sigma, 0.4);
  document["status"] = "NOT_DIFFUSIVE";
  EXPECT_FALSE(ReadPoint(document, "a.json")->sigma);
}

TEST(AnalysisPoint, WhatIsNoAnalysisIsNamed) {
  EXPECT_THAT(std::string(ReadPoint(Json::object(), "b.json").status().message()),
              testing::HasSubstr("b.json"));
  EXPECT_FALSE(ReadPoint(Json::array(), "b.json").ok());
  const Json structure = {{"temperature_k", 600.0}, {"volume_angstrom3", 8000.0}, {"frames_per_seed", {10}}};
  EXPECT_THAT(std::string(ReadPoint(structure, "structure.json").status().message()),
              testing::HasSubstr("found one of structure"));
}

TEST(AnalysisPoint, AStatusThatNoAnalysisGivesIsRefused) {
  for (const Json& status : {Json("BOGUS"), Json(""), Json(3)}) {
    Json document = Document("RUNNING");
    document["status"] = status;
    const std::string said(ReadPoint(document, "b.json").status().message());
    EXPECT_THAT(said, testing::HasSubstr("b.json: status: expected one of CONVERGED, RUNNING"));
    EXPECT_THAT(said, testing::HasSubstr("found " + status.dump()));
  }
}

TEST(AnalysisPoint, OpenPointsAreNamed) {
  const auto open = ReadPoint(Document("RUNNING"), "a.json"),
             done = ReadPoint(Document("CONVERGED"), "b.json");
  ASSERT_TRUE(open.ok() && done.ok());
  EXPECT_EQ(RemarkOnOpenPoints({*done}), "");
  EXPECT_EQ(RemarkOnOpenPoints({*done, *open}),
            "points that are not converged are used: a.json is RUNNING at 600 K");
}

}  // namespace
}  // namespace superion::analysis
