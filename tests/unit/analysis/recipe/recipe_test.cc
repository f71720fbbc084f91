#include "analysis/recipe/recipe.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion::analysis {
namespace {

TEST(RecipeTest, SlopeForgetsTheOffset) {
  std::vector<double> t, msd;
  for (int k = 1; k <= 20; ++k) t.push_back(k), msd.push_back(0.7 + 6.0 * 0.3 * k);
  EXPECT_NEAR(DiffusionOfSlope(t, msd, 5.0, 20.0), 0.3, 1e-12);
  EXPECT_TRUE(std::isnan(DiffusionOfSlope(t, msd, 19.5, 20.0)));
}

// Without n = 0 the sum misses that term; with all between 1 and 6 it is Shannon's up to the 1e-12.
TEST(RecipeTest, TruncatedEntropy) {
  EXPECT_NEAR(TruncatedLabelEntropy({0.0, 0.25, 0.25, 0.25, 0.25}), std::log(4.0), 1e-9);
  EXPECT_NEAR(TruncatedLabelEntropy({0.5, 0.5}), 0.5 * std::log(2.0), 1e-9);
}

TEST(RecipeTest, ExponentOfAPowerLaw) {
  std::vector<double> t, msd;
  for (int k = 0; k < 10; ++k) t.push_back(std::pow(2.0, k)), msd.push_back(3.0 * std::pow(t.back(), 0.7));
  for (double beta : LocalExponents(t, msd)) EXPECT_NEAR(beta, 0.7, 1e-12);
}

}  // namespace
}  // namespace superion::analysis
