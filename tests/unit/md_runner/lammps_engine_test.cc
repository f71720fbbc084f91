#include "md_runner/lammps_engine.h"

#include <lammps/library.h>

#include <cmath>
#include <cstdlib>

#include "core/velocity.h"
#include "field_flight.h"
#include "run_fixture.h"

namespace superion {
namespace {

ReplicaState WarmArgon(const Structure& s, double temperature_k) {
  Random random(3);
  return StateOf(s, MaxwellBoltzmann(std::vector<double>(s.size(), kArgonMass), temperature_k, &random));
}

// One unit cell of argon in a general cell, smaller than the cutoff.
Structure TurnedArgon() {
  Structure s = Argon(1, 0.05);
  const Mat3 turn{{{0.6, 0.8, 0}, {-0.48, 0.36, 0.8}, {0.64, -0.48, 0.6}}};
  for (Vec3& row : s.cell) row = row * turn;
  for (Vec3& r : s.positions) r = r * turn;
  return s;
}

std::vector<std::vector<Vec3>> Positions(const EngineFactory& factory, const EngineSettings& settings,
                                         const ReplicaState& start, int64_t steps) {
  auto engine =
      factory(settings, std::make_unique<LennardJonesForces>(settings.species.size(), LennardJones{}))
          .value();
  EXPECT_TRUE(engine->Start({start}).ok());
  std::vector<std::vector<Vec3>> positions;
  EXPECT_TRUE(engine
                  ->Run({steps, false, true},
                        [&](const StepView& view) -> absl::StatusOr<Verdict> {
                          positions.push_back(view.positions);
                          return Verdict::kGoOn;
                        })
                  .ok());
  return positions;
}

void ExpectSameNve(const Structure& s) {
  const EngineSettings settings = ArgonSettings(s.size(), Ensemble::kNve, 80.0, 0.004);
  ReplicaState start = WarmArgon(s, 80.0);
  // A common velocity carries atoms through the faces of the box.
  for (Vec3& v : start.velocities) v += Vec3{9.0, -7.0, 5.0};
  const auto ours = Positions(MakeNativeEngine, settings, start, 200);
  const auto theirs = Positions(MakeLammpsEngine, settings, start, 200);
  ASSERT_EQ(ours.size(), theirs.size());
  for (size_t k = 0; k < ours.size(); ++k) {
    for (size_t i = 0; i < s.size(); ++i) ASSERT_LT(Norm(ours[k][i] - theirs[k][i]), 1e-8) << "step " << k;
  }
}

TEST(LammpsEngineTest, FollowsTheNativeEngineInNve) { ExpectSameNve(Argon(2, 0.05)); }
TEST(LammpsEngineTest, FollowsTheNativeEngineInASmallTurnedCell) { ExpectSameNve(TurnedArgon()); }

// LAMMPS itself with pair_style lj/cut, as the judge.
class PlainLammps {
 public:
  PlainLammps(const Structure& s, const ReplicaState& start) {
    ::setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    const char* arguments[] = {"lammps", "-log", "none", "-screen", "none", "-nocite"};
    handle_ = lammps_open_no_mpi(6, const_cast<char**>(arguments), nullptr);
    for (const char* line : {"units metal", "atom_style atomic", "atom_modify map array sort 0 0"})
      Command(line);
    Command(
        fmt::format("region box block 0 {} 0 {} 0 {} units box", s.cell[0][0], s.cell[1][1], s.cell[2][2]));
    Command("create_box 1 box");
    std::vector<int> tags, types(s.size(), 1);
    std::vector<double> x, v;
    for (size_t i = 0; i < s.size(); ++i) {
      tags.push_back(static_cast<int>(i) + 1);
      x.insert(x.end(), start.positions[i].begin(), start.positions[i].end());
      v.insert(v.end(), start.velocities[i].begin(), start.velocities[i].end());
    }
    lammps_create_atoms(handle_, static_cast<int>(s.size()), tags.data(), types.data(), x.data(), v.data(),
                        nullptr, 0);
    Command(fmt::format("mass 1 {}", kArgonMass));
    Command("pair_style lj/cut 6.5");
    Command("pair_coeff 1 1 0.0104 3.4");
    Command("neighbor 1.0 bin");
    Command("neigh_modify delay 0 every 1 check yes");
    Command("thermo_modify norm no");
  }
  ~PlainLammps() { lammps_close(handle_); }
  void Command(const std::string& line) { lammps_command(handle_, line.c_str()); }
  double Thermo(const char* keyword) { return lammps_get_thermo(handle_, keyword); }

