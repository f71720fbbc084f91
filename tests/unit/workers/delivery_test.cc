#include "workers/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace superion {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Answers uploads and reports in the order given, the last answer for ever; what was said is kept.
class ScriptedDaemon : public Coordinator {
 public:
  absl::StatusOr<Registration> Register(const WorkerIdentity&, const std::vector<RunningTask>&) override {
    return absl::UnimplementedError("not here");
  }
  absl::StatusOr<std::vector<TaskSpec>> Lease(const std::string&, int, std::chrono::milliseconds) override {
    return absl::UnimplementedError("not here");
  }
  absl::StatusOr<HeartbeatAnswer> Heartbeat(const std::string&, const std::vector<RunningTask>&) override {
    return absl::UnimplementedError("not here");
  }
  absl::Status Fetch(const std::string&, const std::string&) override {
    return absl::UnimplementedError("not here");
  }
  absl::Status Upload(const std::vector<TaskArtifact>&, const std::string&, bool all) override {
    sent_all.push_back(all);
    return Next(&uploads);
  }
  absl::Status Complete(const FinishedTask& task) override {
    reports.push_back(task.result);
    return Next(&answers);
  }

  std::deque<absl::Status> uploads, answers;
  std::vector<bool> sent_all;
  std::vector<TaskResult> reports;

 private:
  static absl::Status Next(std::deque<absl::Status>* script) {
    if (script->empty()) return absl::OkStatus();
    const absl::Status next = script->front();
    if (script->size() > 1) script->pop_front();
    return next;
  }
};

class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest() {
    task_.task_id = "t1";
    task_.result.artifacts = {{"model", "model.superion", "abc", 3}};
  }
  // Tries until there is nothing to wait for; 0 when that does not come within 1000 tries.
  int Tries(Answer* last) {
    for (int k = 1; k <= 1000; ++k) {
      *last = delivery_.Try();
      if (*last != Answer::kAway && *last != Answer::kRefused) return k;
    }
    return 0;
  }
  ScriptedDaemon daemon_;
  FinishedTask task_;
  Delivery delivery_{&daemon_, "/sandbox", &task_, {.full_disk = 50, .refusals = 4}};
  Answer last_ = Answer::kAway;
};

TEST_F(DeliveryTest, AnAbsentDaemonIsWaitedForWithoutLimit) {
  for (const auto code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kCancelled}) {
    daemon_.uploads = {absl::Status(code, "away")};
    EXPECT_EQ(Tries(&last_), 0) << absl::StatusCodeToString(code);
    EXPECT_TRUE(daemon_.reports.empty());
  }
  daemon_.uploads = {absl::OkStatus()};
  EXPECT_EQ(delivery_.Try(), Answer::kSettled);
  ASSERT_EQ(daemon_.reports.size(), 1u);
  EXPECT_TRUE(daemon_.reports[0].status.ok());
  EXPECT_EQ(daemon_.reports[0].artifacts.size(), 1u);
}

TEST_F(DeliveryTest, ADaemonThatCannotSaveAnythingIsWaitedForWithoutLimit) {
  daemon_.answers = {absl::ResourceExhaustedError("database or disk is full")};
  EXPECT_EQ(Tries(&last_), 0);
  EXPECT_TRUE(task_.result.status.ok());
  daemon_.answers = {absl::OkStatus()};
  EXPECT_EQ(delivery_.Try(), Answer::kSettled);
}

TEST_F(DeliveryTest, AFullStoreIsAskedLongerThanOtherRefusals) {
  daemon_.uploads = {absl::ResourceExhaustedError("artifact model: 2 bytes free, expected 3")};
  EXPECT_EQ(Tries(&last_), 50);
  EXPECT_EQ(last_, Answer::kSettled);
  ASSERT_EQ(daemon_.reports.size(), 1u);
  EXPECT_TRUE(absl::IsResourceExhausted(daemon_.reports[0].status));
  EXPECT_THAT(std::string(daemon_.reports[0].status.message()),
              AllOf(HasSubstr("50 times"), HasSubstr("artifact model: 2 bytes free, expected 3")));
  EXPECT_TRUE(daemon_.reports[0].artifacts.empty());
}

