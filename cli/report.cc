// superion report: report.json and report.html of a campaign, finished or not.
#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/report_files.h"
#include "cli/status_text.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options : CampaignOptions {
  std::string out = ".";
  bool require_converged = false;
};

absl::StatusOr<CampaignReport> Write(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(const MeantCampaign campaign, ConnectToCampaign(options));
  if (options.json) return campaign.daemon->Report(campaign.id);
  return WriteReportFiles(campaign.daemon.get(), campaign.id, options.out);
}

}  // namespace

void AddReport(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      program->add_subcommand("report",
                              "write report.json and report.html of a campaign; of what there is so far, "
                              "when it is not finished");
  AddCampaignOptions(verb, options.get(), "print the JSON instead of writing files");
  verb->add_option("--out", options->out, "folder of the two files")->capture_default_str();
  verb->add_flag("--require-converged", options->require_converged,
                 "exit code 3 when a conductivity is not converged");
  (*verbs)[verb] = [options]() -> int {
    const absl::StatusOr<CampaignReport> report = Write(*options);
    if (!report.ok()) return Complain(report.status());
    if (options->json) {
      PrintJson(report->json);
    } else {
      PrintLines(SummaryLines(report->json));
      std::printf("report        %s/report.html\n", options->out.c_str());
    }
    return options->require_converged && !IsConverged(report->json) ? kExitNotConverged : kExitOk;
  };
}

}  // namespace superion
