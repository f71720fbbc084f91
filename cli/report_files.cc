#include "cli/report_files.h"

#include <filesystem>

#include "core/file.h"

namespace superion {

absl::StatusOr<CampaignReport> WriteReportFiles(Daemon* daemon, const std::string& campaign_id,
                                                const std::string& folder) {
  SUPERION_ASSIGN_OR_RETURN(CampaignReport report, daemon->Report(campaign_id));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return InvalidArgument("cannot create the folder {}: {}", folder, error.message());
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(folder + "/report.json", DumpJson(report.json, 2) + "\n"));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(folder + "/report.html", report.html));
  return report;
}

}  // namespace superion