TEST_F(DeliveryTest, EveryOtherRefusalOfAnUploadIsBounded) {
  for (const auto code :
       {absl::StatusCode::kInternal, absl::StatusCode::kUnknown, absl::StatusCode::kNotFound,
        absl::StatusCode::kAborted, absl::StatusCode::kFailedPrecondition, absl::StatusCode::kOutOfRange,
        absl::StatusCode::kAlreadyExists}) {
    ScriptedDaemon daemon;
    daemon.uploads = {absl::Status(code, "no")};
    FinishedTask task = task_;
    Delivery delivery(&daemon, "/sandbox", &task, {.full_disk = 50, .refusals = 4});
    for (int k = 1; k < 4; ++k) EXPECT_EQ(delivery.Try(), Answer::kRefused) << absl::StatusCodeToString(code);
    EXPECT_EQ(delivery.Try(), Answer::kSettled);
    ASSERT_EQ(daemon.reports.size(), 1u);
    // A fault of the store must not end a campaign as if its input were wrong.
    EXPECT_TRUE(absl::IsInternal(daemon.reports[0].status)) << daemon.reports[0].status;
    EXPECT_THAT(std::string(daemon.reports[0].status.message()), HasSubstr(absl::StatusCodeToString(code)));
  }
}

TEST_F(DeliveryTest, WhatCannotGetBetterIsSaidAtOnce) {
  for (const auto code : {absl::StatusCode::kInvalidArgument, absl::StatusCode::kDataLoss}) {
    ScriptedDaemon daemon;
    daemon.uploads = {absl::Status(code, "the hash is b, expected a")};
    FinishedTask task = task_;
    Delivery delivery(&daemon, "/sandbox", &task, {});
    EXPECT_EQ(delivery.Try(), Answer::kSettled);
    ASSERT_EQ(daemon.reports.size(), 1u);
    EXPECT_EQ(daemon.reports[0].status.code(), code);
    EXPECT_THAT(std::string(daemon.reports[0].status.message()), HasSubstr("the hash is b, expected a"));
  }
}

TEST_F(DeliveryTest, AnArtifactThatTheStoreHasBrokenIsSentAgain) {
  daemon_.answers = {absl::FailedPreconditionError("the store does not hold 'model'"), absl::OkStatus()};
  EXPECT_EQ(Tries(&last_), 2);
  EXPECT_EQ(last_, Answer::kSettled);
  EXPECT_THAT(daemon_.sent_all, ElementsAre(false, true));
  EXPECT_TRUE(task_.result.status.ok());
}

TEST_F(DeliveryTest, AFailureIsReportedThroughAnAbsenceToo) {
  daemon_.uploads = {absl::InvalidArgumentError("too large")};
  daemon_.answers = {absl::UnavailableError("away"), absl::UnavailableError("away"), absl::OkStatus()};
  EXPECT_EQ(Tries(&last_), 3);
  EXPECT_EQ(last_, Answer::kSettled);
  EXPECT_TRUE(absl::IsInvalidArgument(daemon_.reports.back().status));
  EXPECT_EQ(daemon_.sent_all.size(), 1u);
}

TEST_F(DeliveryTest, ADaemonThatTakesNothingAtAllIsLeftAlone) {
  daemon_.answers = {absl::InternalError("broken")};
  EXPECT_EQ(Tries(&last_),
            7);  // 4 with the result, of which the last is also the first of 4 with the failure
  EXPECT_EQ(last_, Answer::kHopeless);
}

TEST_F(DeliveryTest, AStaleReportSettlesAndARefusedWorkerDoesNot) {
  for (const auto code : {absl::StatusCode::kAborted, absl::StatusCode::kNotFound}) {
    EXPECT_EQ(Judge(Call::kComplete, absl::Status(code, "")), Answer::kSettled);
  }
  for (const auto code : {absl::StatusCode::kUnauthenticated, absl::StatusCode::kPermissionDenied,
                          absl::StatusCode::kUnimplemented}) {
    EXPECT_EQ(Judge(Call::kUpload, absl::Status(code, "")), Answer::kWorkerRefused);
    EXPECT_EQ(Judge(Call::kComplete, absl::Status(code, "")), Answer::kWorkerRefused);
  }
}

}  // namespace
}  // namespace superion
