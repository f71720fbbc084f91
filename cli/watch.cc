// superion watch: live progress of a campaign until it ends.
#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/watch_loop.h"

namespace superion {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string campaign;
  bool json = false;
};

absl::StatusOr<Json> Watch(const Options& options) {
  Interrupt interrupt;
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon, Connect(options.connection));
  WatchOptions watch;
  SUPERION_ASSIGN_OR_RETURN(watch.campaign_id, FindCampaign(daemon.get(), options.campaign));
  return WatchCampaign([&] { return daemon.get(); }, watch, &interrupt);
}

}  // namespace

void AddWatch(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("watch", "follow a campaign until it ends");
  verb->add_option("campaign", options->campaign, "id or name (default: the only one)");
  AddConnectionOptions(verb, &options->connection);
  verb->add_flag("--json", options->json, "print the last status as JSON");
  (*verbs)[verb] = [options] {
    const absl::StatusOr<Json> last = Watch(*options);
    if (!last.ok()) return Complain(last.status());
    if (options->json) PrintJson(*last);
    return last->value("state", "") == "DONE" ? int{kExitOk} : int{kExitFailed};
  };
}

}  // namespace superion
