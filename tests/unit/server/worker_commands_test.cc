#include "tests/unit/server/coordinator_fixture.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(CoordinatorTest, ARegistrationMustMakeSense) {
  EXPECT_EQ(Refusal(Register{Next(), "", "node", 2, {}, {}, {}}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Refusal(Register{Next(), "w1", "node", 0, {}, {}, {}}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Refusal(Register{Next(), "w1", "node", 1, {"cook"}, {}, {}}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(state_.workers.empty());
}

TEST_F(CoordinatorTest, AnUnknownWorkerMustRegister) {
  EXPECT_TRUE(Beat("w1", {}).must_register);
  EXPECT_EQ(Refusal(Lease{Next(), "w1", 1, 0}).code(), absl::StatusCode::kFailedPrecondition);
  RegisterWorker();
  EXPECT_FALSE(Beat("w1", {}).must_register);
}

TEST_F(CoordinatorTest, ARepeatedReportIsOkAndHasNoSecondEffect) {
  state_.policy = Scripted({{Planned("a"), {}}, {Planned("b"), {"a"}}});
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  const Decision first = Do(Complete{Next(), Success(tasks.at(0))});
  EXPECT_EQ(first.rows.outputs.size(), 1u);
  EXPECT_EQ(CampaignOf().ended.at("a").artifacts.at("out").sha256, Sha256("content of a"));
  EXPECT_EQ(CampaignOf().ended.at("a").cpu_s, 2.5);
  Report again = Success(tasks.at(0));
  again.missing_artifact = "whatever";
  const Decision second = Do(Complete{Next(), again});
  EXPECT_TRUE(second.replies.at(0).status.ok());
  EXPECT_TRUE(second.rows.empty());
}

TEST_F(CoordinatorTest, AReportOfAnOlderAttemptIsAborted) {
  SubmitCampaign();
  RegisterWorker("w1");
  RegisterWorker("w2");
  const auto first = LeaseTasks("w1");
  now_ += state_.options.lease_ms;
  Do(Tick{});
  const auto second = LeaseTasks("w2");
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].attempt, 2);
  const Decision stale = Do(Complete{Next(), Success(first.at(0))});
  EXPECT_EQ(stale.replies.at(0).status.code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(stale.rows.empty());
  EXPECT_THAT(Beat("w1", {{first[0].task_id, 1, {}}}).drop_task_ids, ElementsAre(first[0].task_id));
  EXPECT_EQ(TaskOf("a").row.state.worker_id, "w2");
  EXPECT_TRUE(Finish(Success(second[0])).ok());
}

TEST_F(CoordinatorTest, AReportFromTheFutureOrOfAnUnknownTaskIsRefused) {
  SubmitCampaign();
  RegisterWorker();
  auto task = LeaseTasks().at(0);
  task.attempt = 7;
  EXPECT_EQ(Finish(Success(task)).code(), absl::StatusCode::kAborted);
  task.task_id = "t77";
  EXPECT_EQ(Finish(Success(task)).code(), absl::StatusCode::kNotFound);
  task.task_id = "nonsense";
  EXPECT_EQ(Finish(Success(task)).code(), absl::StatusCode::kNotFound);
}

TEST_F(CoordinatorTest, AReportWithoutItsArtifactsIsRefusedAndCanBeRepeated) {
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  Report report = Success(tasks.at(0));
  report.missing_artifact = Sha256("content of a");
  EXPECT_EQ(Finish(report).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(IsHeld(TaskOf("a").state));
  report.missing_artifact.clear();
  report.result.artifacts.push_back(report.result.artifacts[0]);
  EXPECT_EQ(Finish(report).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Finish(Success(tasks.at(0))).ok());
}

TEST_F(CoordinatorTest, AHeartbeatKeepsTheLeaseAndDeliversProgress) {
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  for (int k = 0; k < 10; ++k) {
    now_ += 5000;
    EXPECT_THAT(Beat("w1", {{tasks.at(0).task_id, 1, {k * 1.0, 10.0, "labels", ""}}}).drop_task_ids,
                IsEmpty());
    Do(Tick{});
  }
  EXPECT_EQ(TaskOf("a").state, TaskState::kRunning);
  const Json status = CampaignStatus(state_, CampaignOf(), now_);
  EXPECT_EQ(status["running"][0]["progress"]["done"], 9.0);
  EXPECT_EQ(status["running"][0]["elapsed_s"], 50.0);
}

TEST_F(CoordinatorTest, ATaskThatItsWorkerDoesNotNameIsLostAfterOneLease) {
  SubmitCampaign();
  RegisterWorker();
  LeaseTasks();
  for (int k = 0; k < 7; ++k) {
    now_ += 5000;
    Beat("w1", {});  // the reply to the lease never reached it
    Do(Tick{});
  }
  EXPECT_EQ(TaskOf("a").state, TaskState::kReady);
  EXPECT_EQ(TaskOf("a").row.state.infrastructure_faults, 1);
  EXPECT_EQ(TaskOf("a").row.state.task_faults, 0);
}

TEST_F(CoordinatorTest, AWorkerThatComesBackBeforeTheNextAttemptIsAdopted) {
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  now_ += 2 * state_.options.lease_ms;
  Do(Tick{});
  EXPECT_EQ(TaskOf("a").state, TaskState::kReady);
  EXPECT_THAT(LeaseTasks(), IsEmpty()) << "perhaps it still runs there";
  EXPECT_THAT(Beat("w1", {{tasks.at(0).task_id, 1, {}}}).drop_task_ids, IsEmpty());
  EXPECT_EQ(TaskOf("a").state, TaskState::kRunning);
  EXPECT_TRUE(Finish(Success(tasks[0])).ok());
  EXPECT_EQ(TaskOf("a").row.state.attempt, 1);
}

TEST_F(CoordinatorTest, TwoArtifactsOfOneNameAreRefusedAndTheFailureThatFollowsIsKnown) {
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  Report twice = Success(tasks.at(0));
  twice.result.artifacts.push_back(twice.result.artifacts[0]);
  const absl::Status refused = Finish(twice);
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("two artifacts are called 'out'"));
  EXPECT_TRUE(IsOpen(TaskOf("a").state));
  EXPECT_TRUE(Finish(Failure(tasks[0], refused)).ok());
  EXPECT_EQ(TaskOf("a").state, TaskState::kFailed);
}

TEST_F(CoordinatorTest, ALateResultCountsWhenNobodyElseHasBegun) {
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  now_ += 2 * state_.options.lease_ms;
  Do(Tick{});
  EXPECT_TRUE(Finish(Success(tasks.at(0))).ok());
  EXPECT_EQ(TaskOf("a").state, TaskState::kDone);
}

TEST_F(CoordinatorTest, RegisteringAgainAdoptsWhatRunsAndLosesTheRest) {
  state_.policy = Scripted({{Planned("a"), {}}, {Planned("b"), {}}, {Planned("c"), {}}});
  SubmitCampaign();
  RegisterWorker("w1", 3);
  const auto tasks = LeaseTasks("w1", 3);
  ASSERT_EQ(tasks.size(), 3u);
  const Registered reply = RegisterWorker(
      "w1", 3, {{tasks[0].task_id, 1, {}}, {"t99", 1, {}}, {tasks[0].task_id, 5, {}}}, {Success(tasks[1])});
  EXPECT_THAT(reply.drop_task_ids, ElementsAre("t99", tasks[0].task_id));
  EXPECT_EQ(TaskOf("a").state, TaskState::kRunning);
  EXPECT_EQ(TaskOf("b").state, TaskState::kDone);
  EXPECT_EQ(TaskOf("c").state, TaskState::kReady);
  EXPECT_EQ(LeaseTasks("w1", 3).at(0).attempt, 2);
}

TEST_F(CoordinatorTest, AnUnreportedResultWithoutItsArtifactsKeepsItsLease) {
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  Report report = Success(tasks.at(0));
  report.missing_artifact = "not there yet";
  RegisterWorker("w1", 2, {}, {report});
  EXPECT_EQ(TaskOf("a").state, TaskState::kRunning);
  EXPECT_TRUE(Finish(Success(tasks[0])).ok());
}

TEST_F(CoordinatorTest, ASleepOfTheDaemonCostsNoLease) {
  SubmitCampaign();
  RegisterWorker();
  LeaseTasks();
  now_ += 10 * state_.options.lease_ms;
  Do(Slept{});
  Do(Tick{});
  EXPECT_EQ(TaskOf("a").state, TaskState::kLeased);
}

TEST_F(CoordinatorTest, InvalidArgumentEndsTheCampaignWithItsReason) {
  state_.policy = Scripted({{Planned("a"), {}}, {Planned("b"), {}}});
  SubmitCampaign();
  RegisterWorker();
  const auto tasks = LeaseTasks();
  EXPECT_TRUE(Finish(Failure(tasks.at(0), InvalidArgument("no pseudopotential for Li"))).ok());
  EXPECT_EQ(CampaignOf().state, CampaignState::kFailed);
  EXPECT_THAT(CampaignOf().row.message, HasSubstr("no pseudopotential for Li"));
  EXPECT_THAT(CampaignOf().row.message, HasSubstr("'a'"));
  EXPECT_EQ(TaskOf("a").state, TaskState::kFailed);
  EXPECT_EQ(TaskOf("b").state, TaskState::kCancelled);
}

TEST_F(CoordinatorTest, AnOptionalTaskMayFail) {
  PlannedTask optional = Planned("a");
  optional.optional = true;
  PlannedTask reader = Planned("r");
  reader.inputs = {From("a")};
  reader.optional = true;
  state_.policy = Scripted({{reader, {}}, {optional, {}}, {Planned("b"), {"a", "r"}}});
  SubmitCampaign();
  RegisterWorker();
  EXPECT_TRUE(Finish(Failure(LeaseTasks().at(0), InvalidArgument("bad frame"))).ok());
  EXPECT_EQ(CampaignOf().state, CampaignState::kRunning);
  EXPECT_EQ(CampaignOf().ended.at("a").state, FinishedState::kFailed);
  EXPECT_EQ(CampaignOf().ended.at("a").status.message(), "bad frame");
  EXPECT_EQ(CampaignOf().ended.at("r").state, FinishedState::kFailed) << "its input can never be there";
  EXPECT_EQ(TaskOf("b").state, TaskState::kReady) << "planned after both had ended";
}

TEST_F(CoordinatorTest, AnInputThatWasNeverMadeFailsTheReader) {
  PlannedTask reader = Planned("r");
  reader.inputs = {From("a", "no such artifact")};
  state_.policy = Scripted({{Planned("a"), {}}, {reader, {}}});
  SubmitCampaign();
  RegisterWorker();
  EXPECT_TRUE(Finish(Success(LeaseTasks().at(0))).ok());
  EXPECT_EQ(CampaignOf().state, CampaignState::kFailed);
  EXPECT_THAT(CampaignOf().row.message, HasSubstr("no such artifact"));
}

TEST_F(CoordinatorTest, TransientFailuresBackOffAndQuarantineTheThird) {
  SubmitCampaign();
  RegisterWorker();
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto tasks = LeaseTasks();
    ASSERT_EQ(tasks.size(), 1u);
    EXPECT_EQ(tasks[0].attempt, attempt);
    EXPECT_TRUE(Finish(Failure(tasks[0], Unavailable("no memory"))).ok());
    EXPECT_TRUE(Finish(Failure(tasks[0], Unavailable("no memory"))).ok()) << "repeated: no second fault";
    EXPECT_EQ(TaskOf("a").row.state.task_faults, attempt);
    if (attempt == 3) break;
    EXPECT_THAT(LeaseTasks(), IsEmpty()) << "in back-off";
    EXPECT_GT(NextWake(state_), now_);
    now_ = NextWake(state_);
    Do(Tick{});
  }
  EXPECT_EQ(TaskOf("a").state, TaskState::kQuarantined);
  EXPECT_EQ(CampaignOf().state, CampaignState::kFailed);
  EXPECT_THAT(CampaignOf().row.message, HasSubstr("no memory"));
}

TEST_F(CoordinatorTest, LostWorkersAreNotTheTasksFault) {
  SubmitCampaign();
  for (int k = 0; k < 10; ++k) {
    const std::string worker = fmt::format("w{}", k);
    RegisterWorker(worker);
    now_ = std::max(now_, NextWake(state_));
    ASSERT_EQ(LeaseTasks(worker).size(), 1u) << k;
    now_ += state_.options.lease_ms;
    Do(Tick{});
  }
  EXPECT_EQ(TaskOf("a").state, TaskState::kReady);
  EXPECT_EQ(TaskOf("a").row.state.task_faults, 0);
  EXPECT_EQ(TaskOf("a").row.state.infrastructure_faults, 10);
  EXPECT_EQ(CampaignOf().state, CampaignState::kRunning);
}

}  // namespace
}  // namespace superion
