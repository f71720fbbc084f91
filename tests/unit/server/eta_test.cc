#include "server/coordinator/eta.h"

#include "tests/unit/server/coordinator_fixture.h"

namespace superion {
namespace {

using testing::HasSubstr;

class EtaTest : public CoordinatorTest {
 protected:
  // Runs everything that is ready, `seconds` each.
  void Work(double seconds) {
    for (const TaskSpec& spec : LeaseTasks()) {
      now_ += static_cast<int64_t>(seconds * 1000);
      EXPECT_TRUE(Finish(Success(spec)).ok());
    }
  }
  std::optional<Eta> Now() { return RemainingTime(state_, CampaignOf(), now_); }
};

PlannedTask Labels(const std::string& key, int count) {
  PlannedTask task = Planned(key);
  task.params = {{"count", count}};
  return task;
}

TEST_F(EtaTest, IsTheMeasuredPaceTimesTheWorkToCome) {
  state_.policy = Scripted({{Labels("a", 2), {}}, {Labels("b", 6), {"a"}}});
  SubmitCampaign();
  RegisterWorker();
  EXPECT_FALSE(Now().has_value()) << "nothing has been measured yet";
  Work(10.0);
  ASSERT_TRUE(Now().has_value());
  EXPECT_DOUBLE_EQ(Now()->seconds, 30.0);
  EXPECT_EQ(Now()->note, "");
  const Json status = CampaignStatus(state_, CampaignOf(), now_);
  EXPECT_DOUBLE_EQ(status["eta_s"].get<double>(), 30.0);
}

TEST_F(EtaTest, TasksOfOneRoundShareTheCores) {
  state_.policy = Scripted({{Labels("a", 1), {}},
                            {Labels("b", 1), {"a"}},
                            {Labels("c", 1), {"a"}},
                            {Labels("d", 1), {"a"}},
                            {Planned("e", "label", 0), {"b", "c", "d"}}});
  SubmitCampaign();
  RegisterWorker("w1", 2);
  Work(10.0);
  ASSERT_TRUE(Now().has_value());
  EXPECT_DOUBLE_EQ(Now()->seconds, 15.0 + 10.0) << "three on two cores, then one that takes both";
}

TEST_F(EtaTest, ARunningTaskCountsWithWhatItHasLeft) {
  state_.policy = Scripted({{Labels("a", 1), {}}, {Labels("b", 1), {"a"}}});
  SubmitCampaign();
  RegisterWorker();
  Work(10.0);
  const std::vector<TaskSpec> specs = LeaseTasks();
  ASSERT_EQ(specs.size(), 1u);
  now_ += 4000;
  EXPECT_DOUBLE_EQ(Now()->seconds, 6.0) << "expected minus elapsed";
  Beat("w1", {{specs[0].task_id, specs[0].attempt, {1, 5, "labels", ""}}});
  EXPECT_DOUBLE_EQ(Now()->seconds, 16.0) << "at its own pace: a fifth took 4 s";
}

TEST_F(EtaTest, ManyEndsInAShortTimeAskThePolicyOnce) {
  std::vector<ScriptedTask> script = {{Labels("a", 1), {}}};
  for (int k = 0; k < 20; ++k) script.push_back({Labels(fmt::format("b{}", k), 1), {"a"}});
  script.push_back({Labels("z", 2), {"b19"}});
  int asked = 0;
  state_.policy = [&asked, inner = Scripted(script)](const auto& spec, const auto& artifacts,
                                                     const auto& ended) {
    ++asked;
    return inner(spec, artifacts, ended);
  };
  SubmitCampaign();
  RegisterWorker("w1", 30);
  Work(20.0);
  ASSERT_TRUE(Now().has_value());
  const std::vector<TaskSpec> specs = LeaseTasks("w1", 30);
  ASSERT_EQ(specs.size(), 20u);
  now_ += 20'000;
  EXPECT_TRUE(Finish(Success(specs[0])).ok());
  EXPECT_TRUE(Now().has_value());
  asked = 0;
  for (size_t k = 1; k < specs.size(); ++k) {
    now_ += 10;
    EXPECT_TRUE(Finish(Success(specs[k])).ok());
    Now();
  }
  EXPECT_EQ(asked, 19) << "by the coordinator after each end; the forecast does not ask in between";
  EXPECT_NEAR(Now()->seconds, 40.0, 1e-9) << "what has ended meanwhile is not counted again";
  now_ += 60'000;
  RegisterWorker("w1", 30);
  asked = 0;
  EXPECT_TRUE(Now().has_value());
  EXPECT_GT(asked, 0) << "after a while it is worked out anew";
}

TEST_F(EtaTest, AKindThatWasNotMeasuredMakesItUnknownOrALowerBound) {
  state_.policy =
      Scripted({{Labels("a", 1), {}}, {Planned("r", "md"), {"a"}}, {Planned("z", "analyze"), {"r"}}});
  SubmitCampaign();
  RegisterWorker();
  Work(10.0);
  EXPECT_FALSE(Now().has_value()) << "nobody knows how long MD takes here";
  Work(7.0);
  ASSERT_TRUE(Now().has_value());
  EXPECT_DOUBLE_EQ(Now()->seconds, 0.0);
  EXPECT_THAT(Now()->note, HasSubstr("analyze"));
}

TEST_F(EtaTest, LabelsOfAnotherLabelerTakeTheKindsPaceAndSaySo) {
  PlannedTask large = Labels("b", 3);
  large.params["labeler"] = {{"kpoints", {1, 1, 1}}};
  state_.policy = Scripted({{Labels("a", 1), {}}, {large, {"a"}}});
  SubmitCampaign();
  RegisterWorker();
  Work(10.0);
  ASSERT_TRUE(Now().has_value());
  EXPECT_DOUBLE_EQ(Now()->seconds, 30.0);
  EXPECT_THAT(Now()->note, HasSubstr("larger cell"));
}

TEST_F(EtaTest, IsUnknownWithoutWorkersAndWhilePaused) {
  state_.policy = Scripted({{Labels("a", 1), {}}, {Labels("b", 1), {"a"}}});
  SubmitCampaign();
  RegisterWorker();
  Work(10.0);
  EXPECT_TRUE(Now().has_value());
  now_ += 60'000;
  EXPECT_FALSE(Now().has_value()) << "the worker has been silent for longer than a lease";
  RegisterWorker();
  EXPECT_TRUE(Now().has_value());
  Do(Control{Next(), "c1", ControlAction::kPause});
  EXPECT_FALSE(Now().has_value());
  EXPECT_TRUE(CampaignStatus(state_, CampaignOf(), now_)["eta_s"].is_null());
}

}  // namespace
}  // namespace superion
