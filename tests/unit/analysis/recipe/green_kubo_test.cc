// Equicorrelated Brownian ions: σ_tr is Nernst-Einstein, σ = σ_tr (1 + (N-1) r) exactly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/recipe/transport_recipe.h"
#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

using ::testing::HasSubstr;

const Json& RowOf(const Json& recipe, const std::string& beginning) {
  for (const Json& row : recipe.at("rows")) {
    if (row.at("quantity").get<std::string>().rfind(beginning, 0) == 0) return row;
  }
  static const Json none = Json::object();
  return none;
}

class GreenKuboRecipeTest : public testing::Test {
 protected:
  static Json Recipe(double r, int seeds = 4) {
    IonModel model;
    AnalysisOptions options = LiCl();
    options.recipe = "green-kubo";
    const auto document = AnalyzeIons(InputOf(BrownianSeeds(model, r, seeds, 21)), options);
    EXPECT_TRUE(document.ok()) << document.status();
    return document->at("recipe");
  }
};

TEST_F(GreenKuboRecipeTest, FullAndTracerOfCorrelatedIons) {
  const double r = 0.1, ne = NernstEinstein(IonModel());
  const Json recipe = Recipe(r);
  EXPECT_EQ(recipe["name"], "green-kubo");
  // 800 ps and three axes, read at 50 ps: an error of 17 %.
  const Json& full = RowOf(recipe, "full conductivity");
  EXPECT_NEAR(full["study_value"].get<double>() / (ne * (1 + 15 * r)), 1.0, 0.5);
  EXPECT_NEAR(full["ours_value"].get<double>() / (ne * (1 + 15 * r)), 1.0, 0.3);
  EXPECT_THAT(full["ours"].get<std::string>(), HasSubstr("95 %"));
  const Json& tracer = RowOf(recipe, "tracer conductivity");
  EXPECT_NEAR(tracer["study_value"].get<double>() / ne, 1.0, 0.3);
  EXPECT_NEAR(tracer["ours_value"].get<double>() / ne, 1.0, 0.2);
  const Json& haven = RowOf(recipe, "full against tracer");
  EXPECT_NEAR(haven["ours_value"].get<double>() * (1 + 15 * r), 1.0, 0.3);
  EXPECT_NEAR(haven["study_value"].get<double>() /
                  (tracer["study_value"].get<double>() / full["study_value"].get<double>()),
              1.0, 1e-9);
  EXPECT_THAT(RowOf(recipe, "frame")["ours"].get<std::string>(), HasSubstr("to rounding the full dipole"));
  // Pure Brownian motion has no offset: what the row finds is within its noise.
  EXPECT_THAT(RowOf(recipe, "bias")["ours"].get<std::string>(), HasSubstr("c/(slope t)"));
  EXPECT_EQ(recipe["curves"]["ratio_full"]["t_ps"].size(),
            recipe["curves"]["ratio_full"]["sigma_s_per_m"].size());
}

// An immobile lattice: no number of ours, and the recipe says so instead of failing.
TEST_F(GreenKuboRecipeTest, NothingMoves) {
  IonModel model;
  model.diffusion = 0.0;
  std::vector<IonTrajectory> seeds = BrownianSeeds(model, 0.0, 2, 3);
  Random random(4);
  for (auto& seed : seeds) {
    for (auto& x : seed.positions)
      for (double& v : x) v += 0.05 * random.Gaussian();
  }
  AnalysisOptions options = LiCl();
  options.recipe = "green-kubo";
  const auto document = AnalyzeIons(InputOf(seeds), options);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->at("status"), "NO_HOPS");
  const Json& full = RowOf(document->at("recipe"), "full conductivity");
  EXPECT_TRUE(full["ours_value"].is_null());
  EXPECT_THAT(RowOf(document->at("recipe"), "σ from")["ours"].get<std::string>(), HasSubstr("NO_HOPS"));
}

// A current alone knows no ions: the tracer row says what is missing.
TEST_F(GreenKuboRecipeTest, OfACurrent) {
  IonModel model;
  std::vector<DipoleSeries> dipoles;
  for (const auto& seed : BrownianSeeds(model, 0.0, 2, 9))
    dipoles.push_back(DipoleOf(*SumsOfTrajectory(seed), LiCl().charges));
  AnalysisOptions options = LiCl();
  options.recipe = "green-kubo";
  const auto document = AnalyzeDipoles(dipoles, model.box * model.box * model.box, options);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_THAT(RowOf(document->at("recipe"), "tracer")["ours"].get<std::string>(), HasSubstr("trajectories"));
  EXPECT_TRUE(RowOf(document->at("recipe"), "frame").empty());
}

TEST_F(GreenKuboRecipeTest, NamesAreChecked) {
  EXPECT_TRUE(CheckTransportRecipe("block-method").ok());
  EXPECT_THAT(std::string(CheckTransportRecipe("glass").message()), HasSubstr("green-kubo"));
}

}  // namespace
}  // namespace superion::analysis
