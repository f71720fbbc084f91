#include "md_runner/checkpoint.h"

#include "gmock/gmock.h"

namespace superion {
namespace {

Checkpoint Example() {
  Checkpoint c{"native", {"Li", "S"}, 500, true, {}};
  ReplicaCheckpoint r;
  r.state.step = -250;
  r.state.cell = {{{5.85, 0, 0}, {0.1, 5.9, 0}, {1.0 / 3, 0, 6}}};
  r.state.positions = {{0.1, 1e-300, -7.25}, {1.0 / 3, 2, 3}};
  r.state.velocities = {{1, 2, 3}, {-1, -2, -3}};
  r.state.random = {1, 0xffffffffffffffff, 3, 4};
  r.state.thermostat = {0.1, 1.0 / 7};
  r.state.engine_bytes = std::string("\0\n{binary}\xff", 11);
  r.snapshot_bytes = 77;
  r.recorder = {{"x", 1}};
  c.replicas.push_back(r);
  r.state.engine_bytes.clear();
  r.reference = r.state.positions;
  r.stream_rows = 12;
  r.trajectory_frames = 3;
  r.event = GateEvent{99, "grade", 4.5};
  c.replicas.push_back(r);
  return c;
}

TEST(CheckpointTest, ReturnsEveryBit) {
  const Checkpoint a = Example();
  const std::string bytes = SerializeCheckpoint(a);
  const absl::StatusOr<Checkpoint> b = ParseCheckpoint(bytes, "x");
  ASSERT_TRUE(b.ok()) << b.status();
  EXPECT_EQ(SerializeCheckpoint(*b), bytes);
  EXPECT_EQ(b->first_step, 500);
  EXPECT_TRUE(b->finished);
  ASSERT_EQ(b->replicas.size(), 2u);
  for (int k = 0; k < 2; ++k) {
    const ReplicaCheckpoint &x = a.replicas[k], &y = b->replicas[k];
    EXPECT_EQ(x.state.step, y.state.step);
    EXPECT_EQ(x.state.cell, y.state.cell);
    EXPECT_EQ(x.state.positions, y.state.positions);
    EXPECT_EQ(x.state.velocities, y.state.velocities);
    EXPECT_EQ(x.state.random, y.state.random);
    EXPECT_EQ(x.state.thermostat, y.state.thermostat);
    EXPECT_EQ(x.state.engine_bytes, y.state.engine_bytes);
    EXPECT_EQ(x.reference, y.reference);
    EXPECT_EQ(x.recorder, y.recorder);
  }
  EXPECT_FALSE(b->replicas[0].event.has_value());
  EXPECT_EQ(b->replicas[1].event->reason, "grade");
  EXPECT_EQ(b->replicas[1].stream_rows, 12);
}

TEST(CheckpointTest, AnyDamageIsDataLossThatNamesTheFile) {
  const std::string bytes = SerializeCheckpoint(Example());
  for (size_t k = 0; k < bytes.size(); k += 7) {
    std::string damaged = bytes;
    damaged[k] = static_cast<char>(damaged[k] ^ 0x10);
    ASSERT_TRUE(absl::IsDataLoss(ParseCheckpoint(damaged, "restart.bin").status())) << k;
    ASSERT_TRUE(absl::IsDataLoss(ParseCheckpoint(bytes.substr(0, k), "restart.bin").status())) << k;
  }
  EXPECT_THAT(std::string(ParseCheckpoint("", "restart.bin").status().message()),
              testing::HasSubstr("restart.bin"));
}

}  // namespace
}  // namespace superion
