#include "analysis/recipe/rows.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion::analysis {
namespace {

TEST(RowsTest, SigmaIsANumberOrABoundOrNeither) {
  EXPECT_EQ(SigmaText({{"sigma_s_per_m", 0.5}, {"ci95_s_per_m", {0.4, 0.6}}, {"status", "CONVERGED"}}),
            "0.5 S/m, 95 % 0.4 .. 0.6, CONVERGED");
  EXPECT_EQ(SigmaText({{"sigma_s_per_m", nullptr}, {"ci95_s_per_m", {nullptr, 0.02}}, {"status", "NO_HOPS"}}),
            "no number (NO_HOPS): below 0.02 S/m with 95 %");
  EXPECT_EQ(SigmaText({{"sigma_s_per_m", nullptr}, {"ci95_s_per_m", {nullptr, nullptr}}, {"status", "X"}}),
            "no number (X)");
}

TEST(RowsTest, NumbersThatAreNotFiniteAreNull) {
  const Json row = RecipeRow("q", "s", "o", NAN, 2.0, "S/m");
  EXPECT_TRUE(row["study_value"].is_null());
  EXPECT_EQ(row["ours_value"], 2.0);
  EXPECT_TRUE(std::isnan(NumberOf(row, "study_value")));
  EXPECT_TRUE(std::isnan(NumberOf(row, "missing")));
}

}  // namespace
}  // namespace superion::analysis
