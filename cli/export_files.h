// Everything of a campaign as plain files, for other programs.
#pragma once

#include <string>
#include <vector>

#include "cli/daemon.h"

namespace superion {

// Writes report.json, report.html, tasks.json, conductivity.csv, labels.xyz (all labelled frames),
// model.superion (the newest) below `folder`, those that exist by now; returns their names. With `everything`
// also every artifact of every finished task as artifacts/KEY/NAME.
absl::StatusOr<std::vector<std::string>> ExportCampaign(Daemon* daemon, const std::string& campaign_id,
                                                        const std::string& folder, bool everything);

// One line per temperature, units in the header.
std::string ConductivityCsv(const Json& conductivity);

}  // namespace superion
