#include "server/coordinator/retry.h"
#include "tests/unit/server/coordinator_fixture.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(CoordinatorTest, SubmitPlansAtOnceAndIsIdempotentByToken) {
  state_.policy = Scripted({{Planned("a"), {}}, {Planned("b"), {"a"}}});
  Submit command{Next(), "token", {}, "{}", Sha256("structure"), 9};
  const Decision decision = Do(command);
  EXPECT_EQ(std::get<Submitted>(decision.replies.at(0).body).campaign_id, "c1");
  ASSERT_EQ(decision.rows.new_tasks.size(), 1u);
  EXPECT_EQ(decision.rows.new_tasks[0].key, "a");
  EXPECT_EQ(decision.rows.new_tasks[0].state.state, "ready");
  EXPECT_EQ(decision.rows.campaigns.size(), 1u);
  EXPECT_EQ(decision.rows.artifacts.size(), 1u);
  EXPECT_FALSE(decision.rows.events.empty());
  command.reply_to = Next();
  const Decision again = Do(command);
  EXPECT_EQ(std::get<Submitted>(again.replies.at(0).body).campaign_id, "c1");
  EXPECT_TRUE(again.rows.empty());
  EXPECT_EQ(SubmitCampaign("another token"), "c2");
  command.client_token = "";
  command.reply_to = Next();
  EXPECT_EQ(Refusal(command).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CoordinatorTest, SeedsDependOnCampaignSeedAndKeyOnly) {
  state_.policy = Scripted({{Planned("a"), {}}, {Planned("b"), {}}});
  SubmitCampaign("one");
  SubmitCampaign("two");
  EXPECT_EQ(TaskOf("a", "c1").row.seed, TaskOf("a", "c2").row.seed);
  EXPECT_NE(TaskOf("a", "c1").row.seed, TaskOf("b", "c1").row.seed);
}

TEST_F(CoordinatorTest, PauseStopsDispatchAndResumeContinues) {
  const std::string id = SubmitCampaign();
  RegisterWorker();
  EXPECT_EQ(Expect<Controlled>(Control{Next(), id, ControlAction::kPause}).state, "PAUSED");
  EXPECT_EQ(Expect<Controlled>(Control{Next(), id, ControlAction::kPause}).state, "PAUSED");
  EXPECT_TRUE(LeaseTasks().empty());
  EXPECT_EQ(Expect<Controlled>(Control{Next(), id, ControlAction::kResume}).state, "RUNNING");
  EXPECT_EQ(LeaseTasks().size(), 1u);
}

TEST_F(CoordinatorTest, APausedCampaignStillTakesResults) {
  state_.policy = Scripted({{Planned("a"), {}}, {Planned("b"), {"a"}}});
  const std::string id = SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  Expect<Controlled>(Control{Next(), id, ControlAction::kPause});
  EXPECT_TRUE(Finish(Success(tasks.at(0))).ok());
  EXPECT_EQ(TaskOf("a").state, TaskState::kDone);
  EXPECT_EQ(TaskOf("b").state, TaskState::kReady);
  EXPECT_TRUE(LeaseTasks().empty());
}

