#include "md_runner/md_run.h"

#include "core/velocity.h"
#include "run_fixture.h"

namespace superion {
namespace {

using MdRunTest = ArgonRunTest;

TEST_F(MdRunTest, SameSeedSameBytesOtherSeedOtherBytes) {
  ASSERT_TRUE(Run().ok());
  const std::string first = Content("trajectory.bin");
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(Content("trajectory.bin"), first);
  options_.seed = 6;
  ASSERT_TRUE(Run().ok());
  EXPECT_NE(Content("trajectory.bin"), first);
}

// Cut at any checkpoint, before, at and after the start of production, the files end up the same to the bit.
TEST_F(MdRunTest, RestartContinuesToTheBit) {
  options_.params.checkpoint_every = 30;
  options_.params.snapshot_every = 40;
  ASSERT_TRUE(Run().ok());
  const std::string whole = options_.directory;
  for (const int64_t cut : {-60, 0, 30, 150}) {
    options_.directory = Folder(fmt::format("cut{}", cut));
    // A run of fewer steps ends in the checkpoint that the long run passed through.
    MdRunOptions part = options_;
    const EngineFactory dying =
        [cut](const EngineSettings& settings,
              std::unique_ptr<ForceProvider> forces) -> absl::StatusOr<std::unique_ptr<Engine>> {
      class Dying : public Engine {
       public:
        Dying(std::unique_ptr<Engine> engine, int64_t cut) : engine_(std::move(engine)), cut_(cut) {}
        absl::Status Start(std::vector<ReplicaState> states) override {
          return engine_->Start(std::move(states));
        }
        absl::Status Run(const Segment& segment, const StepVisitor& visit) override {
          return engine_->Run(segment, [&](const StepView& view) -> absl::StatusOr<Verdict> {
            if (view.step > cut_ + 7) return Unavailable("killed");
            return visit(view);
          });
        }
        absl::StatusOr<ReplicaState> State(int replica) override { return engine_->State(replica); }

       private:
        std::unique_ptr<Engine> engine_;
        int64_t cut_;
      };
      SUPERION_ASSIGN_OR_RETURN(auto engine, MakeNativeEngine(settings, std::move(forces)));
      return std::make_unique<Dying>(std::move(engine), cut);
    };
    ASSERT_TRUE(absl::IsUnavailable(Run(nullptr, {}, dying).status()));
    options_.restart_path = options_.directory + "/" + kRestartFile;
    const auto outcome = Run();
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->replicas[0].steps_done, 200);
    for (const char* file : {"stream.bin", "trajectory.bin", "snapshots.xyz", "restart.bin"}) {
      EXPECT_TRUE(Content(file) == ReadFile(whole + "/" + file).value()) << file << " cut at " << cut;
    }
    options_.restart_path.clear();
  }
}

// A finished run goes on for its steps again; in a new folder the files hold the new part, in numbers that
// can be joined to the old ones.
TEST_F(MdRunTest, AFinishedRunGoesOnInANewFolder) {
  ASSERT_TRUE(Run().ok());
  const Stream first = ReadRunStream();
  options_.restart_path = options_.directory + "/" + kRestartFile;
  options_.directory = Folder("rest");
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->replicas[0].steps_done, 200);
  EXPECT_EQ(outcome->replicas[0].statistics.steps(), 200);
  const Stream rest = ReadRunStream();
  ASSERT_EQ(rest.size(), 40u);
  EXPECT_EQ(rest.row(0)[0], 205);
  EXPECT_EQ(rest.row(39)[0], 400);
  // Positions go on from where they were, displacements count from the first step of all.
  const auto frames = ReadRunTrajectory();
  ASSERT_EQ(frames.size(), 40u);
  EXPECT_NEAR(frames[0].time_ps, 1.025, 1e-12);
  options_.directory = root_ + "/run";
  const auto before = ReadRunTrajectory();
  for (size_t i = 0; i < 32; ++i) {
    EXPECT_LT(Norm(frames[0].positions[i] - before.back().positions[i]), 0.1);
  }
  EXPECT_LT(Norm(frames[0].positions[3] - before[0].positions[3]), 2.0);
  // In its own folder the run appends.
  ASSERT_TRUE(Run().ok());
  const Stream joined = ReadRunStream();
  ASSERT_EQ(joined.size(), 81u);
  for (size_t k = 0; k < rest.rows.size(); ++k) ASSERT_EQ(joined.rows[first.rows.size() + k], rest.rows[k]);
}

