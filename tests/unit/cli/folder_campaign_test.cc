#include "cli/folder_campaign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/fake_daemon.h"

namespace superion {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class FolderCampaignTest : public ::testing::Test {
 protected:
  void Holds(const std::string& id, const std::string& token, const std::string& state) {
    daemon_.campaigns.push_back(
        {{"campaign_id", id}, {"name", "n"}, {"client_token", token}, {"state", state}});
  }
  absl::StatusOr<std::string> Of(bool again = false) { return CampaignOfFolder(&daemon_, campaign_, again); }

  const Json campaign_ = {{"name", "n"}, {"production", {{"steps", 200}, {"seeds", 4}}}};
  const std::string token_ = ClientToken(campaign_);
  FakeDaemon daemon_;
};

TEST_F(FolderCampaignTest, IsSubmittedOnceAndThenContinued) {
  EXPECT_EQ(*Of(), token_);
  Holds("c1", token_, "RUNNING");
  EXPECT_EQ(*Of(), "c1");
  for (const char* state : {"PAUSED", "FAILED", "DONE"}) {
    daemon_.campaigns[0]["state"] = state;
    EXPECT_EQ(*Of(), "c1") << state;
  }
  EXPECT_EQ(daemon_.submitted.size(), 1u);
}

TEST_F(FolderCampaignTest, AChangedFileIsRefusedWithWhatDiffersUntilTheOtherHasEnded) {
  Holds("c1", "another", "RUNNING");
  daemon_.report.json["campaign"] = {{"name", "n"}, {"production", {{"steps", 100}, {"seeds", 4}}}};
  const absl::Status refused = Of().status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("c1 (n, RUNNING); production.steps: 100 there, 200 here."));
  EXPECT_THAT(daemon_.submitted, IsEmpty());
  for (const char* state : {"DONE", "FAILED", "CANCELLED"}) {
    daemon_.campaigns[0]["state"] = state;
    EXPECT_EQ(*Of(), token_) << state;
  }
}

TEST_F(FolderCampaignTest, AgainCancelsWhatIsOpenAndBeginsAnew) {
  Holds("c1", "another", "PAUSED");
  Holds("c2", token_, "DONE");
  ASSERT_TRUE(Of(true).ok());
  EXPECT_EQ(daemon_.controlled,
            (std::vector<std::pair<std::string, CampaignControl>>{{"c1", CampaignControl::kCancel}}));
  ASSERT_EQ(daemon_.submitted.size(), 1u);
  EXPECT_THAT(daemon_.submitted[0], StartsWith(token_ + "-"));
  Holds("c3", daemon_.submitted[0], "RUNNING");
  daemon_.campaigns[0]["state"] = "CANCELLED";
  EXPECT_EQ(*Of(), "c3") << "the newest run of the same file";
}

TEST_F(FolderCampaignTest, ACancelledOneIsNotRevivedSilently) {
  Holds("c1", token_, "CANCELLED");
  EXPECT_THAT(std::string(Of().status().message()), HasSubstr("was cancelled (c1)"));
  EXPECT_TRUE(Of(true).ok());
}

TEST(Differences, AreNamedAndFew) {
  EXPECT_EQ(Differences({{"a", 1}, {"b", 2}}, {{"a", 1}, {"c", "x"}}),
            "c: nothing there, \"x\" here; b: 2 there, nothing here");
  EXPECT_EQ(Differences({{"structure", {{"cell", {1, 2}}}}}, {{"structure", {{"cell", {3, 4}}}}}),
            "structure: another one");
  EXPECT_THAT(Differences({{"z", 0}}, {{"z", 0}, {"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}, {"e", 5}}),
              HasSubstr("and 2 more"));
  EXPECT_EQ(Differences({{"a", 1}}, {{"a", 1}}), "");
}

}  // namespace
}  // namespace superion
