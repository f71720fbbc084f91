// One daemon and two worker processes over TCP against `superion run`: the same stages, the same
// conductivities.
#pragma once

#include <gmock/gmock.h>

#include <cstdio>
#include <set>
#include <thread>

#include "tests/support/campaign_run.h"

namespace superion {

inline std::unique_ptr<Subprocess> Background(const DataFolder& folder, const std::string& name,
                                              std::vector<std::string> arguments) {
  SubprocessOptions options;
  options.arguments = std::move(arguments);
  options.stdout_path = folder / (name + ".out");
  options.stderr_path = folder / (name + ".err");
  auto process = Subprocess::Start(options);
  EXPECT_TRUE(process.ok()) << process.status();
  return process.ok() ? std::move(*process) : nullptr;
}

// The address that the daemon writes once it serves; empty when it ends first.
inline std::string Endpoint(const DataFolder& folder, Subprocess& daemon) {
  ExitState exit;
  while (!daemon.WaitFor(std::chrono::milliseconds(20), &exit)) {
    const auto endpoint = ReadFile(folder / "data/endpoint");
    if (endpoint.ok() && !endpoint->empty()) return endpoint->substr(0, endpoint->find('\n'));
  }
  return "";
}

inline std::set<std::string> TasksOf(const Json& report) {
  std::set<std::string> tasks;
  for (const Json& artifact : report["provenance"]["artifacts"])
    tasks.insert(artifact["task"].get<std::string>());
  return tasks;
}

// Whether two 95 % intervals speak of the same conductivity.
inline bool Consistent(const Json& a, const Json& b) {
  const auto low = [](const Json& e) {
    return e["ci95_s_per_m"][0].is_null() ? 0.0 : e["ci95_s_per_m"][0].get<double>();
  };
  const auto high = [](const Json& e) {
    return e["ci95_s_per_m"][1].is_null() ? 1e300 : e["ci95_s_per_m"][1].get<double>();
  };
  return low(a) <= high(b) && low(b) <= high(a);
}

// Runs the campaign both ways in `folder` and expects equal tasks and consistent conductivities.
inline void ExpectTwoWorkersEqualOneMachine(const std::string& campaign, const DataFolder& folder) {
  auto daemon = Background(folder, "superiond",
                           {Program("superiond"), "--data-dir", folder / "data", "--listen", "127.0.0.1:0"});
  ASSERT_NE(daemon, nullptr);
  const std::string address = Endpoint(folder, *daemon);
  ASSERT_THAT(address, testing::HasSubstr("127.0.0.1:")) << ReadFile(folder / "superiond.err").value_or("");
  const std::vector<std::string> server = {"--server", address, "--token-file", folder / "data/token"};
  std::vector<std::unique_ptr<Subprocess>> workers;
  for (const char* name : {"worker-1", "worker-2"}) {
    std::vector<std::string> arguments = {
        Program("superion-worker"), "--cores", "1", "--work-dir", folder / name, "--name", name};
    arguments.insert(arguments.end(), server.begin(), server.end());
    workers.push_back(Background(folder, name, arguments));
    ASSERT_NE(workers.back(), nullptr);
  }
  const auto verb = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), Program("superion"));
    arguments.insert(arguments.end(), server.begin(), server.end());
    return RunProgram(arguments, folder);
  };
  ASSERT_EQ(verb({"submit", campaign}).exit.exit_code, 0);
  const auto watched = verb({"watch"});
  ASSERT_EQ(watched.exit.exit_code, 0) << watched.output;
  const auto reported = verb({"report", "--out", folder / "tcp"});
  ASSERT_EQ(reported.exit.exit_code, 0) << reported.output;
  for (auto& worker : workers) worker->Terminate(std::chrono::seconds(10));
  daemon->Terminate(std::chrono::seconds(10));

  const auto alone =
      RunProgram({Program("superion"), "run", campaign, "--data-dir", folder / "alone"}, folder);
  ASSERT_EQ(alone.exit.exit_code, 0) << alone.output;
  const auto over_tcp = ReadJson(folder / "tcp/report.json"),
             embedded = ReadJson(folder / "alone/report.json");
  ASSERT_TRUE(over_tcp.ok() && embedded.ok());
  EXPECT_EQ(TasksOf(*over_tcp), TasksOf(*embedded));
  ASSERT_EQ((*over_tcp)["conductivity"].size(), (*embedded)["conductivity"].size());
  for (size_t k = 0; k < (*over_tcp)["conductivity"].size(); ++k) {
    const Json &tcp = (*over_tcp)["conductivity"][k], &alone_k = (*embedded)["conductivity"][k];
    EXPECT_TRUE(Consistent(tcp, alone_k)) << k;
    std::printf("%s K: %s S/m %s over TCP, %s S/m %s alone\n", tcp["temperature_k"].dump().c_str(),
                tcp["sigma_s_per_m"].dump().c_str(), tcp["ci95_s_per_m"].dump().c_str(),
                alone_k["sigma_s_per_m"].dump().c_str(), alone_k["ci95_s_per_m"].dump().c_str());
  }
  EXPECT_THAT(ProcessesOf(folder), testing::IsEmpty());
}

}  // namespace superion
