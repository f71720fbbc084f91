// superion worker start: becomes a superion-worker for a daemon.
#include <unistd.h>

#include <cstring>

#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/number_option.h"
#include "cli/verb.h"
#include "core/subprocess.h"

namespace superion {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string work_directory, name, roles;
  int cores = 0;
};

absl::StatusOr<std::vector<std::string>> Arguments(const Options& o) {
  std::string token_file = o.connection.token_file, server = o.connection.server;
  if (server.empty() || token_file.empty()) {
    SUPERION_ASSIGN_OR_RETURN(const Endpoint endpoint, FindEndpoint(o.connection));
    server = endpoint.server;
    const char* variable = std::getenv("SUPERION_TOKEN_FILE");
    const char* directory = std::getenv("SUPERION_DATA_DIR");
    if (token_file.empty() && !o.connection.data_directory.empty())
      token_file = o.connection.data_directory + "/token";
    if (token_file.empty() && variable != nullptr) token_file = variable;
    if (token_file.empty() && directory != nullptr) token_file = std::string(directory) + "/token";
  }
  std::vector<std::string> arguments = {ProgramDirectory() + "/superion-worker", "--server", server,
                                        "--token-file", token_file};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
  };
  add("--work-dir", o.work_directory);
  add("--name", o.name);
  add("--roles", o.roles);
  add("--cores", o.cores > 0 ? std::to_string(o.cores) : "");
  return arguments;
}

int Become(const Options& options) {
  absl::StatusOr<std::vector<std::string>> arguments = Arguments(options);
  if (!arguments.ok()) return Complain(arguments.status());
  std::vector<char*> argv;
  for (std::string& argument : *arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  return Complain(Unavailable("cannot start {}: {}", (*arguments)[0], std::strerror(errno)));
}

}  // namespace

void AddWorker(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* worker = program->add_subcommand("worker", "work for a daemon (worker start)");
  worker->require_subcommand(1);
  CLI::App* start = worker->add_subcommand("start", "run the tasks of a daemon on this machine");
  AddConnectionOptions(start, &options->connection);
  start->add_option("--cores", options->cores, "cores to use (default: site profile, else all)")
      ->check(Within(limits::kThreads));
  start->add_option("--roles", options->roles, "dft,train,md,analysis (default: all)");
  start->add_option("--work-dir", options->work_directory, "sandboxes and cache");
  start->add_option("--name", options->name, "name of the worker");
  (*verbs)[start] = [options] { return Become(*options); };
}

}  // namespace superion