TEST_F(CoordinatorTest, AFailedCampaignIsResumedWhereItFailed) {
  PlannedTask optional = Planned("o");
  optional.optional = true;
  state_.policy =
      Scripted({{Planned("a"), {}}, {optional, {"a"}}, {Planned("b"), {"o"}}, {Planned("c"), {"o"}}});
  const std::string id = SubmitCampaign();
  RegisterWorker();
  EXPECT_TRUE(Finish(Success(LeaseTasks().at(0))).ok());
  EXPECT_TRUE(Finish(Failure(LeaseTasks().at(0), InvalidArgument("an odd frame"))).ok());
  const auto tasks = LeaseTasks();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_TRUE(Finish(Failure(tasks[0], FailedPrecondition("the program pw.x was not found"))).ok());
  EXPECT_EQ(CampaignOf(id).state, CampaignState::kFailed);
  EXPECT_EQ(TaskOf("c").state, TaskState::kCancelled);

  EXPECT_EQ(Expect<Controlled>(Control{Next(), id, ControlAction::kResume}).state, "RUNNING");
  EXPECT_EQ(CampaignOf(id).row.ended_ms, 0);
  EXPECT_EQ(TaskOf("a").state, TaskState::kDone) << "what is done stays done";
  EXPECT_EQ(TaskOf("o").state, TaskState::kFailed) << "the policy has already gone on without it";
  EXPECT_EQ(TaskOf("b").state, TaskState::kReady);
  EXPECT_EQ(Finish(Success(tasks[0])).code(), absl::StatusCode::kOk) << "that attempt was reported before";
  EXPECT_EQ(TaskOf("b").state, TaskState::kReady) << "a late report of the failed attempt changes nothing";
  for (int k = 0; k < 2; ++k) EXPECT_TRUE(Finish(Success(LeaseTasks("w1", 1).at(0))).ok());
  EXPECT_TRUE(CampaignOf(id).plan_finished);
}

