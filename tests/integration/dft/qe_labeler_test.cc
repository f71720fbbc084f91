#include "dft_adapter/qe_labeler.h"

#include <gmock/gmock.h>

#include "tests/integration/dft/qe_setup.h"

namespace superion {
namespace {

using QeLabelerTest = QeTest;

TEST_F(QeLabelerTest, ForcesAreTheSlopeOfTheEnergy) {
  settings_.conv_thr_ry = 1e-9;
  auto labeler = Make("process");
  const Structure s = Li2S12(0.1, 9);
  const Frame frame = Good(labeler.get(), s).frame;
  const double h = 0.01;
  for (const auto& [atom, axis] : {std::pair{0, 0}, {7, 2}}) {
    Structure up = s, down = s;
    up.positions[atom][axis] += h;
    down.positions[atom][axis] -= h;
    const double slope =
        -(*Good(labeler.get(), up).frame.energy - *Good(labeler.get(), down).frame.energy) / (2 * h);
    EXPECT_GT(std::abs(slope), 0.05);
    EXPECT_NEAR(frame.forces[atom][axis], slope, 0.02);  // the egg-box error of the exchange-correlation grid
  }
}

TEST_F(QeLabelerTest, AStarvedScfIsNoLabelButRecoversFromItsDensity) {
  QeNumerics starved;
  starved.electron_maxstep = 3;
  auto labeler = Make("process", starved);
  const LabelOutcome outcome = Good(labeler.get(), Li2S12(0.1, 5));
  EXPECT_EQ(outcome.attempts, 2);
  EXPECT_TRUE(outcome.frame.energy.has_value());
}

TEST_F(QeLabelerTest, WhatNeverConvergesBecomesAFailureWithItsClass) {
  settings_.conv_thr_ry = 1e-60;  // below what double precision can reach
  auto labeler = Make("process");
  Structure primitive;
  const double a = 5.85;
  primitive.cell = Mat3{{{0, a / 2, a / 2}, {a / 2, 0, a / 2}, {a / 2, a / 2, 0}}};
  primitive.species = {"S", "Li", "Li"};
  primitive.positions = {{0.1, 0, 0}, {a / 4, a / 4, a / 4}, {3 * a / 4, 3 * a / 4, 3 * a / 4}};
  const auto outcome = labeler->Label(primitive, Sequence::kIndependent);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_TRUE(outcome->failure.has_value());
  EXPECT_GE(outcome->attempts, 2);
  EXPECT_LE(outcome->attempts, kMaxQeAttempts);
  EXPECT_FALSE(outcome->frame.energy.has_value());
}

// A metal with fixed occupations: bands that cross change places in every iteration, whatever the mixing.
TEST_F(QeLabelerTest, AnScfThatSloshesIsGivenUpOnEveryRung) {
  settings_.ecutwfc_ry = 12;
  Structure metal;
  const double a = 3.44;
  metal.cell = Mat3{{{2 * a, 0, 0}, {0, 2 * a, 0}, {0, 0, 2 * a}}};
  for (int k = 0; k < 16; ++k) {
    const Vec3 corner{double(k / 2 % 2), double(k / 4 % 2), double(k / 8)};
    metal.species.push_back("Li");
    metal.positions.push_back(a * (corner + 0.5 * (k % 2) * Vec3{1, 1, 1}));
  }
  const auto outcome = Make("driver")->Label(metal, Sequence::kIndependent);  // processes from the second on
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_TRUE(outcome->failure.has_value());
  EXPECT_EQ(outcome->failure->failure_class, failure_class::kScf);
  EXPECT_THAT(outcome->failure->message, testing::HasSubstr("stagnates"));
  EXPECT_EQ(outcome->attempts, kMaxQeAttempts);
}

TEST_F(QeLabelerTest, BadInputFailsAtOnce) {
  settings_.total_charge = 1;  // odd electrons with fixed occupations
  auto labeler = Make("process");
  const auto outcome = labeler->Label(Li2S12(0.1, 5), Sequence::kIndependent);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_TRUE(outcome->failure.has_value());
  EXPECT_EQ(outcome->failure->failure_class, failure_class::kInput);
  EXPECT_EQ(outcome->attempts, 1);
}

TEST_F(QeLabelerTest, AProcessThatHangsFailsItsFrameAlone) {
  options_.site.pw_command = Script("exec sleep 1000\n");
  options_.site.pw_silence_min = 0.15 / 60;
  auto labeler = Make("process");
  const auto outcome = labeler->Label(Li2S12(0.1, 5), Sequence::kIndependent);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_TRUE(outcome->failure.has_value());
  EXPECT_EQ(outcome->failure->failure_class, failure_class::kHung);
  EXPECT_EQ(outcome->attempts, 1);
  EXPECT_EQ(QeVersion(options_).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(QeLabelerTest, LeavesNoFilesBehind) {
  auto labeler = Make("process");
  const std::string folder = options_.work_directory + "/process";
  Good(labeler.get(), Li2S12(0.1, 5));
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    EXPECT_EQ(entry.path().filename(), "pseudo");
  labeler.reset();
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

// E = -15.874 Ry: measured with files shipped by ABINIT, of the same parameters.
TEST_F(QeLabelerTest, ConvertedGthGivesTheEnergyOfSilicon) {
  if (!std::filesystem::exists("/usr/share/cp2k/GTH_POTENTIALS"))
    GTEST_SKIP() << "cp2k-data is not installed";
  Structure si;
  const double a = 5.43;
  si.cell = Mat3{{{0, a / 2, a / 2}, {a / 2, 0, a / 2}, {a / 2, a / 2, 0}}};
  si.species = {"Si", "Si"};
  si.positions = {{0, 0, 0}, {a / 4, a / 4, a / 4}};
  settings_.functional = "LDA";
  settings_.ecutwfc_ry = 40;
  settings_.kpoints = {4, 4, 4};
  settings_.kshift = {1, 1, 1};
  settings_.pseudopotentials = {{"Si", "Si.GTH-PADE-q4.gth"}};
  auto labeler = Make("process");
  ASSERT_NE(labeler, nullptr);
  EXPECT_NEAR(*Good(labeler.get(), si).frame.energy / units::kRydberg, -15.874, 2e-3);
}

TEST_F(QeLabelerTest, VersionIsThatOfTheProgram) {
  const auto version = QeVersion(options_);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_THAT(*version, testing::MatchesRegex("[0-9].*"));
  options_.site.pw_command = "true";
  EXPECT_EQ(QeVersion(options_).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace superion
