#include "dft_adapter/qe_driver.h"

#include <gmock/gmock.h>

#include "tests/integration/dft/qe_setup.h"

namespace superion {
namespace {

using QeDriverTest = QeTest;

constexpr double kSamePes = 3e-3;  // eV/Å

// A triclinic cell tells whether cell, forces and stress are transposed; k-points and stress as users ask for
// them.
TEST_F(QeDriverTest, ProcessAndDriverAreTheSamePotentialEnergySurface) {
  settings_.kpoints = {1, 1, 2};
  settings_.kshift = {0, 0, 1};
  settings_.stress = true;
  settings_.conv_thr_ry = 1e-8;
  Structure s = Li2S12(0.08, 3);
  const Mat3 m{{{1.0, 0.03, 0.0}, {0.08, 0.98, 0.02}, {-0.05, 0.04, 1.01}}};
  for (Vec3& row : s.cell) row = row * m;
  for (Vec3& r : s.positions) r = r * m;
  Structure nearby = s, jump = s;
  for (size_t i = 0; i < s.size(); ++i) {
    nearby.positions[i][i % 3] += 0.02;
    jump.positions[i][(i + 1) % 3] -= 0.15 * (i % 2 ? 1 : -1);
  }
  auto driver = Make("driver"), process = Make("process");
  EXPECT_EQ(driver->LabelHash(), process->LabelHash());
  for (const auto& [structure, sequence] : {std::pair{s, Sequence::kIndependent},
                                            {nearby, Sequence::kNearby},
                                            {jump, Sequence::kIndependent},
                                            {s, Sequence::kNearby}}) {
    const LabelOutcome a = Good(driver.get(), structure, sequence), b = Good(process.get(), structure);
    EXPECT_EQ(a.source, "driver");
    EXPECT_EQ(b.source, "process");
    ASSERT_TRUE(a.frame.energy && b.frame.energy);
    EXPECT_NEAR(*a.frame.energy, *b.frame.energy, 1e-5);
    EXPECT_LT(RmsDifference(a.frame, b.frame), kSamePes);
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j)
        EXPECT_NEAR((*a.frame.stress)[i][j], (*b.frame.stress)[i][j], 0.3e3 * units::kBar);
    }
  }
}

TEST_F(QeDriverTest, RefusesAnotherFirstGeometryThanItsInput) {
  const auto labeler = Make("driver");  // makes the folder with the pseudopotentials
  const std::string folder = options_.work_directory + "/driver/own";
  std::filesystem::create_directories(folder);
  const Structure s = Li2S12(0.05, 1);
  auto driver = QeDriver::Start(settings_, s, {{"pw.x"}, folder, "../pseudo", {}});
  ASSERT_TRUE(driver.ok()) << driver.status();
  EXPECT_TRUE((*driver)->Fits(s));
  EXPECT_FALSE((*driver)->Fits(Li2S12(0.05, 2)));  // pw.x would return garbage forces without a word
  Frame frame;
  frame.structure = s;
  EXPECT_FALSE((*driver)->Compute(Sequence::kIndependent, &frame).failure.has_value());
  EXPECT_TRUE((*driver)->Fits(Li2S12(0.05, 2)));
  EXPECT_FALSE((*driver)->Fits(Li2S12(0.05, 2, 5.86)));  // another cell
}

TEST_F(QeDriverTest, ADriverThatDiesCostsNoLabel) {
  QeNumerics starved;
  starved.electron_maxstep = 3;
  auto labeler = Make("driver", starved);
  const LabelOutcome outcome = Good(labeler.get(), Li2S12(0.1, 5));
  EXPECT_EQ(outcome.source, "process");  // found its way by escalation
  EXPECT_GE(outcome.attempts, 2);
  EXPECT_LE(outcome.attempts, kMaxQeAttempts);
  auto whole = Make("process");
  EXPECT_LT(RmsDifference(outcome.frame, Good(whole.get(), Li2S12(0.1, 5)).frame), kSamePes);
}

// Connects, reads the first question and never answers.
constexpr const char* kSilent = R"(exec perl -MSocket -e '
  my ($name) = "@ARGV" =~ /-ipi (\S+):UNIX/;
  socket(S, PF_UNIX, SOCK_STREAM, 0) and connect(S, sockaddr_un("/tmp/ipi_$name")) or die $!;
  sysread(S, $question, 12); sleep 1000' -- "$@"
)";

TEST_F(QeDriverTest, ADriverThatNeverAnswersIsEnded) {
  const Structure s = Li2S12(0.05, 1);
  const std::chrono::milliseconds limit(1000);  // a busy machine needs some of it to start the script
  auto driver = QeDriver::Start(settings_, s, {{Script(kSilent)}, options_.work_directory, ".", {}, limit});
  ASSERT_TRUE(driver.ok()) << driver.status();
  Frame frame;
  frame.structure = s;
  const QeDriver::Outcome outcome = (*driver)->Compute(Sequence::kIndependent, &frame);
  ASSERT_TRUE(outcome.failure.has_value());
  EXPECT_EQ(outcome.failure->failure_class, failure_class::kHung);
  EXPECT_FALSE((*driver)->alive());
  EXPECT_FALSE(frame.energy.has_value());
}

TEST_F(QeDriverTest, ADriverThatNeverConnectsIsEnded) {
  const auto driver = QeDriver::Start(
      settings_, Li2S12(0.05, 1),
      {{Script("exec sleep 1000\n")}, options_.work_directory, ".", {}, std::chrono::milliseconds(150)});
  EXPECT_EQ(driver.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(driver.status().message()), testing::HasSubstr("no sign of life"));
}

// The limit must be short for the test, yet long enough for the first CPU time of a pw.x on a busy machine.
TEST_F(QeDriverTest, ADriverThatHangsCostsNoLabel) {
  options_.site.pw_command =
      Script("case \"$*\" in *-ipi*) ;; *) exec pw.x \"$@\";; esac\n" + std::string(kSilent));
  options_.site.pw_silence_min = 2.0 / 60;
  auto labeler = Make("driver");
  const LabelOutcome outcome = Good(labeler.get(), Li2S12(0.1, 5));
  EXPECT_EQ(outcome.source, "process");
  EXPECT_EQ(outcome.attempts, 2);  // of one input: the numerics were not to blame
  EXPECT_EQ(Good(labeler.get(), Li2S12(0.1, 6)).attempts, 2);
  EXPECT_EQ(Good(labeler.get(), Li2S12(0.1, 7)).attempts, 1);  // two hung drivers were enough
}

TEST_F(QeDriverTest, BadInputIsReportedWithTheWordsOfTheProgram) {
  settings_.total_charge = 1;  // odd electrons with fixed occupations
  auto labeler = Make("driver");
  const auto outcome = labeler->Label(Li2S12(0.1, 5), Sequence::kIndependent);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_TRUE(outcome->failure.has_value());
  EXPECT_EQ(outcome->failure->failure_class, failure_class::kInput);
  EXPECT_THAT(outcome->failure->message, testing::HasSubstr("smearing is needed"));
}

}  // namespace
}  // namespace superion
