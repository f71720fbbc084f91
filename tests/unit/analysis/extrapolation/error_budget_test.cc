#include "analysis/extrapolation/error_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "analysis/analyze.h"
#include "core/file.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

double Exact(double t) { return 5e6 / t * std::exp(-0.28 / (units::kBoltzmann * t)); }

AnalysisPoint Point(double t, double factor = 1.0, double s = 0.1) {
  AnalysisPoint point;
  point.temperature_k = t;
  point.sigma = ArrheniusPoint{t, factor * Exact(t), s, false};
  return point;
}

const BudgetTerm& Term(const Budget& budget, const std::string& source) {
  for (const auto& term : budget.terms) {
    if (term.source == source) return term;
  }
  ADD_FAILURE() << "no term " << source;
  return budget.terms.front();
}

TEST(ErrorBudget, WhatWasNotMeasuredSaysSoAndAddsNothing) {
  BudgetInput input;
  input.points = {Point(600.0)};
  const Budget budget = BudgetAt(input, 0);
  EXPECT_EQ(*Term(budget, "sampling").s, 0.1);
  for (const char* source : {"potential", "finite_size", "estimators"}) {
    EXPECT_FALSE(Term(budget, source).s.has_value());
    EXPECT_FALSE(Term(budget, source).message.empty());
  }
  EXPECT_NEAR(budget.TotalSd(), 0.1, 1e-15);
}

TEST(ErrorBudget, TheCommitteeSpreadIsWhatSamplingDoesNotExplain) {
  BudgetInput input;
  input.points = {Point(600.0, 1.0, 0.01)};
  input.committee = {{Point(600.0, std::exp(0.3), 0.01)}, {Point(600.0, std::exp(-0.3), 0.01)}};
  const auto& term = Term(BudgetAt(input, 0), "potential");
  EXPECT_NEAR(*term.s, std::sqrt(0.18 / 1.386294), 2e-3);
  EXPECT_GT(*term.high, *term.s);
  input.committee.pop_back();
  EXPECT_FALSE(Term(BudgetAt(input, 0), "potential").s.has_value()) << "two potentials tell nothing";
}

TEST(ErrorBudget, AKnownSizeShiftCountsWholeAndAnUnknownOneByItsError) {
  BudgetInput input;
  input.points = {Point(600.0)};
  input.size = SizeStudy{600.0, -0.3, 0.05, "FINITE_SIZE_EFFECT", true};
  EXPECT_NEAR(*Term(BudgetAt(input, 0), "finite_size").s, 0.3, 1e-15);
  input.size = SizeStudy{900.0, 0.01, 0.05, "FINITE_SIZE_OK", true};
  const auto term = Term(BudgetAt(input, 0), "finite_size");
  EXPECT_NEAR(*term.s, 0.05, 1e-15);
  EXPECT_THAT(term.message, testing::HasSubstr("900 K"));
}

TEST(ErrorBudget, OnlyDisagreementBeyondTheErrorsCounts) {
  BudgetInput input;
  input.points = {Point(600.0)};
  input.points[0].other["cepstral"] = {600.0, Exact(600.0) * std::exp(0.12), 0.1, false};
  EXPECT_EQ(*Term(BudgetAt(input, 0), "estimators").s, 0.0);
  input.points[0].other["increments"] = {600.0, Exact(600.0) * std::exp(-0.5), 0.1, false};
  EXPECT_NEAR(*Term(BudgetAt(input, 0), "estimators").s, std::sqrt(0.25 - 0.02), 1e-12);
}

TEST(ErrorBudget, RoomTemperatureAddsTheLawOfTemperature) {
  BudgetInput input;
  for (double t : {500.0, 570.0, 650.0, 750.0, 900.0}) input.points.push_back(Point(t));
  input.committee.resize(3);
  for (size_t m = 0; m < 3; ++m) {
    // Each potential has its own activation energy: 0.02 eV apart.
    for (double t : {500.0, 900.0})
      input.committee[m].push_back(
          Point(t, std::exp((static_cast<double>(m) - 1.0) * 0.02 / (units::kBoltzmann * t)), 1e-3));
  }
  const auto budget = ExtrapolatedBudget(input, 300.0);
  ASSERT_TRUE(budget.ok()) << budget.status();
  EXPECT_NEAR(budget->ln_sigma, std::log(Exact(300.0)), 1e-9);
  EXPECT_GT(*Term(*budget, "sampling").s, 0.2);
  EXPECT_GT(*Term(*budget, "extrapolation").s, 0.0);
  const double away = 0.02 / (units::kBoltzmann * 300.0);
  EXPECT_NEAR(*Term(*budget, "potential").s / (away * std::sqrt(2.0 / 2.36597)), 1.0, 0.1);
  double sum = 0.0;
  for (const auto& term : budget->terms) sum += term.s ? *term.s * *term.s : 0.0;
  EXPECT_NEAR(budget->TotalSd(), std::sqrt(sum), 1e-12);
}

TEST(ErrorBudget, AMissingValueHasNoBudget) {
  BudgetInput input;
  input.points = {Point(600.0)};
  input.points[0].sigma->upper_bound = true;
  EXPECT_FALSE(BudgetAt(input, 0).stated);
  EXPECT_FALSE(ExtrapolatedBudget(input, 300.0)->stated);
}

