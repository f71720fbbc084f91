// Which campaign of its data folder `superion run` is about: the same command continues, and two campaigns
// are never mixed in one folder by accident.
#pragma once

#include <string>

#include "cli/daemon.h"

namespace superion {

// What the daemon knows a campaign by: the same file is the same campaign, wherever it lies.
std::string ClientToken(const Json& campaign);
// A token of the same campaign for one more run of it.
std::string AnotherToken(const Json& campaign);

// The id of the campaign in the folder's daemon, submitted when it is not there yet. InvalidArgument when the
// folder holds another campaign that has not ended, with what differs, or when this one was cancelled. With
// `again` whatever has not ended is cancelled, and the campaign begins anew.
absl::StatusOr<std::string> CampaignOfFolder(Daemon* daemon, const Json& campaign, bool again);

// "production.steps: 100 there, 200 here; …", at most three entries; for tests.
std::string Differences(const Json& there, const Json& here);

}  // namespace superion
