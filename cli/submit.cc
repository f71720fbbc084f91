// superion submit: hands a campaign to a daemon and returns at once.
#include <random>

#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "core/campaign.h"
#include "core/file.h"

namespace superion {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string file;
  bool again = false, json = false;
};

absl::StatusOr<std::string> Submit(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(const CampaignSpec campaign, ReadCampaign(options.file));
  const Json json = ToJson(campaign);
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon, Connect(options.connection));
  std::string token = Sha256(DumpJson(json));
  if (options.again) token += fmt::format("-{:08x}", std::random_device()());
  return daemon->Submit(json, token);
}

}  // namespace

void AddSubmit(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("submit", "hand a campaign to a daemon");
  verb->add_option("campaign", options->file, "campaign file (TOML)")->required();
  AddConnectionOptions(verb, &options->connection);
  verb->add_flag("--again", options->again, "a new campaign even when the same one was submitted before");
  verb->add_flag("--json", options->json, "print JSON");
  (*verbs)[verb] = [options]() -> int {
    const absl::StatusOr<std::string> id = Submit(*options);
    if (!id.ok()) return Complain(id.status());
    if (options->json) {
      PrintJson({{"campaign_id", *id}});
    } else {
      std::printf("%s\n", id->c_str());
    }
    return kExitOk;
  };
}

}  // namespace superion
