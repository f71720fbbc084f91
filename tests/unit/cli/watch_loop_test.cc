#include "cli/watch_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "fake_daemon.h"

namespace superion {
namespace {

WatchOptions Fast() {
  WatchOptions options;
  options.campaign_id = "c1";
  options.interval = std::chrono::milliseconds(1);
  return options;
}

TEST(WatchLoopTest, OutlivesADaemonThatIsAwayForAWhile) {
  Interrupt interrupt;
  FakeDaemon daemon;
  daemon.statuses = {Json{{"state", "RUNNING"}}, absl::UnavailableError("away"),
                     absl::UnavailableError("away"), Json{{"state", "DONE"}, {"labels", 3}}};
  const absl::StatusOr<Json> last = WatchCampaign([&] { return &daemon; }, Fast(), &interrupt);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ((*last)["labels"], 3);
}

TEST(WatchLoopTest, GivesUpWhenPatienceEnds) {
  Interrupt interrupt;
  FakeDaemon daemon;
  daemon.statuses = {absl::UnavailableError("away")};
  WatchOptions options = Fast();
  options.patience = std::chrono::seconds(0);
  EXPECT_TRUE(absl::IsUnavailable(WatchCampaign([&] { return &daemon; }, options, &interrupt).status()));
}

TEST(WatchLoopTest, OtherErrorsEndItAtOnce) {
  Interrupt interrupt;
  FakeDaemon daemon;
  daemon.statuses = {absl::NotFoundError("no campaign")};
  EXPECT_TRUE(absl::IsNotFound(WatchCampaign([&] { return &daemon; }, Fast(), &interrupt).status()));
  WatchOptions options = Fast();
  options.between = [] { return absl::UnavailableError("child keeps dying"); };
  EXPECT_TRUE(absl::IsUnavailable(WatchCampaign([&] { return &daemon; }, options, &interrupt).status()));
}

TEST(WatchLoopTest, CtrlCIsCancelled) {
  Interrupt interrupt;
  FakeDaemon daemon;
  daemon.statuses = {Json{{"state", "RUNNING"}}};
  WatchOptions options = Fast();
  options.interval = std::chrono::hours(1);
  options.between = [] {
    ::kill(::getpid(), SIGINT);
    return absl::OkStatus();
  };
  EXPECT_TRUE(absl::IsCancelled(WatchCampaign([&] { return &daemon; }, options, &interrupt).status()));
}

}  // namespace
}  // namespace superion
