// Campaigns under fire: kill -9 of the daemon, of a worker and of everything at random moments, and what must
// hold after.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <set>
#include <thread>

#include "core/random.h"
#include "tests/support/campaign_run.h"

namespace superion {

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

// Tasks that the daemon has acknowledged so far, as its log has it.
inline int TasksDone(const DataFolder& folder) {
  const std::string log = ReadFile(folder / "data/superiond.log").value_or("");
  int count = 0;
  for (size_t at = log.find(" task done "); at != std::string::npos; at = log.find(" task done ", at + 1))
    ++count;
  return count;
}

// Waits until `tasks` are done and then up to two seconds more; false when the run ends before.
inline bool WaitForMoment(Subprocess* run, const DataFolder& folder, int tasks, Random* random) {
  ExitState exit;
  while (TasksDone(folder) < tasks) {
    if (run->WaitFor(std::chrono::milliseconds(50), &exit)) return false;
  }
  return !run->WaitFor(std::chrono::milliseconds(static_cast<int>(2000 * random->Uniform())), &exit);
}

// Runs the campaign while killing `kills` times at random moments, one in every `spacing` tasks: spread over
// the campaign however fast the machine is.
inline void RunUnderFire(const std::string& campaign, const DataFolder& folder, int kills, int spacing) {
  Random random(20261120);
  auto run = StartRun(campaign, folder, 0);
  ASSERT_NE(run, nullptr);
  int done = 0;
  for (; done < kills; ++done) {
    const int moment = spacing * done + static_cast<int>(spacing * random.Uniform());
    if (!WaitForMoment(run.get(), folder, moment, &random)) break;
    const auto victim = static_cast<Victim>(done % 3);
    std::printf("kill %d after %d tasks\n", done + 1, TasksDone(folder));
    Kill(folder, victim);
    if (victim == Victim::kEverything) {
      run->Wait();
      run = StartRun(campaign, folder, done + 1);
      ASSERT_NE(run, nullptr);
    }
  }
  EXPECT_EQ(done, kills) << "the campaign ended before every kill was tried";
  const ExitState exit = run->Wait();
  EXPECT_EQ(exit.exit_code, 0) << ReadFile(folder / "run-0.err").value_or("");
  std::printf("%d tasks in all\n", TasksDone(folder));
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

}  // namespace superion
