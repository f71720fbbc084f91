#include "md_runner/gate.h"

#include <limits>

#include "gtest/gtest.h"

namespace superion {
namespace {

// Shows a gate one step of two atoms; the position of the first tells the steps apart.
class GateTest : public testing::Test {
 protected:
  GateLevel Look(int64_t step, double grade) {
    positions_ = {{double(step), 0, 0}, {1, 1, 1}};
    force_.max_grade = grade;
    return gate_.Look({0, step, cell_, positions_, velocities_, force_, 0.1, 0.2}, temperature_);
  }

  Gate gate_{GateLimits{1.0, 3.0, 50.0, 2000.0}};
  Mat3 cell_{{{9, 0, 0}, {0, 9, 0}, {0, 0, 9}}};
  std::vector<Vec3> positions_, velocities_{2};
  ForceResult force_{-1.0, {{1, 0, 0}, {-1, 0, 0}}, {}, {0.1, 0.2}};
  double temperature_ = 900.0;
};

TEST_F(GateTest, ClassifiesByGrade) {
  EXPECT_EQ(Look(1, 0.99), GateLevel::kSafe);
  EXPECT_EQ(Look(2, 1.0), GateLevel::kCollect);
  EXPECT_EQ(Look(3, 3.0), GateLevel::kCollect);
  EXPECT_FALSE(gate_.event().has_value());
  EXPECT_EQ(Look(4, 3.01), GateLevel::kStop);
  ASSERT_TRUE(gate_.event().has_value());
  EXPECT_EQ(gate_.event()->step, 4);
  EXPECT_EQ(gate_.event()->reason, "grade");
  EXPECT_EQ(gate_.event()->grade, 3.01);
}

TEST_F(GateTest, KeepsTheLastSafeStepAndAnEvenTrailToTheEvent) {
  for (int64_t step = 0; step <= 10; ++step) Look(step, 0.5);
  for (int64_t step = 11; step <= 60; ++step) Look(step, 2.0);
  EXPECT_EQ(Look(61, 9.0), GateLevel::kStop);
  ASSERT_TRUE(gate_.last_safe().has_value());
  EXPECT_EQ(gate_.last_safe()->step, 10);
  EXPECT_EQ(gate_.last_safe()->positions[0][0], 10.0);
  EXPECT_LT(gate_.last_safe()->max_grade, 1.0);
  ASSERT_GE(gate_.trail().size(), 3u);
  EXPECT_LE(gate_.trail().size(), Gate::kTrail);
  EXPECT_EQ(gate_.trail().back().step, 61);
  for (const KeptFrame& frame : gate_.trail()) {
    EXPECT_GT(frame.step, 10);
    EXPECT_EQ(frame.positions[0][0], double(frame.step));
  }
}

TEST_F(GateTest, ForgetsTheTrailWhenTheRunIsSafeAgain) {
  Look(1, 0.5);
  Look(2, 2.0);
  Look(3, 0.5);
  Look(4, 5.0);
  EXPECT_EQ(gate_.last_safe()->step, 3);
  EXPECT_EQ(gate_.trail().size(), 1u);
}

TEST_F(GateTest, StopsOnEveryGuardWhateverTheGrade) {
  const auto reason = [&] {
    gate_ = Gate(GateLimits{1.0, 3.0, 50.0, 2000.0});
    return Look(1, 0.1) == GateLevel::kStop ? gate_.event()->reason : "none";
  };
  EXPECT_EQ(reason(), "none");
  force_.closest = 0.99;
  EXPECT_EQ(reason(), "distance");
  force_.closest = 1.01;
  force_.forces[1] = {30, 30, 30};
  EXPECT_EQ(reason(), "force");
  force_.forces[1] = {std::numeric_limits<double>::quiet_NaN(), 0, 0};
  EXPECT_EQ(reason(), "force");
  force_.forces[1] = {0, 0, 0};
  temperature_ = 2000.1;
  EXPECT_EQ(reason(), "temperature");
  temperature_ = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(reason(), "temperature");
  temperature_ = 900;
  force_.energy = std::numeric_limits<double>::infinity();
  EXPECT_EQ(reason(), "force");
}

TEST_F(GateTest, AGradeThatIsNoNumberStops) {
  EXPECT_EQ(Look(1, std::numeric_limits<double>::quiet_NaN()), GateLevel::kStop);
  EXPECT_EQ(gate_.event()->reason, "grade");
}

}  // namespace
}  // namespace superion
