#include "core/trajectory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/random.h"
#include "temporary_directory.h"

namespace superion {
namespace {

TrajectoryHeader Header() {
  TrajectoryHeader h;
  h.species = {"Li", "Li", "S"};
  h.masses_u = {6.94, 6.94, 32.06};
  h.interval_ps = 0.1;
  h.temperature_k = 1375;
  h.provenance = {{"seed", 4}};
  return h;
}

TrajectoryFrame RandomFrame(Random* random, double time_ps) {
  TrajectoryFrame f;
  f.time_ps = time_ps;
  for (Vec3& v : f.cell) v = {random->Gaussian(), random->Gaussian(), random->Gaussian()};
  for (int i = 0; i < 3; ++i)
    f.positions.push_back({random->Gaussian(), random->Gaussian(), random->Gaussian()});
  return f;
}

std::vector<TrajectoryFrame> Read(const std::string& path) {
  std::vector<TrajectoryFrame> frames;
  const absl::Status status = ForEachTrajectoryFrame(path, [&](const TrajectoryFrame& frame) {
    frames.push_back(frame);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return frames;
}

TEST(Trajectory, ComesBackToTheBit) {
  const TemporaryDirectory directory;
  Random random(1);
  std::vector<TrajectoryFrame> frames;
  auto writer = TrajectoryWriter::Create(directory.File("t"), Header());
  ASSERT_TRUE(writer.ok());
  for (int k = 0; k < 5; ++k) {
    frames.push_back(RandomFrame(&random, 0.1 * k));
    ASSERT_TRUE(writer->Append(frames.back()).ok());
  }
  ASSERT_TRUE(writer->Flush().ok());
  const std::vector<TrajectoryFrame> back = Read(directory.File("t"));
  ASSERT_EQ(back.size(), 5u);
  for (int k = 0; k < 5; ++k) {
    EXPECT_EQ(back[k].time_ps, frames[k].time_ps);
    EXPECT_EQ(back[k].cell, frames[k].cell);
    EXPECT_EQ(back[k].positions, frames[k].positions);
  }
  const TrajectoryHeader header = ReadTrajectoryHeader(directory.File("t")).value();
  EXPECT_EQ(header.species, Header().species);
  EXPECT_EQ(header.masses_u, Header().masses_u);
  EXPECT_EQ(header.interval_ps, 0.1);
  EXPECT_EQ(header.temperature_k, 1375);
  EXPECT_EQ(header.provenance, Header().provenance);
}

TEST(Trajectory, ATornTailIsDroppedAndContinued) {
  const TemporaryDirectory directory;
  Random a(2), b(2);
  {
    auto whole = TrajectoryWriter::Create(directory.File("whole"), Header());
    for (int k = 0; k < 6; ++k) ASSERT_TRUE(whole->Append(RandomFrame(&a, k)).ok());
  }
  const std::string whole = ReadFile(directory.File("whole")).value();
  const size_t record = 8 * (10 + 9);
  ASSERT_TRUE(
      WriteFileAtomically(directory.File("cut"), whole.substr(0, whole.size() - 2 * record - 5)).ok());
  EXPECT_EQ(Read(directory.File("cut")).size(), 3u);
  auto writer = TrajectoryWriter::Continue(directory.File("cut"), Header(), 3);
  ASSERT_TRUE(writer.ok()) << writer.status();
  for (int k = 0; k < 6; ++k) {
    const TrajectoryFrame frame = RandomFrame(&b, k);
    if (k >= 3) {
      ASSERT_TRUE(writer->Append(frame).ok());
    }
  }
  EXPECT_EQ(ReadFile(directory.File("cut")).value(), whole);
}

TEST(Trajectory, OtherAtomsCannotContinueIt) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(TrajectoryWriter::Create(directory.File("t"), Header()).ok());
  TrajectoryHeader other = Header();
  other.species[2] = "Cl";
  const absl::Status status = TrajectoryWriter::Continue(directory.File("t"), other, 0).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("other species"));
}

TEST(Trajectory, BrokenHeadersAreDataLoss) {
  const TemporaryDirectory directory;
  for (const char* text : {"{}\n", "{\"format\":\"superion-stream\",\"version\":1}\n", "x"}) {
    ASSERT_TRUE(WriteFileAtomically(directory.File("t"), text).ok());
    EXPECT_EQ(ReadTrajectoryHeader(directory.File("t")).status().code(), absl::StatusCode::kDataLoss) << text;
  }
}

}  // namespace
}  // namespace superion
