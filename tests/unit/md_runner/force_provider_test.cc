#include "md_runner/force_provider.h"

#include "analytic_forces.h"
#include "gmock/gmock.h"
#include "md_runner/native_engine.h"

namespace superion {
namespace {

TEST(ElectricFieldTest, RefusesAChargedCell) {
  const auto charged = AddElectricField(std::make_unique<FreeForces>(), {1.0, 1.0, -1.0}, {0.01, 0, 0});
  EXPECT_TRUE(absl::IsInvalidArgument(charged.status()));
  EXPECT_THAT(std::string(charged.status().message()), testing::HasSubstr("add up to 1 e"));
}

// r(t) = v t + q E t² / 2m for both signs of charge; velocity Verlet is exact for a constant force.
TEST(ElectricFieldTest, AcceleratesFreeIonsByTheClosedForm) {
  constexpr double kField = 0.02, kTimestep = 0.002;
  EngineSettings settings;
  settings.species = {"Li", "Cl"};
  settings.masses = {6.94, 35.45};
  settings.ensemble = Ensemble::kNve;
  settings.timestep_ps = kTimestep;
  auto forces = AddElectricField(std::make_unique<FreeForces>(), {1.0, -1.0}, {kField, 0, 0}).value();
  auto engine = MakeNativeEngine(settings, std::move(forces)).value();
  Structure s;
  s.cell = {{{5, 0, 0}, {0, 5, 0}, {0, 0, 5}}};
  s.positions = {{0, 0, 0}, {2, 2, 2}};
  ASSERT_TRUE(engine->Start({StateOf(s, {{0.5, 0, 0}, {0, 0.25, 0}})}).ok());
  double first = 0.0, last = 0.0;
  ASSERT_TRUE(engine
                  ->Run({500, false, true},
                        [&](const StepView& view) -> absl::StatusOr<Verdict> {
                          if (view.step == 0) first = view.conserved;
                          last = view.conserved;
                          return Verdict::kGoOn;
                        })
                  .ok());
  const ReplicaState end = engine->State(0).value();
  constexpr double t = 500 * kTimestep;
  const double li = kField / (6.94 * units::kMassVelocity2), cl = -kField / (35.45 * units::kMassVelocity2);
  EXPECT_NEAR(end.positions[0][0], 0.5 * t + 0.5 * li * t * t, 1e-9);
  EXPECT_NEAR(end.positions[1][0], 2.0 + 0.5 * cl * t * t, 1e-9);
  EXPECT_NEAR(end.positions[1][1], 2.0 + 0.25 * t, 1e-12);
  // Work of the field and kinetic energy balance, although the ions crossed the box.
  EXPECT_GT(end.positions[0][0], 5.0);
  EXPECT_NEAR(last, first, 1e-9);
}

// The virial of the analytic provider itself, which other tests lean on: -dU/dε by central differences.
TEST(AnalyticForcesTest, VirialAndForcesAreDerivativesOfTheEnergy) {
  Structure s = Argon(2, 0.15);
  LennardJonesForces lj(s.size(), {});
  ForceResult here, there;
  const auto energy = [&](const Structure& t) {
    EXPECT_TRUE(lj.Compute({{0, &t.cell, &t.positions, &there}}).ok());
    return there.energy;
  };
  ASSERT_TRUE(lj.Compute({{0, &s.cell, &s.positions, &here}}).ok());
  constexpr double h = 1e-4;
  for (int a = 0; a < 3; ++a) {
    Structure up = s, down = s;
    up.positions[7][a] += h;
    down.positions[7][a] -= h;
    EXPECT_NEAR(here.forces[7][a], -(energy(up) - energy(down)) / (2 * h), 1e-7);
    for (int b = 0; b < 3; ++b) {
      Structure out = s, in = s;
      const auto strain = [&](Structure* t, double e) {
        for (Vec3& row : t->cell) row[b] += e * row[a];
        for (Vec3& r : t->positions) r[b] += e * r[a];
      };
      strain(&out, h);
      strain(&in, -h);
      EXPECT_NEAR(here.virial[a][b], -(energy(out) - energy(in)) / (2 * h), 1e-6);
    }
  }
}

}  // namespace
}  // namespace superion
