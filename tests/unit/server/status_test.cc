#include "server/coordinator/status.h"

#include "tests/unit/server/coordinator_fixture.h"

namespace superion {
namespace {

using testing::HasSubstr;

TEST_F(CoordinatorTest, TheStatusHasEveryDocumentedKey) {
  SubmitCampaign();
  const Json status = CampaignStatus(state_, CampaignOf(), now_ + 1500);
  for (const char* key :
       {"campaign_id", "name", "state", "stage", "generation", "message", "tasks", "running", "labels",
        "failed_labels", "heldout", "conductivity", "elapsed_s", "eta_s", "eta_note"}) {
    EXPECT_TRUE(status.contains(key)) << key;
  }
  EXPECT_EQ(status["campaign_id"], "c1");
  EXPECT_EQ(status["state"], "RUNNING");
  EXPECT_EQ(status["stage"], "work");
  EXPECT_EQ(status["tasks"]["ready"], 1);
  EXPECT_EQ(status["labels"], 0) << "the policy's summary is merged in";
  EXPECT_EQ(status["elapsed_s"], 1.5);
}

TEST_F(CoordinatorTest, TheMessageNamesTheRoleThatIsMissing) {
  SubmitCampaign();
  EXPECT_THAT(CampaignStatus(state_, CampaignOf(), now_)["message"].get<std::string>(),
              HasSubstr("role dft"));
  RegisterWorker();
  EXPECT_EQ(CampaignStatus(state_, CampaignOf(), now_)["message"], "0 of 1 ended");
  EXPECT_THAT(CampaignStatus(state_, CampaignOf(), now_ + 60'000)["message"].get<std::string>(),
              HasSubstr("role dft"))
      << "silent for longer than a lease";
}

TEST_F(CoordinatorTest, ListsCampaignsAndTasksInOrder) {
  state_.policy = Scripted({{Planned("z"), {}}, {Planned("a"), {}}});
  for (int k = 0; k < 11; ++k) SubmitCampaign(fmt::format("token {}", k));
  RegisterWorker();
  EXPECT_TRUE(Finish(Success(LeaseTasks("w1", 1).at(0))).ok());
  const Json list = CampaignList(state_, now_);
  ASSERT_EQ(list.size(), 11u);
  EXPECT_EQ(list[1]["campaign_id"], "c2");
  EXPECT_EQ(list[10]["campaign_id"], "c11");
  const Json tasks = TaskList(state_, CampaignOf(), now_);
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0]["key"], "z");
  EXPECT_EQ(tasks[0]["state"], "done");
  EXPECT_EQ(tasks[0]["artifacts"][0]["sha256"], Sha256("content of z"));
  EXPECT_EQ(tasks[0]["cpu_s"], 2.5);
  EXPECT_EQ(tasks[1]["state"], "ready");
  EXPECT_FALSE(tasks[1].contains("metrics"));
}

}  // namespace
}  // namespace superion
