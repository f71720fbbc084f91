// superion show: every task of a campaign.
#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/status_text.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string campaign;
  bool json = false;
};

absl::StatusOr<Json> Tasks(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon, Connect(options.connection));
  SUPERION_ASSIGN_OR_RETURN(const std::string id, FindCampaign(daemon.get(), options.campaign));
  return daemon->Tasks(id);
}

}  // namespace

void AddShow(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      program->add_subcommand("show", "every task of a campaign, with its state and what went wrong");
  verb->add_option("campaign", options->campaign, "id or name (default: the only one)");
  AddConnectionOptions(verb, &options->connection);
  verb->add_flag("--json", options->json, "print JSON");
  (*verbs)[verb] = [options]() -> int {
    const absl::StatusOr<Json> tasks = Tasks(*options);
    if (!tasks.ok()) return Complain(tasks.status());
    if (options->json) {
      PrintJson(*tasks);
    } else {
      PrintLines(TaskLines(*tasks));
    }
    return kExitOk;
  };
}

}  // namespace superion
