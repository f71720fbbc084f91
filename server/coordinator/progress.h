// How tasks and campaigns go on and end. Used by the handlers of commands.
#pragma once

#include <string>

#include "server/coordinator/step.h"

namespace superion {

// Asks the policy, inserts what is new, and goes on until nothing changes. Does nothing for a campaign that
// has ended.
void Replan(Step& step, Campaign& campaign);

// Brings a waiting or ready task to the state that its inputs allow.
void Settle(Step& step, Task& task);
// The same for all tasks that read from `producer`.
void SettleReaders(Step& step, const Task& producer);

// Ends a task that did not succeed; a task that is not optional ends its campaign.
void EndWithoutSuccess(Step& step, Task& task, TaskState how, const absl::Status& why);

// Ends the campaign and cancels its open tasks.
void CloseCampaign(Step& step, Campaign& campaign, CampaignState how, const std::string& message);

}  // namespace superion
