// superiond: the coordinator of campaigns.
#include <signal.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "report/html.h"
#include "server/active_learning/policy.h"
#include "server/daemon/daemon.h"

namespace superion {
namespace {

bool StderrGoesTo(const std::string& path) {
  struct stat file {
  }, stream{};
  return stat(path.c_str(), &file) == 0 && fstat(STDERR_FILENO, &stream) == 0 &&
         file.st_dev == stream.st_dev && file.st_ino == stream.st_ino;
}

// To stderr from the start, and to D/superiond.log once the folder is ours.
void StartLog(const std::string& path) {
  std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  if (!path.empty() && !StderrGoesTo(path))
    sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
  auto logger = std::make_shared<spdlog::logger>("superiond", sinks.begin(), sinks.end());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

void LogEvent(const EventRow& event) {
  spdlog::info("{} {} {} {}", event.campaign_id, event.task_id, event.kind, event.detail);
}

// Waits for a signal that asks for the end. SIGHUP is among them: the terminal of a daemon started by hand is
// gone.
int WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

int Serve(DaemonOptions options, bool die_with_parent) {
  const pid_t parent = getppid();
  if (die_with_parent) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return 0;  // it died before we could say so
  }
  // Blocked in every thread, so that only WaitForSignal sees them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  absl::StatusOr<std::unique_ptr<Daemon>> daemon = Daemon::Start(std::move(options));
  if (!daemon.ok()) {
    spdlog::error("{}", std::string(daemon.status().message()));
    return 1;
  }
  StartLog((*daemon)->data_directory() + "/superiond.log");
  spdlog::info("superiond {} serves {} on {}", SUPERION_VERSION, (*daemon)->data_directory(),
               (*daemon)->address());
  const int signal = WaitForSignal(signals);
  spdlog::info("signal {}: stopping", signal);
  daemon->reset();
  spdlog::info("stopped");
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app{"superiond: plans campaigns, hands tasks to workers and keeps their results"};
  DaemonOptions options;
  bool die_with_parent = false;
  app.add_option("--data-dir", options.data_directory, "folder on a local disk; made when missing")
      ->required();
  app.add_option("--listen", options.listen, "unix:PATH or HOST:PORT (default: unix:D/superiond.sock)");
  app.add_option("--token-file", options.token_file, "file with the token, mode 0600 (default: D/token)");
  app.add_flag("--insecure-tcp", options.insecure_tcp, "listen on a network without encryption");
  app.add_flag("--die-with-parent", die_with_parent, "stop when the process that started the daemon ends");
  app.set_version_flag("--version", SUPERION_VERSION);
  CLI11_PARSE(app, argc, argv);
  StartLog("");
  options.version = SUPERION_VERSION;
  options.policy = PlanCampaign;
  options.build_report = BuildReport;
  options.render_report = RenderReport;
  options.on_event = LogEvent;
  options.on_error = [](const absl::Status& error) {
    if (error.ok()) {
      spdlog::info("everything can be saved again");
    } else {
      spdlog::error("{}", std::string(error.message()));
    }
  };
  return Serve(std::move(options), die_with_parent);
}

}  // namespace
}  // namespace superion

int main(int argc, char** argv) { return superion::Main(argc, argv); }
