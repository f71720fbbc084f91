// superion-worker: the node agent.
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <thread>

#include "core/site_profile.h"
#include "core/subprocess.h"
#include "workers/agent.h"
#include "workers/coordinator_client.h"

namespace superion {
namespace {

struct Options {
  std::string server, token_file, name, work_directory;
  int cores = 0;
  std::vector<std::string> roles;
  bool die_with_parent = false;
};

constexpr int kFailed = 1, kUsage = 2, kUnavailable = 4;

void Say(const std::string& line) {
  char time[32];
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  std::strftime(time, sizeof time, "%H:%M:%S", &local);
  std::fprintf(stderr, "%s superion-worker: %s\n", time, line.c_str());
}

int CoresOfProcess() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

// The end of the process that started us is our end too: checked once more, because it may have died before
// prctl.
bool DieWithParent() {
  const pid_t parent = ::getppid();
  return ::prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && ::getppid() == parent;
}

// Signals are taken by a thread of their own, so that the agent can be drained outside a signal handler.
sigset_t BlockSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

absl::StatusOr<AgentOptions> ConfigureAgent(const Options& options, const SiteProfile& site,
                                            WorkDirectory* directory) {
  AgentOptions agent;
  SUPERION_ASSIGN_OR_RETURN(agent.identity.id, directory->WorkerId(options.name));
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  agent.identity.host = host;
  agent.identity.cores = options.cores > 0 ? options.cores : site.cores > 0 ? site.cores : CoresOfProcess();
  agent.identity.roles = options.roles;
  agent.program_directory = ProgramDirectory();
  agent.site = ToJson(site);
  agent.seed = std::hash<std::string>{}(agent.identity.id) ^ static_cast<uint64_t>(::getpid());
  agent.log = Say;
  return agent;
}

// Where the user says, else where the site keeps its scratch files, else here.
std::string WorkFolder(const Options& options, const SiteProfile& site) {
  if (!options.work_directory.empty()) return options.work_directory;
  return site.scratch_directory.empty() ? "superion-worker" : site.scratch_directory + "/superion-worker";
}

absl::Status Work(const Options& options, const sigset_t& signals) {
  SUPERION_ASSIGN_OR_RETURN(const SiteProfile site, LoadSiteProfile());
  SUPERION_ASSIGN_OR_RETURN(const std::string token, ReadTokenFile(options.token_file));
  SUPERION_ASSIGN_OR_RETURN(WorkDirectory directory, WorkDirectory::Open(WorkFolder(options, site)));
  SUPERION_ASSIGN_OR_RETURN(AgentOptions agent_options, ConfigureAgent(options, site, &directory));
  const std::unique_ptr<Coordinator> coordinator = ConnectCoordinator({options.server, token});
  Agent agent(coordinator.get(), std::move(directory), std::move(agent_options));
  std::thread watcher([&] {
    int signal = 0;
    ::sigwait(&signals, &signal);
    if (signal != SIGUSR1) Say("ending: runners are stopped and their tasks given back");
    agent.Drain();
  });
  const absl::Status status = agent.Run();
  ::pthread_kill(watcher.native_handle(), SIGUSR1);
  watcher.join();
  return status;
}

int Main(int argc, char** argv) {
  CLI::App app("superion-worker: runs the tasks of a superion daemon on this machine");
  Options options;
  app.add_option("--server", options.server, "HOST:PORT or unix:PATH of the daemon")->required();
  app.add_option("--token-file", options.token_file, "file with the daemon's token, mode 0600")->required();
  app.add_option("--cores", options.cores, "cores to use (default: site profile, else all)")
      ->check(CLI::Range(1, 4096));
  app.add_option("--roles", options.roles, "kinds of work to take (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember({"dft", "train", "md", "analysis"}));
  app.add_option("--work-dir", options.work_directory,
                 "sandboxes and cache (default: superion-worker, in the scratch folder of the site "
                 "profile when it names one)");
  app.add_option("--name", options.name,
                 "name of this worker (default: made once and kept in the work folder)");
  app.add_flag("--die-with-parent", options.die_with_parent,
               "end when the process that started this one ends");
  app.set_version_flag("--version", SUPERION_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  const sigset_t signals = BlockSignals();
  if (options.die_with_parent && !DieWithParent()) return 1;
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const absl::Status status = Work(options, signals);
  if (status.ok()) return 0;
  Say(std::string(status.message()));
  const bool refused = absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
                       absl::IsUnavailable(status) || absl::IsUnimplemented(status);
  const bool misused =
      absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) || absl::IsNotFound(status);
  return refused ? kUnavailable : misused ? kUsage : kFailed;
}

}  // namespace
}  // namespace superion

int main(int argc, char** argv) { return superion::Main(argc, argv); }
