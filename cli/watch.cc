// superion watch: live progress of a campaign until it ends.
#include "cli/connection.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/watch_loop.h"

namespace superion {
namespace {

absl::StatusOr<Json> Watch(const CampaignOptions& options) {
  Interrupt interrupt;
  SUPERION_ASSIGN_OR_RETURN(const MeantCampaign campaign, ConnectToCampaign(options));
  WatchOptions watch;
  watch.campaign_id = campaign.id;
  return WatchCampaign([&] { return campaign.daemon.get(); }, watch, &interrupt);
}

}  // namespace

void AddWatch(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<CampaignOptions>();
  CLI::App* verb = program->add_subcommand("watch", "follow a campaign until it ends");
  AddCampaignOptions(verb, options.get(), "print the last status as JSON");
  (*verbs)[verb] = [options] {
    const absl::StatusOr<Json> last = Watch(*options);
    if (!last.ok()) return Complain(last.status());
    if (options->json) PrintJson(*last);
    return last->value("state", "") == "DONE" ? int{kExitOk} : int{kExitFailed};
  };
}

}  // namespace superion
