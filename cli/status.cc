// superion status: one screen about a campaign.
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

absl::Status Show(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon, Connect(options.connection));
  SUPERION_ASSIGN_OR_RETURN(const std::string id, FindCampaign(daemon.get(), options.campaign));
  SUPERION_ASSIGN_OR_RETURN(const Json status, daemon->Status(id));
  if (options.json) {
    PrintJson(status);
  } else {
    PrintLines(StatusLines(status, 16));
  }
  return absl::OkStatus();
}

}  // namespace

void AddStatus(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("status", "how far a campaign is");
  verb->add_option("campaign", options->campaign, "id or name (default: the only one)");
  AddConnectionOptions(verb, &options->connection);
  verb->add_flag("--json", options->json, "print docs/status.md's JSON");
  (*verbs)[verb] = [options] {
    const absl::Status status = Show(*options);
    return status.ok() ? kExitOk : Complain(status);
  };
}

}  // namespace superion