TEST_F(MdRunTest, RestartOfOtherAtomsOrADamagedFileIsAnError) {
  ASSERT_TRUE(Run().ok());
  options_.restart_path = options_.directory + "/" + kRestartFile;
  options_.structure.species[3] = "Ne";
  EXPECT_TRUE(absl::IsInvalidArgument(Run().status()));
  options_.structure.species[3] = "Ar";
  ASSERT_TRUE(WriteFileAtomically(options_.restart_path, "nonsense").ok());
  EXPECT_TRUE(absl::IsDataLoss(Run().status()));
}

TEST_F(MdRunTest, GateStopsAtTheEventAndTheLastSafeFrameIsSafe) {
  // Rises slowly through the band to the stop: safe below call 200, stops when above 3.
  const auto outcome = Run([](int call) { return call < 200 ? 0.4 : 1.0 + 0.05 * (call - 200); });
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  const ReplicaOutcome& r = outcome->replicas[0];
  ASSERT_TRUE(r.event.has_value());
  EXPECT_EQ(r.event->reason, "grade");
  EXPECT_GT(r.event->grade, 3.0);
  EXPECT_LT(r.event->grade, 3.06);
  EXPECT_EQ(r.steps_done, r.event->step);
  const auto frames = ReadExtxyz(options_.directory + "/snapshots.xyz").value();
  int safe = 0, unsafe = 0;
  for (const Frame& frame : frames) {
    if (!frame.info.contains("event")) continue;
    EXPECT_EQ(frame.info.at("event"), "grade");
    const double grade = std::stod(frame.info.at("max_grade"));
    if (frame.info.at("safe") == "1") {
      ++safe;
      EXPECT_LT(grade, 1.0);
      // The step before the band was entered.
      EXPECT_EQ(std::stoll(frame.info.at("step")), 98);
    } else {
      ++unsafe;
      EXPECT_GE(grade, 1.0);
    }
  }
  EXPECT_EQ(safe, 1);
  EXPECT_GE(unsafe, 2);
  EXPECT_EQ(frames.back().info.at("step"), fmt::format("{}", r.event->step));
  // The event's step is in no record that analysis reads.
  const Stream stream = ReadRunStream();
  EXPECT_LT(stream.row(stream.size() - 1)[0], double(r.event->step));
  // Continuing a stopped run changes nothing.
  options_.restart_path = options_.directory + "/" + kRestartFile;
  const auto again = Run();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->replicas[0].event->step, r.event->step);
}

TEST_F(MdRunTest, GuardsStopARunThatGradesCallSafe) {
  options_.params.gate->maximum_temperature_factor = 4.0;
  // Argon atoms are 3.72 Å apart at rest; a least distance of 3.5 Å is soon undercut.
  LennardJones lj;
  lj.minimum_distance = 3.5;
  auto outcome = Run([](int) { return 0.1; }, lj);
  ASSERT_TRUE(outcome.ok());
  ASSERT_TRUE(outcome->replicas[0].event.has_value());
  EXPECT_EQ(outcome->replicas[0].event->reason, "distance");
  // The last safe frame is accurate; the one that the guard condemned has failed although its grade is low.
  EXPECT_EQ(outcome->replicas[0].snapshots.accurate, 1);
  EXPECT_EQ(outcome->replicas[0].snapshots.failed, 1);
  options_.params.gate->maximum_force_ev_per_angstrom = 1e-3;
  outcome = Run([](int) { return 0.1; });
  ASSERT_TRUE(outcome->replicas[0].event.has_value());
  EXPECT_EQ(outcome->replicas[0].event->reason, "force");
}

TEST_F(MdRunTest, WithoutAGateGradesAreRecordedAndNeverStop) {
  options_.params.gate.reset();
  const auto outcome = Run([](int call) { return call == 150 ? 50.0 : 2.0; });
  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE(outcome->replicas[0].event.has_value());
  EXPECT_EQ(outcome->replicas[0].steps_done, 200);
  EXPECT_EQ(outcome->replicas[0].statistics.max_grade(), 50.0);
}

