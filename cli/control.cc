// superion pause, resume, cancel.
#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string campaign;
  bool json = false;
};

absl::StatusOr<Json> Send(const Options& options, CampaignControl action) {
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon, Connect(options.connection));
  SUPERION_ASSIGN_OR_RETURN(const std::string id, FindCampaign(daemon.get(), options.campaign));
  SUPERION_ASSIGN_OR_RETURN(const std::string state, daemon->Control(id, action));
  return Json{{"campaign_id", id}, {"state", state}};
}

void Add(CLI::App* program, VerbTable* verbs, CampaignControl action, const char* name,
         const char* description) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand(name, description);
  verb->add_option("campaign", options->campaign, "id or name (default: the only one)");
  AddConnectionOptions(verb, &options->connection);
  verb->add_flag("--json", options->json, "print JSON");
  (*verbs)[verb] = [options, action]() -> int {
    const absl::StatusOr<Json> answer = Send(*options, action);
    if (!answer.ok()) return Complain(answer.status());
    if (options->json) {
      PrintJson(*answer);
    } else {
      std::printf("%s is %s\n", answer->value("campaign_id", "").c_str(), answer->value("state", "").c_str());
    }
    return kExitOk;
  };
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
