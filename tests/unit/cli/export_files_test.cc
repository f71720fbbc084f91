#include "cli/export_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "fake_daemon.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

class ExportFilesTest : public ::testing::Test {
 protected:
  ExportFilesTest() {
    std::string pattern = ::testing::TempDir() + "/export_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    const auto task = [&](const char* key, const char* state, const char* name, const std::string& content) {
      daemon_.tasks.push_back({{"key", key},
                               {"kind", "label"},
                               {"state", state},
                               {"artifacts", {{{"name", name}, {"sha256", daemon_.Put(content)}}}}});
    };
    task("g/label-0", "done", "labelled", "first\n");
    task("g/label-1", "done", "labelled", "second\n");
    task("g/label-2", "failed", "labelled", "never\n");
    task("g0/train", "done", "model", "old");
    task("g1/train", "done", "model", "new");
    daemon_.report.html = "<html>";
    daemon_.report.json = Json::parse(R"({"conductivity": [{"temperature_k": 1500, "sigma_s_per_m": 2.5,
        "ci95_s_per_m": [2.0, 3.0], "status": "CONVERGED"}, {"temperature_k": 1250, "sigma_s_per_m": null,
        "ci95_s_per_m": [null, 1.0], "status": "UPPER_BOUND"}]})");
  }
  ~ExportFilesTest() override { fs::remove_all(root_); }
  std::string root_;
  FakeDaemon daemon_;
};

TEST_F(ExportFilesTest, LabelsAreJoinedAndTheNewestModelTaken) {
  for (int twice = 0; twice < 2; ++twice) {
    const auto files = ExportCampaign(&daemon_, "c1", root_ + "/out", false);
    ASSERT_TRUE(files.ok()) << files.status();
    EXPECT_EQ(*ReadFile(root_ + "/out/labels.xyz"), "first\nsecond\n");
    EXPECT_EQ(*ReadFile(root_ + "/out/model.superion"), "new");
    EXPECT_EQ(*ReadFile(root_ + "/out/report.html"), "<html>");
    for (const std::string& file : *files) EXPECT_TRUE(fs::exists(root_ + "/out/" + file)) << file;
  }
}

TEST_F(ExportFilesTest, ACampaignWithoutAReportStillHasItsLabelsAndModel) {
  daemon_.report_status = absl::InternalError("making the report of campaign c1: a wrong type");
  const auto files = ExportCampaign(&daemon_, "c1", root_ + "/out", false);
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(*ReadFile(root_ + "/out/labels.xyz"), "first\nsecond\n");
  EXPECT_EQ(*ReadFile(root_ + "/out/model.superion"), "new");
  EXPECT_FALSE(fs::exists(root_ + "/out/report.json"));
  for (const std::string& file : *files) EXPECT_TRUE(fs::exists(root_ + "/out/" + file)) << file;
}

TEST_F(ExportFilesTest, EverythingStaysInsideTheFolder) {
  daemon_.tasks.push_back({{"key", "../../evil"},
                           {"kind", "md"},
                           {"state", "done"},
                           {"artifacts", {{{"name", "/x"}, {"sha256", daemon_.Put("y")}}}}});
  const auto files = ExportCampaign(&daemon_, "c1", root_ + "/out", true);
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_FALSE(fs::exists(root_ + "/evil"));
  for (const std::string& file : *files) EXPECT_TRUE(fs::exists(root_ + "/out/" + file)) << file;
}

TEST_F(ExportFilesTest, NullsAreEmptyCells) {
  EXPECT_EQ(ConductivityCsv(daemon_.report.json["conductivity"]),
            "temperature_k,sigma_s_per_m,ci95_low_s_per_m,ci95_high_s_per_m,s_tot,status,haven_ratio,sigma_"
            "ne_s_per_m\n"
            "1500,2.5,2.0,3.0,,CONVERGED,,\n"
            "1250,,,1.0,,UPPER_BOUND,,\n");
}

}  // namespace
}  // namespace superion
