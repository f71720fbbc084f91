// superion export: a campaign as plain files.
#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/export_files.h"
#include "cli/print.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options : CampaignOptions {
  std::string out;
  bool everything = false;
};

absl::StatusOr<std::vector<std::string>> Export(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(const MeantCampaign campaign, ConnectToCampaign(options));
  return ExportCampaign(campaign.daemon.get(), campaign.id, options.out, options.everything);
}

}  // namespace

void AddExport(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      program->add_subcommand("export", "labels, model, results and report of a campaign as files");
  AddCampaignOptions(verb, options.get(), "print the list of files as JSON");
  verb->add_option("--out", options->out, "folder to write to")->required();
  verb->add_flag("--all", options->everything, "also every artifact of every task (streams, trajectories)");
  (*verbs)[verb] = [options]() -> int {
    const absl::StatusOr<std::vector<std::string>> files = Export(*options);
    if (!files.ok()) return Complain(files.status());
    if (options->json) {
      PrintJson({{"folder", options->out}, {"files", *files}});
    } else {
      for (const std::string& file : *files) std::printf("%s/%s\n", options->out.c_str(), file.c_str());
    }
    return kExitOk;
  };
}

}  // namespace superion
