#include "cli/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

namespace superion {
namespace {

TEST(InterruptTest, ASignalWakesTheWaiterAndCallsOnce) {
  std::atomic<int> calls{0};
  {
    Interrupt interrupt([&] { ++calls; });
    EXPECT_FALSE(interrupt.Requested());
    ::kill(::getpid(), SIGTERM);
    EXPECT_TRUE(interrupt.WaitFor(std::chrono::hours(1)));
    EXPECT_TRUE(interrupt.Requested());
  }
  EXPECT_EQ(calls, 1);
}

TEST(InterruptTest, EndsQuietlyWithoutASignal) {
  std::atomic<int> calls{0};
  {
    Interrupt interrupt([&] { ++calls; });
    EXPECT_FALSE(interrupt.WaitFor(std::chrono::milliseconds(1)));
  }
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace superion
