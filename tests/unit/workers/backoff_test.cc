#include "workers/backoff.h"

#include <gtest/gtest.h>

namespace superion {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, DoublesUpToTheLimitWithJitter) {
  Backoff backoff(7, milliseconds(100), milliseconds(1000));
  int64_t span = 100;
  for (int k = 0; k < 8; ++k) {
    const int64_t wait = backoff.Next().count();
    EXPECT_GE(wait, span / 2);
    EXPECT_LE(wait, span);
    span = std::min<int64_t>(1000, 2 * span);
  }
  backoff.Reset();
  EXPECT_LE(backoff.Next().count(), 100);
}

TEST(BackoffTest, WorkersDiffer) {
  Backoff a(1, milliseconds(100000), milliseconds(100000)),
      b(1234567, milliseconds(100000), milliseconds(100000));
  a.Next(), b.Next();
  EXPECT_NE(a.Next(), b.Next());
}

}  // namespace
}  // namespace superion
