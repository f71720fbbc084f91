#include "md_runner/recorder.h"

#include <algorithm>

#include "run_fixture.h"

namespace superion {
namespace {

using RecorderTest = ArgonRunTest;

TEST_F(RecorderTest, StreamRowsAreTheSumsOfTheTrajectory) {
  for (size_t i = 0; i < 32; i += 3) options_.structure.species[i] = "K";
  ASSERT_TRUE(Run().ok());
  const Stream stream = ReadRunStream();
  const auto frames = ReadRunTrajectory();
  ASSERT_EQ(stream.header.species, (std::vector<std::string>{"Ar", "K"}));
  ASSERT_EQ(stream.header.counts, (std::vector<int64_t>{21, 11}));
  ASSERT_EQ(stream.size(), 41u);
  ASSERT_EQ(frames.size(), 41u);
  for (size_t k = 0; k < stream.size(); ++k) {
    Vec3 sums[2] = {};
    for (size_t i = 0; i < 32; ++i) sums[i % 3 == 0] += frames[k].positions[i] - frames[0].positions[i];
    EXPECT_EQ(stream.row(k)[0], 5.0 * double(k));
    for (int s = 0; s < 2; ++s) {
      for (int a = 0; a < 3; ++a) ASSERT_NEAR(stream.row(k)[1 + 3 * s + a], sums[s][a], 1e-12);
    }
  }
  EXPECT_GT(Norm(frames[40].positions[0] - frames[0].positions[0]), 1e-3);
}

// The same crystal described by other images of its atoms gives the same displacements.
TEST_F(RecorderTest, ImagesOfTheStartPositionsDoNotMatter) {
  ASSERT_TRUE(Run().ok());
  const Stream inside = ReadRunStream();
  options_.directory = Folder("images");
  for (size_t i = 0; i < 32; ++i) {
    options_.structure.positions[i] += double(int(i % 5) - 2) * options_.structure.cell[i % 3];
  }
  ASSERT_TRUE(Run().ok());
  const Stream outside = ReadRunStream();
  ASSERT_EQ(inside.rows.size(), outside.rows.size());
  for (size_t k = 0; k < inside.rows.size(); ++k) ASSERT_NEAR(inside.rows[k], outside.rows[k], 1e-8);
}

TEST_F(RecorderTest, TheCentreOfMassStaysWhereItWas) {
  options_.params.steps = 1000;
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_LT(outcome->replicas[0].drift_of_centre, 1e-12);
  const Stream stream = ReadRunStream();
  const double* last = stream.row(stream.size() - 1);
  EXPECT_LT(std::abs(last[1]) + std::abs(last[2]) + std::abs(last[3]), 1e-9);
}

TEST_F(RecorderTest, SnapshotsAreWrappedGradedAndCounted) {
  options_.params.snapshot_every = 50;
  options_.params.snapshot_start_step = 100;
  // Crosses 1 after 250 force calls: equilibration has 101 calls, production step s is call 101 + s, counted
  // from 0.
  const auto outcome = Run([](int call) { return call < 250 ? 0.5 : 1.5; });
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  const auto frames = ReadExtxyz(options_.directory + "/snapshots.xyz").value();
  std::vector<std::string> steps;
  for (const Frame& frame : frames) {
    steps.push_back(frame.info.at("step"));
    EXPECT_EQ(frame.info.at("safe"), "1");
    ASSERT_EQ(frame.atom_scalars.at("grade").size(), 32u);
    EXPECT_EQ(std::stod(frame.info.at("max_grade")), frame.atom_scalars.at("grade").back());
    const Mat3 inverse = Inverse(frame.structure.cell);
    for (const Vec3& r : frame.structure.positions) {
      for (const double x : r* inverse) EXPECT_TRUE(x > -1e-9 && x < 1.0 + 1e-9);
    }
  }
  // 100, 150, 200 are due; the first step in the band (149) is collected too and 50 steps after it nothing
  // new is.
  EXPECT_THAT(steps, testing::ElementsAre("100", "149", "150", "200"));
  EXPECT_EQ(outcome->replicas[0].snapshots.accurate, 1);
  EXPECT_EQ(outcome->replicas[0].snapshots.candidate, 3);
  EXPECT_EQ(outcome->replicas[0].snapshots.failed, 0);
}

TEST_F(RecorderTest, SnapshotLimitHolds) {
  options_.params.snapshot_every = 10;
  options_.params.snapshot_limit = 4;
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(ReadExtxyz(options_.directory + "/snapshots.xyz")->size(), 4u);
}

}  // namespace
}  // namespace superion
