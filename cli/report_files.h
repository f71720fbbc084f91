// report.json and report.html of a campaign, as files.
#pragma once

#include <string>

#include "cli/daemon.h"

namespace superion {

// Writes both below `folder`, atomically, and returns the report.
absl::StatusOr<CampaignReport> WriteReportFiles(Daemon* daemon, const std::string& campaign_id,
                                                const std::string& folder);

}  // namespace superion