class ErrorBudgetTask : public testing::Test {
 protected:
  void SetUp() override {
    home_ = std::filesystem::current_path();
    folder_ = std::filesystem::temp_directory_path() / ("error_budget_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    std::filesystem::current_path(folder_);
  }
  void TearDown() override {
    std::filesystem::current_path(home_);
    std::filesystem::remove_all(folder_);
  }
  void Write(const std::string& path, double t, double sigma, double volume = 8000.0,
             const std::string& status = "CONVERGED") {
    const Json document = {{"temperature_k", t},
                           {"status", status},
                           {"sigma_s_per_m", sigma},
                           {"s_tot", 0.05},
                           {"volume_angstrom3", volume}};
    ASSERT_TRUE(WriteFileAtomically(path, document.dump()).ok());
  }
  std::filesystem::path home_, folder_;
};

TEST_F(ErrorBudgetTask, PutsEverySourceSideBySide) {
  TaskSpec spec;
  for (double t : {500.0, 600.0, 700.0}) {
    const std::string path = fmt::format("a{}.json", t);
    Write(path, t, Exact(t));
    spec.inputs.push_back({"analysis", "", path});
  }
  for (int m = 1; m <= 3; ++m) {
    const std::string path = fmt::format("c{}.json", m);
    Write(path, 600.0, Exact(600.0) * (1.0 + 0.3 * m));
    spec.inputs.push_back({"committee", "", path});
  }
  spec.params["members"] = {1, 2, 3};
  const TaskResult result = RunErrorBudget(spec, [](const TaskProgress&) {});
  ASSERT_TRUE(result.status.ok()) << result.status;
  ASSERT_EQ(result.metrics["temperatures"].size(), 3u);
  const Json& middle = result.metrics["temperatures"][1];
  EXPECT_EQ(middle["terms"].size(), 4u);
  EXPECT_TRUE(middle["terms"][1]["measured"].get<bool>());
  EXPECT_THAT(middle["total"]["lacks"].get<std::vector<std::string>>(),
              testing::ElementsAre("finite_size", "estimators"));
  EXPECT_EQ(result.metrics["extrapolated"]["terms"].size(), 5u);
  EXPECT_EQ(result.metrics["committee"].size(), 3u);
  spec.params["members"] = {1, 2};
  EXPECT_EQ(RunErrorBudget(spec, [](const TaskProgress&) {}).status.code(),
            absl::StatusCode::kInvalidArgument);
}

// ln σ = 1 - 4/L in cells of 1, 8 and 27 times 1000 Å³.
TEST_F(ErrorBudgetTask, FiniteSizeOfDocuments) {
  TaskSpec spec;
  for (int n = 1; n <= 3; ++n) {
    const std::string path = fmt::format("s{}.json", n);
    Write(path, 600.0, std::exp(1.0 - 4.0 / (10.0 * n)), 1000.0 * n * n * n);
    spec.inputs.push_back({"analysis", "", path});
  }
  spec.params = {{"viscosity_pa_s", 1e-3}, {"lambda_gpa", 20.0}, {"mu_gpa", 15.0}};
  const TaskResult result = RunFiniteSize(spec, [](const TaskProgress&) {});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_NEAR(result.metrics["slope_angstrom"].get<double>(), -4.0, 1e-9);
  EXPECT_NEAR(result.metrics["sigma_infinite_s_per_m"].get<double>(), std::exp(1.0), 1e-9);
  EXPECT_NEAR(result.metrics["production_length_angstrom"].get<double>(), 30.0, 1e-9);
  EXPECT_EQ(result.metrics["status"], "FINITE_SIZE_EFFECT");
  EXPECT_EQ(result.metrics["yeh_hummer"]["sizes"].size(), 3u);
  EXPECT_GT(result.metrics["framework"]["sizes"][0]["b_factor_missing_angstrom2"].get<double>(), 0.0);

  TaskSpec budget;
  budget.inputs = {{"analysis", "", "s3.json"}, {"finite_size", "", "finite_size.json"}};
  const TaskResult with = RunErrorBudget(budget, [](const TaskProgress&) {});
  ASSERT_TRUE(with.status.ok()) << with.status;
  EXPECT_NEAR(with.metrics["temperatures"][0]["terms"][2]["s"].get<double>(), 4.0 / 30.0, 1e-9);

  EXPECT_EQ(result.metrics["flags"], Json::array());
  Write("s1.json", 600.0, std::exp(0.6), 1000.0, "ESTIMATORS_DISAGREE");
  const TaskResult open = RunFiniteSize(spec, [](const TaskProgress&) {});
  ASSERT_TRUE(open.status.ok()) << open.status;
  EXPECT_EQ(open.metrics["flags"], Json({"POINTS_NOT_CONVERGED"}));
  EXPECT_THAT(open.metrics["notes"].dump(), testing::HasSubstr("s1.json is ESTIMATORS_DISAGREE at 600 K"));

  spec.inputs.pop_back();
  const TaskResult two = RunFiniteSize(spec, [](const TaskProgress&) {});
  ASSERT_TRUE(two.status.ok());
  EXPECT_EQ(two.metrics["status"], "NOT_ENOUGH_SIZES");
  Write("s2.json", 700.0, 1.0);
  EXPECT_EQ(RunFiniteSize(spec, [](const TaskProgress&) {}).status.code(),
            absl::StatusCode::kInvalidArgument);
  spec.params = {{"viscosity", 1.0}};
  EXPECT_EQ(RunFiniteSize(spec, [](const TaskProgress&) {}).status.code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace superion::analysis
