#include "md_runner/native_engine.h"

#include <cmath>

#include "analytic_forces.h"
#include "core/velocity.h"
#include "field_flight.h"
#include "gmock/gmock.h"

namespace superion {
namespace {

std::unique_ptr<Engine> LjEngine(const EngineSettings& settings) {
  return MakeNativeEngine(settings,
                          std::make_unique<LennardJonesForces>(settings.species.size(), LennardJones{}))
      .value();
}

ReplicaState WarmArgon(double temperature_k, uint64_t seed) {
  const Structure s = Argon(2);
  Random random(seed);
  return StateOf(s, MaxwellBoltzmann(std::vector<double>(s.size(), kArgonMass), temperature_k, &random),
                 seed);
}

TEST(NativeEngineTest, RefusesNptAndNamesTheEngineThatCan) {
  const auto engine =
      MakeNativeEngine(ArgonSettings(4, Ensemble::kNpt, 300, 0.001), std::make_unique<FreeForces>());
  EXPECT_TRUE(absl::IsInvalidArgument(engine.status()));
  EXPECT_THAT(std::string(engine.status().message()), testing::HasSubstr("lammps"));
}

double LargestEnergyError(Ensemble ensemble, double timestep_ps) {
  const auto engine = LjEngine(ArgonSettings(32, ensemble, 60.0, timestep_ps));
  EXPECT_TRUE(engine->Start({WarmArgon(60.0, 3)}).ok());
  double start = 0.0, error = 0.0;
  const auto visit = [&](const StepView& view) -> absl::StatusOr<Verdict> {
    if (view.step == 0) start = view.conserved;
    error = std::max(error, std::abs(view.conserved - start));
    return Verdict::kGoOn;
  };
  EXPECT_TRUE(engine->Run({std::lround(4.0 / timestep_ps), false, true}, visit).ok());
  return error;
}

TEST(NativeEngineTest, ConservesEnergyToSecondOrderInTheTimestep) {
  const double coarse = LargestEnergyError(Ensemble::kNve, 0.016),
               fine = LargestEnergyError(Ensemble::kNve, 0.008);
  EXPECT_NEAR(coarse / fine, 4.0, 0.8);
  EXPECT_LT(fine, 32 * 5e-5);
}

TEST(NativeEngineTest, ConservesTheExtendedEnergyUnderTheChain) {
  const double coarse = LargestEnergyError(Ensemble::kNvt, 0.016),
               fine = LargestEnergyError(Ensemble::kNvt, 0.008);
  EXPECT_NEAR(coarse / fine, 4.0, 0.8);
}

TEST(NativeEngineTest, ThermostatsLeaveTheMotionAlongAFieldAlone) {
  ExpectFreeFlightAlong((1.0 / std::sqrt(3.0)) * Vec3{1, 1, -1}, MakeNativeEngine);
}

// One particle in a harmonic well: velocity Verlet's exact solution, x_n = x_0 cos(n φ), cos φ = 1 - ω²
// dt²/2.
TEST(NativeEngineTest, FollowsTheDiscreteHarmonicOscillator) {
  EngineSettings settings = ArgonSettings(1, Ensemble::kNve, 0.0, 0.01);
  constexpr double kSpring = 0.4;
  auto engine =
      MakeNativeEngine(settings, std::make_unique<EinsteinForces>(std::vector<Vec3>{{0, 0, 0}}, kSpring))
          .value();
  ReplicaState state;
  state.cell = {{{5, 0, 0}, {0, 5, 0}, {0, 0, 5}}};
  state.positions = {{0.3, 0, 0}};
  state.velocities = {{0, 0, 0}};
  state.random = Random(1).state();
  ASSERT_TRUE(engine->Start({state}).ok());
  const double phase = std::acos(1.0 - 0.5 * kSpring / (kArgonMass * units::kMassVelocity2) * 1e-4);
  ASSERT_TRUE(engine
                  ->Run({1000, false, true},
                        [&](const StepView& view) -> absl::StatusOr<Verdict> {
                          EXPECT_NEAR(view.positions[0][0],
                                      0.3 * std::cos(static_cast<double>(view.step) * phase), 1e-10);
                          return Verdict::kGoOn;
                        })
                  .ok());
}

struct Moments {
  double mean = 0.0, variance = 0.0;
};

// Moments of the instantaneous temperature over T, of a run after equilibration.
Moments TemperatureMoments(Engine* engine, const Segment& warm, const Segment& sample, double temperature_k,
                           int f) {
  const auto skip = [](const StepView&) -> absl::StatusOr<Verdict> { return Verdict::kGoOn; };
  EXPECT_TRUE(engine->Run(warm, skip).ok());
  double sum = 0.0, square = 0.0;
  const auto add = [&](const StepView& view) -> absl::StatusOr<Verdict> {
    const double x = Temperature(view.kinetic_energy, f) / temperature_k - 1.0;
    sum += x, square += x * x;
    return Verdict::kGoOn;
  };
  EXPECT_TRUE(engine->Run(sample, add).ok());
  const double n = static_cast<double>(sample.steps);
  return {1.0 + sum / n, square / n - (sum / n) * (sum / n)};
}

// Canonical: <T> = T, var(T)/T² = 2/f, whatever the potential.
TEST(NativeEngineTest, ChainSamplesTheCanonicalKineticEnergyOfArgon) {
  EngineSettings settings = ArgonSettings(32, Ensemble::kNvt, 70.0, 0.01);
  settings.thermostat_time_ps = 0.3;
  const auto engine = LjEngine(settings);
  ASSERT_TRUE(engine->Start({WarmArgon(70.0, 8)}).ok());
  const Moments m = TemperatureMoments(engine.get(), {2000, true, false}, {60000, false, false}, 70.0, 93);
  EXPECT_NEAR(m.mean, 1.0, 0.01);
  EXPECT_NEAR(m.variance, 2.0 / 93, 0.15 * 2.0 / 93);
}

TEST(NativeEngineTest, RescalingSamplesAHarmonicCrystal) {
  EngineSettings settings = ArgonSettings(32, Ensemble::kNvt, 300.0, 0.01);
  settings.equilibration_time_ps = 0.05;
  const Structure s = Argon(2);
  auto engine = MakeNativeEngine(settings, std::make_unique<EinsteinForces>(s.positions, 0.8)).value();
  // From rest the thermostat has nothing to scale: start with velocities, on the sites.
  ASSERT_TRUE(engine->Start({WarmArgon(600.0, 2)}).ok());
  double potential = 0.0;
  int64_t n = 0;
  const auto add = [&](const StepView& view) -> absl::StatusOr<Verdict> {
    if (view.step > 2000) potential += view.force.energy, ++n;
    return Verdict::kGoOn;
  };
  ASSERT_TRUE(engine->Run({60000, true, false}, add).ok());
  // Equipartition of the potential energy over 3 n - 3 modes (the centre of mass stays on its site).
  EXPECT_NEAR(potential / static_cast<double>(n) / (0.5 * 93 * units::kBoltzmann * 300.0), 1.0, 0.02);
  const Moments m = TemperatureMoments(engine.get(), {0, true, false}, {60000, true, false}, 300.0, 93);
  EXPECT_NEAR(m.mean, 1.0, 0.01);
  EXPECT_NEAR(m.variance, 2.0 / 93, 0.15 * 2.0 / 93);
}

TEST(NativeEngineTest, IdealGasMovesOnStraightLinesAndTheChainKeepsTheDirections) {
  EngineSettings settings = ArgonSettings(32, Ensemble::kNvt, 200.0, 0.01);
  auto engine = MakeNativeEngine(settings, std::make_unique<FreeForces>()).value();
  const ReplicaState start = WarmArgon(600.0, 6);
  ASSERT_TRUE(engine->Start({start}).ok());
  const Moments m = TemperatureMoments(engine.get(), {0, false, false}, {3000, false, false}, 200.0, 93);
  const ReplicaState end = engine->State(0).value();
  for (size_t i = 0; i < 32; ++i) {
    EXPECT_NEAR(Norm(Cross(end.velocities[i], start.velocities[i])), 0.0, 1e-10);
    EXPECT_NEAR(Norm(Cross(end.positions[i] - start.positions[i], start.velocities[i])), 0.0, 1e-8);
  }
  EXPECT_NEAR(m.mean, 1.0, 0.15);
}

TEST(NativeEngineTest, AReplicaDoesNotNoticeItsNeighbors) {
  const auto skip = [](const StepView&) -> absl::StatusOr<Verdict> { return Verdict::kGoOn; };
  const auto alone = LjEngine(ArgonSettings(32, Ensemble::kNvt, 60.0, 0.005));
  const auto together = LjEngine(ArgonSettings(32, Ensemble::kNvt, 60.0, 0.005));
  ASSERT_TRUE(alone->Start({WarmArgon(60.0, 9)}).ok());
  ASSERT_TRUE(together->Start({WarmArgon(60.0, 4), WarmArgon(60.0, 9), WarmArgon(80.0, 5)}).ok());
  for (const auto& engine : {alone.get(), together.get()}) {
    ASSERT_TRUE(engine->Run({50, true, false}, skip).ok());
    ASSERT_TRUE(engine->Run({100, false, false}, skip).ok());
  }
  EXPECT_EQ(alone->State(0)->positions, together->State(1)->positions);
  EXPECT_NE(alone->State(0)->positions, together->State(0)->positions);
}

TEST(NativeEngineTest, AStoppedReplicaRestsWhileTheOthersGoOn) {
  const auto engine = LjEngine(ArgonSettings(32, Ensemble::kNve, 60.0, 0.005));
  ASSERT_TRUE(engine->Start({WarmArgon(60.0, 4), WarmArgon(60.0, 9)}).ok());
  int visits[2] = {0, 0};
  ASSERT_TRUE(engine
                  ->Run({20, false, false},
                        [&](const StepView& view) -> absl::StatusOr<Verdict> {
                          ++visits[view.replica];
                          return view.replica == 0 && view.step == 7 ? Verdict::kStop : Verdict::kGoOn;
                        })
                  .ok());
  EXPECT_EQ(visits[0], 7);
  EXPECT_EQ(visits[1], 20);
  EXPECT_TRUE(engine->State(0)->stopped);
  EXPECT_EQ(engine->State(0)->step, 7);
  EXPECT_FALSE(engine->State(1)->stopped);
}

}  // namespace
}  // namespace superion
