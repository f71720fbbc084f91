#include "core/spawner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace superion {
namespace {

TEST(Spawner, RunsEverythingOnOneOtherThreadAndWaits) {
  std::atomic<int> at_once{0}, calls{0};
  std::set<std::thread::id> ids;  // needs no lock: the calls take turns
  std::vector<std::thread> callers;
  for (int t = 0; t < 8; ++t) {
    callers.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        bool done = false;
        RunOnSpawnerThread([&] {
          EXPECT_EQ(++at_once, 1);
          ids.insert(std::this_thread::get_id());
          ++calls;
          done = true;
          --at_once;
        });
        EXPECT_TRUE(done);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(calls, 400);
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(ids.count(std::this_thread::get_id()), 0u);
}

}  // namespace
}  // namespace superion
