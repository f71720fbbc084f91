// A whole campaign through the real programs: `superion run` with a classical oracle, the daemon and the
// worker killed on the way, repeated, exported.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/file.h"
#include "core/json.h"
#include "core/subprocess.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

class EmbeddedRunTest : public ::testing::Test {
 protected:
  EmbeddedRunTest() {
    std::string pattern = ::testing::TempDir() + "/e2e_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~EmbeddedRunTest() override { fs::remove_all(root_); }

  std::unique_ptr<Subprocess> Start() {
    SubprocessOptions options;
    options.arguments = {std::string(SUPERION_BIN_DIR) + "/superion",
                         "run",
                         kCampaign,
                         "--data-dir",
                         root_ + "/data",
                         "--cores",
                         "2"};
    options.stdout_path = root_ + "/stdout";
    options.stderr_path = root_ + "/stderr";
    options.environment = {{"HOME", root_}};
    absl::StatusOr<std::unique_ptr<Subprocess>> process = Subprocess::Start(std::move(options));
    EXPECT_TRUE(process.ok()) << process.status();
    return process.ok() ? *std::move(process) : nullptr;
  }
  std::string Said() {
    return ReadFile(root_ + "/stderr").value_or("") + ReadFile(root_ + "/stdout").value_or("");
  }

  // Processes that mention the data folder in their command line.
  std::vector<pid_t> Processes(const std::string& program) {
    std::vector<pid_t> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::ifstream file(entry.path() / "cmdline");
      const std::string line((std::istreambuf_iterator<char>(file)), {});
      if (line.find(root_) != std::string::npos && line.find(program) != std::string::npos)
        found.push_back(std::stoi(name));
    }
    return found;
  }
  // Waits until the live view has told of so many finished tasks; false when the run ended before. Stages may
  // be too short to be seen.
  bool WaitForTasks(Subprocess* run, int count) {
    ExitState exit;
    while (TasksDone() < count) {
      if (run->WaitFor(std::chrono::milliseconds(20), &exit)) return false;
    }
    return true;
  }
  int TasksDone() {
    static const std::string kBefore = "tasks: ";
    const std::string said = Said();
    const size_t at = said.rfind(kBefore);
    return at == std::string::npos ? 0 : std::atoi(said.c_str() + at + kBefore.size());
  }

  const std::string kCampaign = std::string(SUPERION_SOURCE_DIR) + "/tests/e2e/tiny_oracle.toml";
  std::string root_;
};

TEST_F(EmbeddedRunTest, ReachesItsReportThoughDaemonWorkerAndAllAreKilled) {
  std::unique_ptr<Subprocess> run = Start();
  ASSERT_NE(run, nullptr);
  ASSERT_TRUE(WaitForTasks(run.get(), 5)) << Said();
  for (const pid_t pid : Processes("superiond")) ::kill(pid, SIGKILL);
  ASSERT_TRUE(WaitForTasks(run.get(), 9)) << Said();
  for (const pid_t pid : Processes("superion-worker")) ::kill(pid, SIGKILL);
  ASSERT_TRUE(WaitForTasks(run.get(), 19)) << Said();
  for (const pid_t pid : Processes("superion")) ::kill(pid, SIGKILL);
  run->Wait();

  run = Start();
  ASSERT_NE(run, nullptr);
  EXPECT_EQ(run->Wait().exit_code, 0) << Said();
  const absl::StatusOr<Json> report = ReadJson(root_ + "/data/report.json");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_GE((*report)["labels"].get<int>(), 38);  // 30 perturbed and 8 of the AIMD
  EXPECT_GT((*report)["heldout"]["force_mae_mev_per_angstrom"].get<double>(), 0);
  ASSERT_EQ((*report)["conductivity"].size(), 3u);
  for (const Json& point : (*report)["conductivity"]) {
    EXPECT_TRUE(point["status"].is_string());
    EXPECT_EQ(point["ci95_s_per_m"].size(), 2u);
    EXPECT_FALSE(point["gates"].empty());
  }
  EXPECT_NE(ReadFile(root_ + "/data/report.html").value_or("").find("<svg"), std::string::npos);
  EXPECT_TRUE(Processes("superion").empty()) << "an orphan";
  EXPECT_FALSE(fs::exists(root_ + "/data/worker"));
}

}  // namespace
}  // namespace superion
