#include "cli/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fake_daemon.h"

namespace superion {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() {
    std::string pattern = ::testing::TempDir() + "/connection_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    for (const char* name : {"SUPERION_SERVER", "SUPERION_DATA_DIR", "SUPERION_TOKEN_FILE"}) ::unsetenv(name);
  }
  ~ConnectionTest() override {
    for (const char* name : {"SUPERION_SERVER", "SUPERION_DATA_DIR", "SUPERION_TOKEN_FILE"}) ::unsetenv(name);
    fs::remove_all(root_);
  }
  std::string root_;
};

TEST_F(ConnectionTest, NothingGivenSaysWhatToGive) {
  const absl::Status status = FindEndpoint({}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--data-dir"));
}

TEST_F(ConnectionTest, ADataFolderLeadsToItsDaemon) {
  EXPECT_TRUE(absl::IsUnavailable(FindEndpoint({"", "", root_}).status()));
  std::ofstream(root_ + "/endpoint") << "unix:/run/x.sock\n";
  std::ofstream(root_ + "/token") << "secret\n";
  const absl::StatusOr<Endpoint> endpoint = FindEndpoint({"", "", root_});
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_EQ(endpoint->server, "unix:/run/x.sock");
  EXPECT_EQ(endpoint->token, "secret");
  ::setenv("SUPERION_DATA_DIR", root_.c_str(), 1);
  EXPECT_EQ(FindEndpoint({})->server, "unix:/run/x.sock");
  EXPECT_EQ(FindEndpoint({"host:1", root_ + "/token", ""})->server, "host:1");
}

TEST_F(ConnectionTest, AServerNeedsAToken) {
  EXPECT_THAT(std::string(FindEndpoint({"host:1", "", ""}).status().message()), HasSubstr("--token-file"));
}

TEST(FindCampaignTest, ByIdByNameOrTheOnlyOne) {
  FakeDaemon daemon;
  EXPECT_TRUE(absl::IsNotFound(FindCampaign(&daemon, "").status()));
  daemon.campaigns = {{{"campaign_id", "c1"}, {"name", "a"}}};
  EXPECT_EQ(*FindCampaign(&daemon, ""), "c1");
  daemon.campaigns.push_back({{"campaign_id", "c2"}, {"name", "b"}});
  EXPECT_EQ(*FindCampaign(&daemon, "c2"), "c2");
  EXPECT_EQ(*FindCampaign(&daemon, "a"), "c1");
  daemon.campaigns.push_back({{"campaign_id", "c3"}, {"name", "b"}, {"state", "DONE"}});
  const absl::Status unclear = FindCampaign(&daemon, "").status();
  EXPECT_TRUE(absl::IsInvalidArgument(unclear));
  EXPECT_THAT(std::string(unclear.message()), HasSubstr("c1 (a), c2 (b), c3 (b, DONE)"));
  EXPECT_THAT(std::string(FindCampaign(&daemon, "b").status().message()),
              HasSubstr("id: c2 (b), c3 (b, DONE)"));
  EXPECT_THAT(std::string(FindCampaign(&daemon, "z").status().message()), HasSubstr("c1 (a), c2 (b)"));
}

}  // namespace
}  // namespace superion
