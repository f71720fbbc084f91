#include "tests/unit/server/coordinator_fixture.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Keys(const std::vector<TaskSpec>& specs) {
  std::vector<std::string> keys;
  for (const TaskSpec& spec : specs) keys.push_back(spec.key);
  return keys;
}

TEST_F(CoordinatorTest, HandsOutInOrderAsManyAsCoresAreFree) {
  state_.policy = Scripted({{Planned("a"), {}}, {Planned("b"), {}}, {Planned("c"), {}}});
  SubmitCampaign();
  RegisterWorker();
  EXPECT_THAT(Keys(LeaseTasks()), ElementsAre("a", "b"));
  EXPECT_THAT(LeaseTasks(), IsEmpty()) << "by our account no core is free, whatever the worker claims";
}

TEST_F(CoordinatorTest, AnAssignmentIsComplete) {
  PlannedTask planned = Planned("a", "md", 0);
  planned.params = {{"steps", 7}};
  planned.inputs = {{"structure", Sha256("structure"), "", ""}, {"structure", Sha256("structure"), "", ""}};
  state_.policy = Scripted({{planned, {}}});
  SubmitCampaign();
  RegisterWorker("w1", 4);
  const auto specs = LeaseTasks("w1", 4);
  ASSERT_EQ(specs.size(), 1u);
  EXPECT_EQ(specs[0].kind, "md");
  EXPECT_EQ(specs[0].campaign_id, "c1");
  EXPECT_EQ(specs[0].threads, 4) << "0 is all cores of the worker";
  EXPECT_EQ(specs[0].params["steps"], 7);
  EXPECT_EQ(specs[0].seed, TaskOf("a").row.seed);
  ASSERT_EQ(specs[0].inputs.size(), 2u);
  EXPECT_EQ(specs[0].inputs[1].sha256, Sha256("structure"));
}

TEST_F(CoordinatorTest, RolesDecideWhoGetsWhat) {
  state_.policy =
      Scripted({{Planned("l", "label"), {}}, {Planned("t", "train"), {}}, {Planned("s", "select"), {}}});
  SubmitCampaign();
  RegisterWorker("trainer", 2, {}, {}, {"train"});
  EXPECT_THAT(Keys(LeaseTasks("trainer", 2)), ElementsAre("t"));
  RegisterWorker("rest", 2, {}, {}, {"analysis", "dft"});
  EXPECT_THAT(Keys(LeaseTasks("rest", 2)), ElementsAre("l", "s"));
  EXPECT_EQ(RoleOfKind("aimd"), "dft");
  EXPECT_EQ(RoleOfKind("arrhenius"), "analysis");
}

TEST_F(CoordinatorTest, ATaskThatWantsMoreCoresThanThereAreGetsThemAll) {
  state_.policy = Scripted({{Planned("a", "label", 64), {}}});
  SubmitCampaign();
  RegisterWorker();
  EXPECT_EQ(LeaseTasks().at(0).threads, 2);
}

TEST_F(CoordinatorTest, AnExclusiveTaskIsOvertakenOnlySoOften) {
  state_.options.max_overtaken = 3;
  std::vector<ScriptedTask> script{{Planned("first"), {}}, {Planned("big", "train", 0), {}}};
  for (int k = 0; k < 20; ++k) script.push_back({Planned(fmt::format("small-{}", k)), {}});
  state_.policy = Scripted(script);
  SubmitCampaign();
  RegisterWorker();
  std::vector<TaskSpec> held = LeaseTasks("w1", 2);
  EXPECT_THAT(Keys(held), ElementsAre("first", "small-0"));
  int small = 1;
  bool big = false;
  for (int round = 0; round < 10 && !big; ++round) {
    EXPECT_TRUE(Finish(Success(held.front())).ok());
    held.erase(held.begin());
    for (const TaskSpec& spec : LeaseTasks()) {
      big |= spec.key == "big";
      small += spec.key != "big";
      held.push_back(spec);
    }
  }
  EXPECT_TRUE(big);
  EXPECT_EQ(small, 3);
}

TEST_F(CoordinatorTest, ALeaseRequestWaitsForWork) {
  RegisterWorker();
  const uint64_t waiting = Next();
  EXPECT_THAT(Do(Lease{waiting, "w1", 2, 10'000}).replies, IsEmpty());
  EXPECT_EQ(NextWake(state_), now_ + 10'000);
  const Decision decision = Do(Submit{Next(), "token", {}, "{}", "", 0});
  ASSERT_EQ(decision.replies.size(), 2u);
  for (const Reply& reply : decision.replies) {
    if (reply.to == waiting) {
      EXPECT_EQ(std::get<Leased>(reply.body).assignments.size(), 1u);
    }
  }
  EXPECT_TRUE(state_.parked.empty());
}

TEST_F(CoordinatorTest, AWaitingRequestEndsEmptyAndANewerOneReplacesIt) {
  RegisterWorker();
  const uint64_t first = Next(), second = Next();
  Do(Lease{first, "w1", 2, 10'000});
  const Decision replaced = Do(Lease{second, "w1", 2, 10'000});
  ASSERT_EQ(replaced.replies.size(), 1u);
  EXPECT_EQ(replaced.replies[0].to, first);
  now_ += 10'000;
  const Decision over = Do(Tick{});
  ASSERT_EQ(over.replies.size(), 1u);
  EXPECT_EQ(over.replies[0].to, second);
  EXPECT_TRUE(std::get<Leased>(over.replies[0].body).assignments.empty());
}

TEST_F(CoordinatorTest, AnAbandonedRequestGetsNothing) {
  RegisterWorker();
  const uint64_t waiting = Next();
  Do(Lease{waiting, "w1", 2, 10'000});
  Do(AbandonLease{waiting});
  SubmitCampaign();
  EXPECT_EQ(TaskOf("a").state, TaskState::kReady);
}

}  // namespace
}  // namespace superion
