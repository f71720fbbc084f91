// superion submit: hands a campaign to a daemon and returns at once.
#include "cli/connection.h"
#include "cli/folder_campaign.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "core/campaign.h"

namespace superion {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string file;
  bool again = false, json = false;
};

absl::StatusOr<Json> Submit(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(const CampaignSpec campaign, ReadCampaign(options.file));
  const Json json = ToJson(campaign);
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon, Connect(options.connection));
  SUPERION_ASSIGN_OR_RETURN(const std::string id,
                            daemon->Submit(json, options.again ? AnotherToken(json) : ClientToken(json)));
  SUPERION_ASSIGN_OR_RETURN(const Json status, daemon->Status(id));
  return Json{{"campaign_id", id}, {"state", status.value("state", "")}};
}

void Describe(const Json& answer) {
  std::printf("%s\n", answer.value("campaign_id", "").c_str());
  const std::string state = answer.value("state", "");
  if (state == "RUNNING") return;
  std::fprintf(stderr, "submitted before, and %s; --again submits it once more\n", state.c_str());
}

}  // namespace

void AddSubmit(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("submit", "hand a campaign to a daemon");
  verb->add_option("campaign", options->file, "campaign file (TOML)")->required();
  AddConnectionOptions(verb, &options->connection);
  verb->add_flag("--again", options->again, "a new campaign even when the same one was submitted before");
  verb->add_flag("--json", options->json, "print JSON");
  (*verbs)[verb] = [options] { return Answer(Submit(*options), options->json, Describe); };
}

}  // namespace superion