 private:
  void* handle_;
};

LennardJones PlainLj() { return {0.0104, 3.4, 6.5, false, 0.0}; }

TEST(LammpsEngineTest, ThermostatsLeaveTheMotionAlongAFieldAlone) {
  ExpectFreeFlightAlong({0, 1, 0}, MakeLammpsEngine);
  EngineSettings settings = ArgonSettings(4, Ensemble::kNvt, 80.0, 0.004);
  settings.field_direction = {0.6, 0.8, 0};
  auto engine = MakeLammpsEngine(settings, std::make_unique<FreeForces>()).value();
  const absl::Status refused = engine->Start({WarmArgon(Argon(1), 80.0)});
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("needs a field along an axis of its box"));
}

TEST(LammpsEngineTest, ForcesFromOutsideGiveTheEnergyAndPressureOfLjCut) {
  const Structure s = Argon(2, 0.1);
  const ReplicaState start = WarmArgon(s, 80.0);
  PlainLammps judge(s, start);
  judge.Command("run 0");
  LennardJonesForces lj(s.size(), PlainLj());
  ForceResult force;
  ASSERT_TRUE(lj.Compute({{0, &s.cell, &s.positions, &force}}).ok());
  EXPECT_NEAR(force.energy, judge.Thermo("pe"), 1e-10);
  const double kinetic = KineticEnergy(std::vector<double>(s.size(), kArgonMass), start.velocities);
  const double trace = force.virial[0][0] + force.virial[1][1] + force.virial[2][2];
  const double pressure_bar = (2 * kinetic + trace) / (3 * s.Volume()) / units::kBar;
  EXPECT_NEAR(pressure_bar, judge.Thermo("press"), 1e-6 * std::abs(pressure_bar));
}

// Our virial drives LAMMPS's barostat as its own does: the volume takes the same path.
TEST(LammpsEngineTest, NptFollowsLjCut) {
  const Structure s = Argon(2, 0.05);
  const ReplicaState start = WarmArgon(s, 80.0);
  EngineSettings settings = ArgonSettings(s.size(), Ensemble::kNpt, 80.0, 0.004);
  settings.pressure_bar = 500.0;
  settings.thermostat_time_ps = 0.2;
  settings.barostat_time_ps = 0.5;
  auto engine = MakeLammpsEngine(settings, std::make_unique<LennardJonesForces>(s.size(), PlainLj())).value();
  ASSERT_TRUE(engine->Start({start}).ok());
  double volume = 0.0, kinetic = 0.0;
  ASSERT_TRUE(engine
                  ->Run({100, false, false},
                        [&](const StepView& view) -> absl::StatusOr<Verdict> {
                          volume = std::abs(Determinant(view.cell));
                          kinetic = view.kinetic_energy;
                          return Verdict::kGoOn;
                        })
                  .ok());
  PlainLammps judge(s, start);
  judge.Command("fix integrate all npt temp 80 80 0.2 iso 500 500 0.5");
  judge.Command("timestep 0.004");
  judge.Command("run 100");
  EXPECT_GT(std::abs(volume - s.Volume()), 0.5);
  EXPECT_NEAR(volume, judge.Thermo("vol"), 2e-6 * volume);
  EXPECT_NEAR(kinetic, judge.Thermo("ke"), 2e-5 * kinetic);
}

TEST(LammpsEngineTest, NptHoldsThePressureOfACrystal) {
  const Structure s = Argon(2);
  EngineSettings settings = ArgonSettings(s.size(), Ensemble::kNpt, 40.0, 0.008);
  settings.pressure_bar = 2000.0;
  auto engine =
      MakeLammpsEngine(settings, std::make_unique<LennardJonesForces>(s.size(), LennardJones{})).value();
  ASSERT_TRUE(engine->Start({WarmArgon(s, 80.0)}).ok());
  double pressure = 0.0, conserved[2] = {};
  int64_t n = 0;
  ASSERT_TRUE(engine
                  ->Run({12000, false, false},
                        [&](const StepView& view) -> absl::StatusOr<Verdict> {
                          conserved[view.step > 1] = view.conserved;
                          if (view.step <= 2000) return Verdict::kGoOn;
                          const Mat3& w = view.force.virial;
                          pressure += (2 * view.kinetic_energy + w[0][0] + w[1][1] + w[2][2]) /
                                      (3 * std::abs(Determinant(view.cell))) / units::kBar;
                          ++n;
                          return Verdict::kGoOn;
                        })
                  .ok());
  EXPECT_NEAR(pressure / static_cast<double>(n), 2000.0, 60.0);
  EXPECT_NEAR(conserved[1], conserved[0], 0.02);
}

TEST(LammpsEngineTest, ChainConservesItsExtendedEnergyAndSamplesTheTemperature) {
  const Structure s = Argon(2);
  EngineSettings settings = ArgonSettings(s.size(), Ensemble::kNvt, 70.0, 0.01);
  settings.thermostat_time_ps = 0.3;
  auto engine =
      MakeLammpsEngine(settings, std::make_unique<LennardJonesForces>(s.size(), LennardJones{})).value();
  ASSERT_TRUE(engine->Start({WarmArgon(s, 140.0)}).ok());
  const auto skip = [](const StepView&) -> absl::StatusOr<Verdict> { return Verdict::kGoOn; };
  ASSERT_TRUE(engine->Run({1000, true, false}, skip).ok());
  double sum = 0.0, first = 0.0, error = 0.0;
  ASSERT_TRUE(engine
                  ->Run({20000, false, false},
                        [&](const StepView& view) -> absl::StatusOr<Verdict> {
                          if (view.step == 1001 || first == 0.0) first = view.conserved;
                          error = std::max(error, std::abs(view.conserved - first));
                          sum += Temperature(view.kinetic_energy, 93);
                          return Verdict::kGoOn;
                        })
                  .ok());
  EXPECT_NEAR(sum / 20000, 70.0, 1.4);
  EXPECT_LT(error, 0.01);
}

// Both thermostats of equilibration are ours and see the same numbers.
TEST(LammpsEngineTest, EquilibrationFollowsTheNativeEngine) {
  const Structure s = Argon(2);
  const EngineSettings settings = ArgonSettings(s.size(), Ensemble::kNvt, 70.0, 0.005);
  std::vector<Vec3> ends[2];
  int k = 0;
  for (const EngineFactory& factory : {EngineFactory(MakeNativeEngine), EngineFactory(MakeLammpsEngine)}) {
    auto engine = factory(settings, std::make_unique<LennardJonesForces>(s.size(), LennardJones{})).value();
    ASSERT_TRUE(engine->Start({WarmArgon(s, 100.0)}).ok());
    ASSERT_TRUE(engine
                    ->Run({150, true, false},
                          [](const StepView&) -> absl::StatusOr<Verdict> { return Verdict::kGoOn; })
                    .ok());
    ends[k++] = engine->State(0)->positions;
  }
  for (size_t i = 0; i < s.size(); ++i) EXPECT_LT(Norm(ends[0][i] - ends[1][i]), 1e-8);
}

using LammpsRunTest = ArgonRunTest;

// A run cut at a checkpoint and continued equals the one that went through, for every ensemble.
TEST_F(LammpsRunTest, RestartContinuesToTheBitWhenSegmentedAlike) {
  options_.params.engine = "lammps";
  options_.params.checkpoint_every = 50;
  options_.params.equilibration_steps = 50;
  for (const Ensemble ensemble : {Ensemble::kNve, Ensemble::kNvt, Ensemble::kNpt}) {
    options_.params.ensemble = ensemble;
    options_.params.pressure_bar = 100.0;
    options_.restart_path.clear();
    options_.directory = Folder(fmt::format("whole{}", int(ensemble)));
    options_.params.steps = 150;
    ASSERT_TRUE(Run(nullptr, {}, MakeLammpsEngine).ok());
    const std::string whole = options_.directory;
    options_.directory = Folder(fmt::format("cut{}", int(ensemble)));
    options_.params.steps = 100;
    ASSERT_TRUE(Run(nullptr, {}, MakeLammpsEngine).ok());
    options_.params.steps = 50;
    options_.restart_path = options_.directory + "/" + kRestartFile;
    const auto outcome = Run(nullptr, {}, MakeLammpsEngine);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    for (const char* file : {"stream.bin", "trajectory.bin"}) {
      EXPECT_TRUE(Content(file) == ReadFile(whole + "/" + file).value())
          << file << " ensemble " << int(ensemble);
    }
  }
}

// Two instances in one process, files and numbers of their own; forces that are no numbers do not end the
// process.
TEST_F(LammpsRunTest, ReplicasAndBrokenForces) {
  options_.params.engine = "lammps";
  options_.params.replicas = 2;
  options_.params.steps = 40;
  const auto pair = Run(nullptr, {}, MakeLammpsEngine);
  ASSERT_TRUE(pair.ok()) << pair.status();
  const Stream one = ReadStream(options_.directory + "/stream-1.bin").value();
  const Stream two = ReadStream(options_.directory + "/stream-2.bin").value();
  ASSERT_EQ(one.rows.size(), two.rows.size());
  EXPECT_NE(one.rows, two.rows);
  options_.params.replicas = 1;
  LennardJones broken;
  broken.epsilon = std::numeric_limits<double>::quiet_NaN();
  const auto outcome = Run(nullptr, broken, MakeLammpsEngine);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->replicas[0].event->reason, "force");
  options_.params.gate.reset();
  EXPECT_TRUE(absl::IsFailedPrecondition(Run(nullptr, broken, MakeLammpsEngine).status()));
}

TEST_F(LammpsRunTest, TheGateStopsLammpsToo) {
  options_.params.engine = "lammps";
  const auto outcome = Run([](int call) { return call < 150 ? 0.5 : 4.0; }, {}, MakeLammpsEngine);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_TRUE(outcome->replicas[0].event.has_value());
  EXPECT_EQ(outcome->replicas[0].event->reason, "grade");
  EXPECT_FALSE(std::filesystem::exists("lammps-1.restart"));
}

}  // namespace
}  // namespace superion
