// Campaigns under fire: kill -9 of the daemon, of a worker and of everything at random moments, and what must
// hold after.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "core/random.h"
#include "tests/support/campaign_run.h"

namespace superion::testing_support {

namespace fs = std::filesystem;

enum class Victim { kDaemon, kWorker, kEverything };

inline bool IsProgram(pid_t pid, const std::string& name) {
  const std::string command = ReadFile(fmt::format("/proc/{}/cmdline", pid)).value_or("");
  const std::string program = command.substr(0, command.find('\0'));
  return program.size() >= name.size() && program.ends_with(name);
}

inline void Kill(const DataFolder& folder, Victim victim) {
  for (const pid_t pid : ProcessesOf(folder)) {
    if (victim == Victim::kDaemon && !IsProgram(pid, "superiond")) continue;
    if (victim == Victim::kWorker && !IsProgram(pid, "superion-worker")) continue;
    ::kill(pid, SIGKILL);
  }
}

inline std::unique_ptr<Subprocess> StartRun(const std::string& campaign, const DataFolder& folder,
                                            int round) {
  SubprocessOptions options;
  options.arguments = {Program("superion"), "run", campaign, "--data-dir", folder / "data"};
  options.stdout_path = folder / fmt::format("run-{}.out", round);
  options.stderr_path = folder / fmt::format("run-{}.err", round);
  auto process = Subprocess::Start(options);
  EXPECT_TRUE(process.ok()) << process.status();
  return process.ok() ? std::move(*process) : nullptr;
}

// Runs the campaign while killing `kills` times, `mean_gap` apart on average.
inline void RunUnderFire(const std::string& campaign, const DataFolder& folder, int kills,
                         double mean_gap_s) {
  Random random(20261120);
  auto run = StartRun(campaign, folder, 0);
  ASSERT_NE(run, nullptr);
  ExitState exit;
  int done = 0;
  for (; done < kills; ++done) {
    const auto gap =
        std::chrono::milliseconds(static_cast<int>(1000 * mean_gap_s * (0.3 + 1.4 * random.Uniform())));
    if (run->WaitFor(gap, &exit)) break;
    const auto victim = static_cast<Victim>(done % 3);
    Kill(folder, victim);
    if (victim == Victim::kEverything) {
      run->Wait();
      run = StartRun(campaign, folder, done + 1);
      ASSERT_NE(run, nullptr);
    }
  }
  EXPECT_EQ(done, kills) << "the campaign ended before every kill was tried";
  exit = run->Wait();
  EXPECT_EQ(exit.exit_code, 0) << ReadFile(folder / "run-0.err").value_or("");
}

inline void ExpectNothingLeftBehind(const DataFolder& folder) {
  EXPECT_THAT(ProcessesOf(folder), testing::IsEmpty()) << "orphaned processes";
  for (const auto& entry : fs::recursive_directory_iterator(folder / "data")) {
    const std::string name = entry.path().filename();
    EXPECT_EQ(name.find(".part"), std::string::npos) << "stray file " << entry.path();
    EXPECT_NE(name, "inputs") << "sandbox left behind: " << entry.path();
  }
}

// Acknowledged labels: every label artifact of the report is in the store, and no frame is labelled twice.
inline void ExpectEveryLabelOnce(const DataFolder& folder) {
  const auto report = ReadJson(folder / "data/report.json");
  ASSERT_TRUE(report.ok()) << report.status();
  std::map<std::string, int> artifacts_of;
  int shards = 0;
  for (const Json& artifact : (*report)["provenance"]["artifacts"]) {
    if (artifact["artifact"] != "labelled") continue;
    ++shards;
    EXPECT_EQ(++artifacts_of[artifact["task"].get<std::string>()], 1) << artifact;
  }
  EXPECT_GT(shards, 4);
  EXPECT_FALSE(report->contains("unread_artifacts")) << (*report)["unread_artifacts"];
  EXPECT_GE((*report)["conductivity"].size(), 2u);
}

}  // namespace superion::testing_support
