#include "md_runner/model_force.h"

#include "../potential/reference_model.h"
#include "analytic_forces.h"
#include "core/velocity.h"
#include "gmock/gmock.h"
#include "md_runner/native_engine.h"

namespace superion {
namespace {

// Antifluorite Li2S, slightly out of order.
Structure LithiumSulfide(uint64_t seed) {
  constexpr double a = 5.85;
  Structure s;
  s.cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
  for (const Vec3& f : {Vec3{0, 0, 0}, Vec3{0.5, 0.5, 0}, Vec3{0.5, 0, 0.5}, Vec3{0, 0.5, 0.5}}) {
    s.species.insert(s.species.end(), {"S", "Li", "Li"});
    for (const Vec3& site : {Vec3{0, 0, 0}, Vec3{0.25, 0.25, 0.25}, Vec3{0.25, 0.25, 0.75}}) {
      s.positions.push_back(a * (f + site));
    }
  }
  Random random(seed);
  for (Vec3& r : s.positions) {
    for (double& x : r) x += 0.1 * random.Gaussian();
  }
  return s;
}

ModelForceOptions Exact() {
  ModelForceOptions options;
  options.evaluator.double_precision = true;
  return options;
}

Model SmallModel() { return reference::RandomModel("S", {"Li", "S"}, 5.0, 7); }

Model ChargedModel() {
  Model model = SmallModel();
  model.electrostatics = Electrostatics{{0.7, -1.4}, 0.6};
  return model;
}

void ExpectTheEvaluatorsForcesWhileAtomsMove(const Model& model) {
  Structure s = LithiumSulfide(1);
  auto forces = MakeModelForce(model, s.species, Exact()).value();
  auto evaluator = Evaluator::Create(model, Exact().evaluator).value();
  Random random(2);
  ForceResult found;
  Evaluation expected;
  for (int step = 0; step < 30; ++step) {
    ASSERT_TRUE(forces->Compute({{0, &s.cell, &s.positions, &found}}).ok());
    ASSERT_TRUE(evaluator->EvaluateStructure(s, &expected).ok());
    ASSERT_NEAR(found.energy, expected.energy, 1e-10);
    for (size_t i = 0; i < s.size(); ++i) {
      ASSERT_LT(Norm(found.forces[i] - expected.forces[i]), 1e-10);
      for (double& x : s.positions[i]) x += 0.05 * random.Gaussian();
    }
    for (int a = 0; a < 3; ++a) ASSERT_LT(Norm(found.virial[a] - expected.virial[a]), 1e-9);
  }
}

TEST(ModelForceTest, EqualsTheEvaluatorOnItsOwnPairsWhileAtomsMove) {
  ExpectTheEvaluatorsForcesWhileAtomsMove(SmallModel());
  ExpectTheEvaluatorsForcesWhileAtomsMove(ChargedModel());
}

TEST(ModelForceTest, StackedFramesAreTheFramesOneByOne) {
  const Structure frames[] = {LithiumSulfide(1), LithiumSulfide(2), LithiumSulfide(3)};
  auto forces = MakeModelForce(ChargedModel(), frames[0].species, Exact()).value();
  ForceResult together[3], alone;
  std::vector<ForceRequest> requests;
  for (int k = 0; k < 3; ++k) requests.push_back({k, &frames[k].cell, &frames[k].positions, &together[k]});
  ASSERT_TRUE(forces->Compute(requests).ok());
  for (int k = 0; k < 3; ++k) {
    ASSERT_TRUE(forces->Compute({{k, &frames[k].cell, &frames[k].positions, &alone}}).ok());
    EXPECT_NEAR(together[k].energy, alone.energy, 1e-10);
    EXPECT_EQ(together[k].closest, alone.closest);
    for (size_t i = 0; i < 12; ++i) EXPECT_LT(Norm(together[k].forces[i] - alone.forces[i]), 1e-10);
  }
}

TEST(ModelForceTest, NetForceIsZeroInSinglePrecisionToo) {
  const Structure s = LithiumSulfide(4);
  auto forces = MakeModelForce(SmallModel(), s.species, {}).value();
  ForceResult result;
  ASSERT_TRUE(forces->Compute({{0, &s.cell, &s.positions, &result}}).ok());
  Vec3 net{};
  double size = 0.0;
  for (const Vec3& f : result.forces) net += f, size += Norm(f);
  EXPECT_LT(Norm(net), 1e-12 * size);
}

TEST(ModelForceTest, WatchesHalfTheSumOfTheCovalentRadiiUnlessToldOtherwise) {
  const std::vector<double> preset = MinimumDistances({"Li", "S"}, 0.0).value();
  EXPECT_NEAR(preset[0], 1.28, 1e-12);
  EXPECT_NEAR(preset[1], 0.5 * (1.28 + 1.05), 1e-12);
  EXPECT_EQ(preset[1], preset[2]);
  EXPECT_EQ(MinimumDistances({"Li", "S"}, 1.7).value(), std::vector<double>(4, 1.7));
}

TEST(ModelForceTest, NamesASpeciesThatTheModelDoesNotKnow) {
  const auto forces = MakeModelForce(SmallModel(), {"Li", "Xe"}, {});
  EXPECT_TRUE(absl::IsInvalidArgument(forces.status()));
  EXPECT_THAT(std::string(forces.status().message()), testing::HasSubstr("Xe"));
}

// A whole chain of model, list and integrator, in a cell smaller than the cutoff's diameter.
TEST(ModelForceTest, ConservesEnergyInNve) {
  const Structure s = LithiumSulfide(5);
  EngineSettings settings;
  settings.species = s.species;
  for (const auto& symbol : s.species) settings.masses.push_back(AtomicMass(symbol).value());
  settings.ensemble = Ensemble::kNve;
  double errors[2];
  for (int refine = 0; refine < 2; ++refine) {
    settings.timestep_ps = refine == 0 ? 2e-4 : 1e-4;
    auto engine =
        MakeNativeEngine(settings, MakeModelForce(SmallModel(), s.species, Exact()).value()).value();
    Random random(1);
    ASSERT_TRUE(engine->Start({StateOf(s, MaxwellBoltzmann(settings.masses, 50.0, &random))}).ok());
    double start = 0.0;
    errors[refine] = 0.0;
    ASSERT_TRUE(engine
                    ->Run({refine == 0 ? 100 : 200, false, true},
                          [&](const StepView& view) -> absl::StatusOr<Verdict> {
                            if (view.step == 0) start = view.conserved;
                            errors[refine] = std::max(errors[refine], std::abs(view.conserved - start));
                            return Verdict::kGoOn;
                          })
                    .ok());
  }
  EXPECT_NEAR(errors[0] / errors[1], 4.0, 1.0);
}

}  // namespace
}  // namespace superion
