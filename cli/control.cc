// superion pause, resume, cancel.
#include "cli/connection.h"
#include "cli/print.h"
#include "cli/verb.h"

namespace superion {
namespace {

absl::StatusOr<Json> Send(const CampaignOptions& options, CampaignControl action) {
  SUPERION_ASSIGN_OR_RETURN(const MeantCampaign campaign, ConnectToCampaign(options));
  SUPERION_ASSIGN_OR_RETURN(const std::string state, campaign.daemon->Control(campaign.id, action));
  return Json{{"campaign_id", campaign.id}, {"state", state}};
}

void Describe(const Json& answer) {
  std::printf("%s is %s\n", answer.value("campaign_id", "").c_str(), answer.value("state", "").c_str());
}

void Add(CLI::App* program, VerbTable* verbs, CampaignControl action, const char* name,
         const char* description) {
  const auto options = std::make_shared<CampaignOptions>();
  CLI::App* verb = program->add_subcommand(name, description);
  AddCampaignOptions(verb, options.get(), "print JSON");
  (*verbs)[verb] = [options, action] { return Answer(Send(*options, action), options->json, Describe); };
}

}  // namespace

void AddControl(CLI::App* program, VerbTable* verbs) {
  Add(program, verbs, CampaignControl::kPause, "pause",
      "start no new task of a campaign; running ones go on");
  Add(program, verbs, CampaignControl::kResume, "resume",
      "go on with a paused campaign, or with one that failed once the cause is mended");
  Add(program, verbs, CampaignControl::kCancel, "cancel", "end a campaign; its tasks are stopped");
}

}  // namespace superion