TEST_F(MdRunTest, ReplicasHaveFilesAndSeedsOfTheirOwn) {
  ASSERT_TRUE(Run().ok());
  const std::string alone = Content("restart.bin");
  options_.params.replicas = 3;
  options_.directory = Folder("three");
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_EQ(outcome->replicas.size(), 3u);
  const Stream one = ReadStream(options_.directory + "/stream-1.bin").value();
  const Stream two = ReadStream(options_.directory + "/stream-2.bin").value();
  EXPECT_EQ(one.size(), 41u);
  EXPECT_NE(one.rows, two.rows);
  // The first replica is the run alone.
  options_.directory = root_ + "/run";
  EXPECT_EQ(ReadRunStream().rows, one.rows);
}

TEST_F(MdRunTest, TwinsStartTogetherAndPartExponentially) {
  options_.params.replicas = 4;
  options_.params.twin_velocity = 1e-7;
  options_.params.frame_every = 1;
  ASSERT_TRUE(Run().ok());
  for (const int pair : {1, 3}) {
    std::vector<std::vector<Vec3>> x[2];
    for (int t = 0; t < 2; ++t) {
      const auto path = fmt::format("{}/trajectory-{}.bin", options_.directory, pair + t);
      ASSERT_TRUE(ForEachTrajectoryFrame(path, [&](const TrajectoryFrame& frame) {
                    x[t].push_back(frame.positions);
                    return absl::OkStatus();
                  }).ok());
    }
    EXPECT_EQ(x[0][0], x[1][0]);
    // After one step of velocity Verlet the shifted component is v dt away, what it lost the last atom has.
    EXPECT_NEAR(x[1][1][0][0] - x[0][1][0][0], 1e-7 * 0.005, 1e-14);
    EXPECT_NEAR(x[1][1].back()[0] - x[0][1].back()[0], -1e-7 * 0.005, 1e-14);
    EXPECT_NEAR(x[1][1][3][1], x[0][1][3][1], 1e-14);
    EXPECT_GT(Norm(x[1].back()[0] - x[0].back()[0]), 0.0);
  }
  EXPECT_NE(ReadStream(options_.directory + "/stream-1.bin")->rows,
            ReadStream(options_.directory + "/stream-3.bin")->rows);
}

TEST_F(MdRunTest, RefusesFieldsThatDoNotFit) {
  options_.params.field = {0.01, 0, 0};
  options_.params.charges = {{"K", 1.0}};
  EXPECT_THAT(std::string(Run().status().message()), testing::HasSubstr("no charge for Ar"));
  options_.params.charges = {{"Ar", 1.0}};
  EXPECT_THAT(std::string(Run().status().message()), testing::HasSubstr("add up to 32 e"));
}

TEST_F(MdRunTest, TheStreamNamesTheFieldAndCannotBeContinuedInAnother) {
  for (size_t i = 0; i < options_.structure.size(); i += 2) options_.structure.species[i] = "K";
  options_.params.field = {0.01, 0, -0.02};
  options_.params.charges = {{"K", 1.0}, {"Ar", -1.0}};
  ASSERT_TRUE(Run().ok());
  const Stream stream = ReadRunStream();
  EXPECT_EQ(stream.header.field_v_per_angstrom, (Vec3{0.01, 0, -0.02}));
  EXPECT_EQ(stream.header.species, (std::vector<std::string>{"Ar", "K"}));
  EXPECT_EQ(stream.header.charges_e, (std::vector<double>{-1.0, 1.0}));
  EXPECT_EQ(ReadTrajectoryHeader(options_.directory + "/trajectory.bin")->provenance["field_v_per_angstrom"],
            Json({0.01, 0.0, -0.02}));
  // No net force: the centre of mass stays.
  const size_t momentum = 1 + 3 * 2 + 4;
  for (size_t k = 0; k < stream.size(); ++k) {
    for (size_t c = 0; c < 3; ++c) EXPECT_NEAR(stream.row(k)[momentum + c], 0.0, 1e-9);
  }
  options_.restart_path = options_.directory + "/restart.bin";
  options_.params.field = {0.02, 0, -0.02};
  EXPECT_TRUE(absl::IsFailedPrecondition(Run().status())) << Run().status();
}

TEST_F(MdRunTest, SlabsAreRefused) {
  options_.structure.pbc = {true, true, false};
  EXPECT_TRUE(absl::IsInvalidArgument(Run().status()));
}

TEST_F(MdRunTest, NoStepsGiveTheFirstFrameAlone) {
  options_.params.steps = 0;
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(ReadRunStream().size(), 1u);
  EXPECT_EQ(ReadRunTrajectory().size(), 1u);
}

}  // namespace
}  // namespace superion
