// superion run: a whole campaign on this machine, with a daemon and a worker of its own.
#include <filesystem>

#include "cli/embedded.h"
#include "cli/exit_code.h"
#include "cli/folder_campaign.h"
#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/report_files.h"
#include "cli/status_text.h"
#include "cli/verb.h"
#include "cli/watch_loop.h"
#include "core/campaign.h"
#include "core/file.h"
#include "core/site_profile.h"

namespace superion {
namespace {

struct Options {
  std::string file, data_directory;
  int cores = 0;
  bool again = false, json = false, require_converged = false;
};

constexpr std::uintmax_t kLittleSpaceBytes = 16 << 20;

// Says once when the disk is (nearly) full and once when it is no more: the daemon and the worker wait for
// room.
class DiskWatch {
 public:
  explicit DiskWatch(std::string directory) : directory_(std::move(directory)) {}
  void Look() {
    std::error_code error;
    const auto space = std::filesystem::space(directory_, error);
    if (error || (space.available < kLittleSpaceBytes) == full_) return;
    full_ = !full_;
    if (full_) {
      std::fprintf(
          stderr,
          "the disk of %s is nearly full (%ju kB free, at least %ju kB expected): free some space; what "
          "cannot be written waits until then, nothing is lost\n",
          directory_.c_str(), space.available >> 10, kLittleSpaceBytes >> 10);
    } else {
      std::fprintf(stderr, "the disk of %s has space again\n", directory_.c_str());
    }
  }

 private:
  const std::string directory_;
  bool full_ = false;
};

struct Outcome {
  std::string state;
  CampaignReport report;
};

// Repeating the command after the cause of a failure was mended goes on where it failed.
absl::Status TryAgainIfFailed(Daemon* daemon, const std::string& campaign_id) {
  SUPERION_ASSIGN_OR_RETURN(const Json status, daemon->Status(campaign_id));
  if (status.value("state", "") != "FAILED") return absl::OkStatus();
  std::fprintf(stderr, "the campaign failed before and is tried again: %s\n",
               status.value("message", "").c_str());
  return daemon->Control(campaign_id, CampaignControl::kResume).status();
}

// Below the scratch folder of the site when it names one, under a name that follows from the data folder: the
// same command finds finished results there again.
absl::StatusOr<std::string> WorkFolder(const std::string& data_directory) {
  SUPERION_ASSIGN_OR_RETURN(const SiteProfile site, LoadSiteProfile());
  if (site.scratch_directory.empty()) return data_directory + "/worker";
  std::error_code error;
  const std::string absolute = std::filesystem::weakly_canonical(data_directory, error).string();
  return fmt::format("{}/superion-run-{}", site.scratch_directory, Sha256(absolute).substr(0, 12));
}

absl::StatusOr<Outcome> Run(const CampaignSpec& campaign, const Options& options) {
  Interrupt interrupt;
  SUPERION_ASSIGN_OR_RETURN(const std::string work_directory, WorkFolder(options.data_directory));
  SUPERION_ASSIGN_OR_RETURN(
      const std::unique_ptr<Embedded> embedded,
      Embedded::Start({options.data_directory, work_directory, ProgramDirectory(), options.cores},
                      &interrupt));
  const Json json = ToJson(campaign);
  WatchOptions watch;
  SUPERION_ASSIGN_OR_RETURN(watch.campaign_id, CampaignOfFolder(embedded->daemon(), json, options.again));
  SUPERION_RETURN_IF_ERROR(TryAgainIfFailed(embedded->daemon(), watch.campaign_id));
  DiskWatch disk(options.data_directory);
  watch.between = [&] {
    disk.Look();
    return embedded->Revive(&interrupt);
  };
  SUPERION_ASSIGN_OR_RETURN(const Json last,
                            WatchCampaign([&] { return embedded->daemon(); }, watch, &interrupt));
  Outcome outcome;
  outcome.state = last.value("state", "");
  // Only a finished campaign leaves a report here; `superion report` makes one of what there is at any time.
  absl::StatusOr<CampaignReport> report = FailedPrecondition("the campaign ended as {}", outcome.state);
  if (outcome.state == "DONE") {
    report = WriteReportFiles(embedded->daemon(), watch.campaign_id, options.data_directory);
  }
  embedded->Stop();
  // Sandboxes and cached inputs of the worker; everything that counts is in the store of the daemon.
  std::error_code ignored;
  std::filesystem::remove_all(work_directory, ignored);
  if (outcome.state != "DONE") {
    return Internal("the campaign ended as {}: {}", outcome.state, last.value("message", "no reason given"));
  }
  SUPERION_RETURN_IF_ERROR(report.status());
  outcome.report = *std::move(report);
  return outcome;
}

int Finish(const Options& options, const absl::StatusOr<Outcome>& outcome) {
  const std::string& data = options.data_directory;
  if (!outcome.ok()) {
    if (absl::IsCancelled(outcome.status())) {
      std::fprintf(stderr, "\nstopped; nothing is lost. To go on:\n  superion run %s --data-dir %s\n",
                   options.file.c_str(), data.c_str());
      return kExitInterrupted;
    }
    const int code = Complain(outcome.status());
    std::fprintf(stderr, "logs: %s/superiond.log, %s/superion-worker.log\n", data.c_str(), data.c_str());
    return code;
  }
  if (options.json) {
    PrintJson(outcome->report.json);
  } else {
    PrintLines(SummaryLines(outcome->report.json));
    std::printf("report        %s/report.html\n              %s/report.json\n", data.c_str(), data.c_str());
  }
  return options.require_converged && !IsConverged(outcome->report.json) ? kExitNotConverged : kExitOk;
}

}  // namespace

void AddRun(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      program->add_subcommand("run", "a whole campaign on this machine; the same command continues it");
  verb->add_option("campaign", options->file, "campaign file (TOML)")->required();
  verb->add_option("--data-dir", options->data_directory, "where everything is kept (default: runs/NAME)");
  verb->add_option("--cores", options->cores, "cores to use (default: site profile, else all)")
      ->check(Within(limits::kThreads));
  verb->add_flag("--again", options->again, "cancel what the folder has not finished and begin anew");
  verb->add_flag("--require-converged", options->require_converged,
                 "exit code 3 when a conductivity is not converged");
  verb->add_flag("--json", options->json, "print the report as JSON at the end");
  (*verbs)[verb] = [options]() -> int {
    const absl::StatusOr<CampaignSpec> campaign = ReadCampaign(options->file);
    if (!campaign.ok()) return Complain(campaign.status());
    if (options->data_directory.empty()) options->data_directory = "runs/" + campaign->name;
    return Finish(*options, Run(*campaign, *options));
  };
}

}  // namespace superion
