#include "cli/report_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "fake_daemon.h"

namespace superion {
namespace {

TEST(ReportFilesTest, BothFilesAreWrittenWhole) {
  std::string pattern = ::testing::TempDir() + "/report_XXXXXX";
  const std::string root = ::mkdtemp(pattern.data());
  FakeDaemon daemon;
  daemon.report = {Json{{"labels", 5}}, "<html></html>"};
  const absl::StatusOr<CampaignReport> report = WriteReportFiles(&daemon, "c1", root + "/new");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(*ReadJson(root + "/new/report.json"), daemon.report.json);
  EXPECT_EQ(*ReadFile(root + "/new/report.html"), "<html></html>");
  EXPECT_FALSE(WriteReportFiles(&daemon, "c1", "/proc/nowhere").ok());
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace superion
