#include "dft_adapter/pw_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "core/file.h"
#include "core/status.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A clock of the test's own: minutes pass in no time.
class PwWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = TestFolder();
    output_ = folder_ + "/pw.out";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Start(const std::string& script) {
    SubprocessOptions options;
    options.arguments = {"sh", "-c", script};
    options.working_directory = folder_;
    options.stdout_path = output_;
    auto started = Subprocess::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.status();
    process_ = std::move(*started);
  }
  PwWatch Watch(milliseconds limit) { return PwWatch(process_->pid(), {output_, limit}, now_); }
  // Calls the watch every second of `time`; true when it wants the process ended.
  bool Ends(PwWatch* watch, seconds time) {
    reason_.reset();
    for (seconds passed{0}; passed < time && !reason_; ++passed) reason_ = watch->Check(now_ += seconds(1));
    return reason_.has_value();
  }

  std::string folder_, output_;
  std::unique_ptr<Subprocess> process_;
  std::optional<LabelFailure> reason_;
  PwWatch::Clock::time_point now_{};
};

TEST_F(PwWatchTest, SilenceEndsAtItsLimitAndNotBefore) {
  Start("exec sleep 1000");
  PwWatch watch = Watch(minutes(30));
  EXPECT_FALSE(Ends(&watch, minutes(29)));
  EXPECT_TRUE(Ends(&watch, minutes(2)));
  ASSERT_TRUE(reason_.has_value());
  EXPECT_EQ(reason_->failure_class, failure_class::kHung);
  EXPECT_THAT(reason_->message, testing::HasSubstr("for 30 min"));
}

TEST_F(PwWatchTest, OutputAndSocketTrafficAreSignsOfLife) {
  Start("exec sleep 1000");
  PwWatch watch = Watch(minutes(30));
  std::string text;
  for (int k = 0; k < 4; ++k) {
    EXPECT_FALSE(Ends(&watch, minutes(25))) << k;
    if (k % 2 == 0) {
      ASSERT_TRUE(WriteFileAtomically(output_, text += "an iteration\n").ok());
      EXPECT_FALSE(watch.Check(now_));
    } else {
      watch.Heard();
    }
  }
  EXPECT_TRUE(Ends(&watch, minutes(31)));
}

// Five times the limit without a word, but at work: the grandchild of a shell, as under mpirun.
TEST_F(PwWatchTest, CpuTimeOfADescendantIsASignOfLife) {
  Start("sh -c 'while :; do :; done' & wait");
  const milliseconds limit(2000);
  PwWatch watch = Watch(limit);
  double seen = TreeCpuSeconds(process_->pid());
  for (int step = 0; step < 10; ++step) {
    const double before = seen;
    while (seen < before + 0.02) seen = TreeCpuSeconds(process_->pid());
    for (int k = 0; k < 10; ++k) ASSERT_FALSE(watch.Check(now_ += limit / 20)) << step;
  }
  EXPECT_LT(CpuSeconds(process_->pid()), 0.1);
}

TEST_F(PwWatchTest, TimeInWhichNobodyRanDoesNotCount) {
  Start("exec sleep 1000");
  PwWatch watch = Watch(minutes(30));
  for (int k = 0; k < 10; ++k) EXPECT_FALSE(watch.Check(now_ += hours(8)));
  EXPECT_TRUE(Ends(&watch, minutes(30)));
}

std::string Iteration(double accuracy_ry) {
  return fmt::format(
      "     total energy              =     -60.1 Ry\n     estimated scf accuracy    <  {:14.8f} Ry\n\n",
      accuracy_ry);
}

// The output grows by pieces that end within lines, after that of another geometry.
TEST_F(PwWatchTest, AnScfThatStagnatesIsEndedWhereItIsAsked) {
  Start("exec sleep 1000");
  std::string text;
  for (int k = 0; k < 40; ++k) text += Iteration(0.1);
  ASSERT_TRUE(WriteFileAtomically(output_, text).ok());
  PwWatch watch(process_->pid(), {output_, minutes(0), {15, 1e-4}}, now_), silence = Watch(minutes(0));
  const size_t before = text.size();
  for (int k = 0; k < 30; ++k) text += Iteration(k % 3 ? 0.2 : 0.1);
  for (size_t bytes = before + 57; bytes < text.size(); bytes += 57) {
    ASSERT_TRUE(WriteFileAtomically(output_, text.substr(0, bytes)).ok());
    ASSERT_FALSE(watch.Check(now_)) << bytes;
  }
  ASSERT_TRUE(WriteFileAtomically(output_, text).ok());
  const auto failure = watch.Check(now_);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->failure_class, failure_class::kScf);
  EXPECT_THAT(failure->message, testing::HasSubstr("after 30 iterations the estimated accuracy (0.2 Ry)"));
  EXPECT_FALSE(silence.Check(now_));
}

TEST_F(PwWatchTest, WithoutALimitNothingIsEnded) {
  Start("exec sleep 1000");
  PwWatch watch = Watch(minutes(0));
  EXPECT_FALSE(Ends(&watch, hours(10)));
}

TEST_F(PwWatchTest, TheWaitEndsAHungProcessAndLeavesOthersTheirExit) {
  Start("exec sleep 1000");
  ExitState exit;
  EXPECT_TRUE(WaitWatched(process_.get(), {output_, milliseconds(60)}, &exit).has_value());
  EXPECT_EQ(exit.signal, SIGTERM);
  EXPECT_FALSE(process_->Running());
  Start("exit 3");
  EXPECT_FALSE(WaitWatched(process_.get(), {output_, minutes(30)}, &exit).has_value());
  EXPECT_EQ(exit.exit_code, 3);
}

}  // namespace
}  // namespace superion