TEST_F(CoordinatorTest, AResumedCampaignFailsAgainWhenNothingWasMended) {
  const std::string id = SubmitCampaign();
  RegisterWorker();
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(Finish(Failure(LeaseTasks().at(0), InvalidArgument("no pseudopotential"))).ok());
    EXPECT_EQ(CampaignOf(id).state, CampaignState::kFailed);
    EXPECT_THAT(CampaignOf(id).row.message, HasSubstr("no pseudopotential"));
    Expect<Controlled>(Control{Next(), id, ControlAction::kResume});
  }
  Expect<Controlled>(Control{Next(), id, ControlAction::kCancel});
  EXPECT_EQ(Refusal(Control{Next(), id, ControlAction::kResume}).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(CoordinatorTest, AFullDiskIsWaitedForLongerAndSaid) {
  const std::string id = SubmitCampaign();
  RegisterWorker();
  for (int fault = 1; fault < kMaxExhaustedFaults; ++fault) {
    EXPECT_TRUE(Finish(Failure(LeaseTasks().at(0), ResourceExhausted("the disk of /x is full"))).ok());
    ASSERT_EQ(CampaignOf(id).state, CampaignState::kRunning) << fault;
    EXPECT_THAT(CampaignStatus(state_, CampaignOf(id), now_)["message"].get<std::string>(),
                HasSubstr("tried again in"));
    EXPECT_THAT(CampaignStatus(state_, CampaignOf(id), now_)["message"].get<std::string>(),
                HasSubstr("the disk of /x is full"));
    now_ += 120'000;
    Do(Tick{});
  }
  EXPECT_TRUE(Finish(Failure(LeaseTasks().at(0), ResourceExhausted("the disk of /x is full"))).ok());
  EXPECT_EQ(CampaignOf(id).state, CampaignState::kFailed);
}

TEST_F(CoordinatorTest, WhatCannotBeSavedIsSaid) {
  const std::string id = SubmitCampaign();
  state_.trouble = "waiting: nothing can be saved: the disk is full";
  EXPECT_EQ(CampaignStatus(state_, CampaignOf(id), now_)["message"], state_.trouble);
}

TEST_F(CoordinatorTest, CancelIsFinalAndDropsRunningTasks) {
  state_.policy = Scripted({{Planned("a"), {}}, {Planned("b"), {}}});
  const std::string id = SubmitCampaign();
  RegisterWorker("w1", 1);
  const auto tasks = LeaseTasks("w1", 1);
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(Expect<Controlled>(Control{Next(), id, ControlAction::kCancel}).state, "CANCELLED");
  EXPECT_THAT(Beat("w1", {{tasks[0].task_id, 1, {}}}).drop_task_ids, ElementsAre(tasks[0].task_id));
  EXPECT_EQ(Finish(Success(tasks[0])).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(TaskOf("a").state, TaskState::kCancelled);
  EXPECT_EQ(TaskOf("b").state, TaskState::kCancelled);
  EXPECT_TRUE(LeaseTasks("w1", 1).empty());
  EXPECT_EQ(Refusal(Control{Next(), id, ControlAction::kResume}).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Expect<Controlled>(Control{Next(), id, ControlAction::kCancel}).state, "CANCELLED");
  EXPECT_EQ(Refusal(Control{Next(), "c9", ControlAction::kPause}).code(), absl::StatusCode::kNotFound);
}

TEST_F(CoordinatorTest, AFinishedPlanAsksForTheReportAndEndsWithIt) {
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  const Decision decision = Do(Complete{Next(), Success(tasks.at(0))});
  EXPECT_THAT(decision.report_wanted, ElementsAre("c1"));
  EXPECT_EQ(CampaignOf().state, CampaignState::kRunning);
  const Decision built =
      Do(ReportBuilt{"c1", absl::OkStatus(), {Sha256("report"), 6, 0}, {Sha256("html"), 4, 0}});
  EXPECT_EQ(CampaignOf().state, CampaignState::kDone);
  EXPECT_EQ(built.rows.campaigns.at(0).report_sha256, Sha256("report"));
  EXPECT_EQ(built.rows.artifacts.size(), 2u);
}

TEST_F(CoordinatorTest, AReportThatCannotBeStoredIsTriedAgain) {
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  Do(Complete{Next(), Success(tasks.at(0))});
  Do(ReportBuilt{"c1", ResourceExhausted("disk full"), {}, {}});
  EXPECT_EQ(CampaignOf().state, CampaignState::kRunning);
  EXPECT_THAT(CampaignOf().row.message, HasSubstr("disk full"));
  EXPECT_EQ(NextWake(state_), now_ + state_.options.report_retry_ms);
  now_ += state_.options.report_retry_ms;
  EXPECT_THAT(Do(Tick{}).report_wanted, ElementsAre("c1"));
}

TEST_F(CoordinatorTest, ALostArtifactIsMadeAgain) {
  PlannedTask reader = Planned("b");
  reader.inputs = {From("a")};
  state_.policy = Scripted({{Planned("a"), {}}, {reader, {}}});
  SubmitCampaign();
  RegisterWorker();
  EXPECT_EQ(TaskOf("b").state, TaskState::kWaiting);
  const auto first = LeaseTasks();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(Finish(Success(first[0])).ok());
  const auto second = LeaseTasks();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].inputs.at(0).sha256, Sha256("content of a"));

  Do(ArtifactLost{Sha256("content of a"), "corrupt"});
  EXPECT_EQ(TaskOf("a").state, TaskState::kReady);
  EXPECT_TRUE(TaskOf("a").row.outputs.empty());
  // The reader cannot read it: not its fault.
  EXPECT_TRUE(Finish(Failure(second[0], DataLoss("input is corrupt"))).ok());
  EXPECT_EQ(TaskOf("b").state, TaskState::kWaiting);
  EXPECT_EQ(TaskOf("b").row.state.task_faults, 0);
  const auto repeated = LeaseTasks();
  ASSERT_EQ(repeated.size(), 1u);
  EXPECT_EQ(repeated[0].key, "a");
  EXPECT_EQ(repeated[0].attempt, 2);
  EXPECT_EQ(repeated[0].seed, first[0].seed);
  EXPECT_TRUE(Finish(Success(repeated[0])).ok());
  EXPECT_EQ(TaskOf("b").state, TaskState::kReady);
}

TEST_F(CoordinatorTest, AnArtifactFoundBrokenWhileTheReportIsMadeDelaysTheEnd) {
  SubmitCampaign();
  RegisterWorker();
  Do(Complete{Next(), Success(LeaseTasks().at(0))});
  Do(ArtifactLost{Sha256("content of a"), "corrupt"});
  Do(ReportBuilt{"c1", absl::OkStatus(), {Sha256("report"), 6, 0}, {Sha256("html"), 4, 0}});
  EXPECT_EQ(CampaignOf().state, CampaignState::kRunning) << "that report lacks an artifact";
  const Decision decision = Do(Complete{Next(), Success(LeaseTasks().at(0))});
  EXPECT_THAT(decision.report_wanted, ElementsAre("c1"));
}

}  // namespace
}  // namespace superion
