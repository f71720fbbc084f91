#include "trainer/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "trainer/schedule.h"

namespace superion::trainer {
namespace {

TEST(Optimizer, FindsTheMinimumOfAQuadratic) {
  Optimizer<double> optimizer({}, {3.0, -2.0}, {1.0, 0.0});
  for (int step = 0; step < 4000; ++step) {
    const auto& x = optimizer.state().parameters;
    optimizer.Step({2 * (x[0] - 1), 20 * (x[1] + 5)}, 0.02 * ScheduleFactor(step / 4000.0, step, 10), 0.0);
  }
  EXPECT_NEAR(optimizer.state().parameters[0], 1.0, 1e-3);
  EXPECT_NEAR(optimizer.state().parameters[1], -5.0, 1e-3);
  EXPECT_NEAR(optimizer.state().average[1], -5.0, 1e-2);
}

TEST(Optimizer, DecaysAsMuchAsItIsTold) {
  Optimizer<double> optimizer({}, {1.0, 1.0}, {1.0, 0.5});
  for (int step = 0; step < 100; ++step) optimizer.Step({0.0, 0.0}, 0.1, 0.1);
  EXPECT_NEAR(optimizer.state().parameters[0], std::pow(0.99, 100), 1e-12);
  EXPECT_NEAR(optimizer.state().parameters[1], std::pow(0.995, 100), 1e-12);
}

}  // namespace
}  // namespace superion::trainer
