// What a campaign would still do when nothing goes wrong and every budget is used: the policy asked again and
// again with imagined outcomes, so that the forecast knows no more and no less than the policy.
#pragma once

#include <vector>

#include "server/active_learning/policy.h"

namespace superion {

// A task to come, with the amount of its work in units of its kind: steps times repeats of the cell (md),
// steps (aimd), frames (label), epochs times training frames (train), 1 for all others.
struct ForecastTask {
  PlannedTask task;
  double work = 1.0;
};

// Tasks in rounds: those of one round can run side by side, those of the next wait for them.
using ForecastRounds = std::vector<std::vector<ForecastTask>>;

// The work of a task whose inputs come from tasks in `ended`.
double WorkOf(const PlannedTask& task, const FinishedTasks& ended);

// Every task that has not ended, assuming that no label fails, no run is stopped, no criterion is met before
// its budget ends. FailedPrecondition when the policy gives up or comes to no end within 1000 rounds.
absl::StatusOr<ForecastRounds> ForecastCampaign(const Policy& policy, const CampaignSpec& spec,
                                                const CampaignArtifacts& artifacts, FinishedTasks ended);

}  // namespace superion
