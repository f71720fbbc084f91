#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/recipe/transport_recipe.h"
#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

using ::testing::HasSubstr;

Json RecipeOf(const std::vector<double>& block_ps, int seeds) {
  AnalysisOptions options = LiCl();
  options.recipe = "block-method";
  options.block_ps = block_ps;
  const auto document = AnalyzeIons(InputOf(BrownianSeeds(IonModel(), 0.0, seeds, 23)), options);
  EXPECT_TRUE(document.ok()) << document.status();
  return document->at("recipe");
}

std::vector<std::string> Quantities(const Json& recipe) {
  std::vector<std::string> out;
  for (const Json& row : recipe["rows"]) out.push_back(row["quantity"]);
  return out;
}

// Independent Brownian ions: every method estimates Nernst-Einstein.
TEST(BlockRecipeTest, EveryLengthBesideTheTruth) {
  const Json recipe = RecipeOf({10.0, 20.0}, 4);
  const double truth = NernstEinstein(IonModel());
  EXPECT_THAT(Quantities(recipe),
              testing::IsSupersetOf({"σ, blocks of 10 ps", "σ, blocks of 20 ps", "simple method up to 10 ps",
                                     "full and tracer σ at 20 ps", "spread over 4 seeds at 20 ps"}));
  for (const Json& row : recipe["rows"]) {
    const std::string name = row["quantity"];
    if (name.rfind("σ, blocks", 0) == 0) {
      // 4 seeds of 200 ps: 80 or 40 blocks.
      EXPECT_NEAR(row["study_value"].get<double>() / truth, 1.0, 0.6) << name;
      EXPECT_NEAR(row["ours_value"].get<double>() / truth, 1.0, 0.3) << name;
      EXPECT_THAT(row["ours"].get<std::string>(), HasSubstr("% of that information"));
    }
    if (name == "σ, blocks of 10 ps") {  // 19 blocks of each seed
      EXPECT_THAT(row["study"].get<std::string>(), HasSubstr("228 degrees of freedom"));
    }
    if (name.rfind("spread", 0) == 0) {
      EXPECT_EQ(row["seeds_s_per_m"].size(), 4u);
      EXPECT_THAT(row["ours"].get<std::string>(), HasSubstr("chance alone gives"));
    }
  }
}

TEST(BlockRecipeTest, OneShortRunSaysWhatItLacks) {
  const Json recipe = RecipeOf({}, 1);
  const std::string rows = recipe["rows"].dump();
  EXPECT_THAT(rows, HasSubstr("one run was given"));
}

}  // namespace
}  // namespace superion::analysis
