// superion show: every task of a campaign.
#include "cli/connection.h"
#include "cli/print.h"
#include "cli/status_text.h"
#include "cli/verb.h"

namespace superion {
namespace {

absl::StatusOr<Json> Tasks(const CampaignOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(const MeantCampaign campaign, ConnectToCampaign(options));
  return campaign.daemon->Tasks(campaign.id);
}

}  // namespace

void AddShow(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<CampaignOptions>();
  CLI::App* verb =
      program->add_subcommand("show", "every task of a campaign, with its state and what went wrong");
  AddCampaignOptions(verb, options.get(), "print JSON, with metrics and artifacts of every task");
  (*verbs)[verb] = [options] {
    return Answer(Tasks(*options), options->json, [](const Json& tasks) { PrintLines(TaskLines(tasks)); });
  };
}

}  // namespace superion
