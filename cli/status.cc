// superion status: one screen about a campaign.
#include "cli/connection.h"
#include "cli/print.h"
#include "cli/status_text.h"
#include "cli/verb.h"

namespace superion {
namespace {

absl::StatusOr<Json> Status(const CampaignOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(const MeantCampaign campaign, ConnectToCampaign(options));
  return campaign.daemon->Status(campaign.id);
}

}  // namespace

void AddStatus(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<CampaignOptions>();
  CLI::App* verb = program->add_subcommand("status", "how far a campaign is, and how long it still takes");
  AddCampaignOptions(verb, options.get(), "print docs/status.md's JSON");
  (*verbs)[verb] = [options] {
    return Answer(Status(*options), options->json,
                  [](const Json& status) { PrintLines(StatusLines(status, 16)); });
  };
}

}  // namespace superion
