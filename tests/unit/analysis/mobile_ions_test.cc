// What is said of ions that move without carrying charge, and of species named mobile that stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

IonModel Model() {
  IonModel model;
  model.n_frames = 3000;
  model.framework_mass = 1e7;  // the framework rests in the frame of the whole cell, too
  return model;
}

// Moves all ions of the mobile species so that their sum stays where it was.
void HoldSum(const IonModel& model, IonTrajectory* seed) {
  for (size_t c = 0; c < 3; ++c) {
    for (size_t k = 0; k < model.n_frames; ++k) {
      double moved = 0.0;
      for (size_t i = 0; i < model.n_mobile; ++i)
        moved += seed->positions[3 * i + c][k] - seed->positions[3 * i + c][0];
      for (size_t i = 0; i < model.n_mobile; ++i)
        seed->positions[3 * i + c][k] -= moved / static_cast<double>(model.n_mobile);
    }
  }
}

TEST(MobileIons, IonsThatMoveAndCarryNothingAreNotSaidToStay) {
  const IonModel model = Model();
  auto seeds = BrownianSeeds(model, 0.0, 4, 3);
  for (auto& seed : seeds) HoldSum(model, &seed);
  const auto document = AnalyzeIons(InputOf(seeds), LiCl());
  ASSERT_TRUE(document.ok()) << document.status();
  ASSERT_EQ((*document)["status"], "NO_HOPS");
  ASSERT_TRUE((*document)["d_tracer_cm2_per_s"]["Li"]["value"].is_number());
  EXPECT_THAT((*document)["limited_by"].get<std::string>(),
              AllOf(HasSubstr("Li (D* = 4."), HasSubstr("the sum of their displacements stays")));
  EXPECT_THAT((*document)["needs"]["message"].get<std::string>(),
              AllOf(HasSubstr("ions hop, but no charge"), Not(HasSubstr("no hop was seen"))));

  IonModel still = model;
  still.diffusion = 0.0;
  const auto nothing = AnalyzeIons(InputOf(BrownianSeeds(still, 0.0, 4, 3)), LiCl());
  ASSERT_TRUE(nothing.ok());
  EXPECT_THAT((*nothing)["needs"]["message"].get<std::string>(), HasSubstr("no hop was seen"));
}

// The interval of D(Li) belongs to the motion of Li, not to how many species were named.
TEST(MobileIons, ASpeciesNamedMobileThatStaysDoesNotWidenTheOthers) {
  const IonModel model = Model();
  auto seeds = BrownianSeeds(model, 0.0, 4, 5);
  Random random(6);
  for (auto& seed : seeds) {
    for (size_t row = 3 * model.n_mobile; row < seed.positions.size(); ++row) {
      for (double& x : seed.positions[row]) x += 0.1 * random.Gaussian();  // the framework vibrates
    }
  }
  AnalysisOptions both = LiCl();
  both.mobile = {"Li", "Cl"};
  const auto one = AnalyzeIons(InputOf(seeds), LiCl()), two = AnalyzeIons(InputOf(seeds), both);
  ASSERT_TRUE(one.ok() && two.ok());
  const auto width = [](const Json& document) {
    const Json& ci95 = document["d_tracer_cm2_per_s"]["Li"]["ci95"];
    return ci95[1].get<double>() / ci95[0].get<double>();
  };
  EXPECT_LT(width(*two), 1.2 * width(*one));
  EXPECT_THAT(two->value("notes", Json()).dump(), HasSubstr("Cl was named mobile but shows no diffusion"));
  EXPECT_THAT(one->value("notes", Json()).dump(), Not(HasSubstr("named mobile")));
}

}  // namespace
}  // namespace superion::analysis
