#include "server/coordinator/handlers.h"
#include "server/coordinator/progress.h"

namespace superion {

void Handle(Step& step, const Start& command) {
  for (auto& [id, campaign] : step.state.campaigns) {
    if (!IsOpen(campaign.state)) continue;
    for (const auto& [key, number] : campaign.number_of) Settle(step, step.state.tasks.at(number));
    Replan(step, campaign);
  }
}

void Handle(Step& step, const Submit& command) {
  if (command.client_token.empty()) {
    return step.Refuse(command.reply_to,
                       InvalidArgument("submit: the client token is empty; expected a random text "
                                       "that makes a repeated submission recognizable"));
  }
  const auto known = step.state.campaign_of_token.find(command.client_token);
  if (known != step.state.campaign_of_token.end())
    return step.Answer(command.reply_to, Submitted{known->second});

  const std::string id = fmt::format("c{}", step.state.next_campaign++);
  step.state.campaign_of_token[command.client_token] = id;
  Campaign& campaign = step.state.campaigns[id];
  CampaignRow& row = campaign.row;
  row.id = id, row.name = command.spec.name, row.client_token = command.client_token;
  row.spec_json = command.spec_json, row.structure_sha256 = command.structure_sha256,
  row.created_ms = step.now_ms;
  campaign.spec = command.spec;
  campaign.artifacts.structure_sha256 = command.structure_sha256;
  if (!command.structure_sha256.empty()) {
    step.decision.rows.artifacts.push_back({command.structure_sha256, command.structure_bytes, 0});
  }
  step.Touch(campaign);
  step.Event(id, "", "campaign submitted", command.spec.name);
  Replan(step, campaign);
  step.Answer(command.reply_to, Submitted{id});
}

namespace {

// What ended a campaign is mended outside of it (a missing program, a full disk): every task that stands in
// its way is tried anew. Optional tasks that failed have been decided upon and stay, unless nothing else
// failed.
void Reopen(Step& step, Campaign& campaign) {
  std::vector<Task*> culprits, optional, tasks;
  for (const auto& [key, number] : campaign.number_of) {
    Task& task = step.state.tasks.at(number);
    if (task.state == TaskState::kCancelled) tasks.push_back(&task);
    if (task.state != TaskState::kFailed && task.state != TaskState::kQuarantined) continue;
    (task.row.optional ? optional : culprits).push_back(&task);
  }
  if (culprits.empty()) culprits = std::move(optional);
  tasks.insert(tasks.end(), culprits.begin(), culprits.end());
  campaign.row.message.clear();
  campaign.plan_finished = campaign.report_asked = false;
  campaign.report_again_ms = 0;
  step.SetState(campaign, CampaignState::kRunning);
  step.Event(campaign.row.id, "", "campaign reopened", fmt::format("{} tasks are tried anew", tasks.size()));
  for (Task* task : tasks) {
    TaskStateRow& row = task->row.state;
    row.task_faults = row.infrastructure_faults = 0;
    row.status_code = 0, row.status_message.clear();
    row.not_before_ms = row.ended_ms = 0;
    step.SetState(*task, TaskState::kWaiting);
  }
  for (Task* task : tasks) {
    if (IsOpen(campaign.state)) Settle(step, *task);
  }
  Replan(step, campaign);
}

}  // namespace

void Handle(Step& step, const Control& command) {
  Campaign* campaign = FindCampaign(step.state, command.campaign_id);
  if (campaign == nullptr) {
    return step.Refuse(command.reply_to, NotFound("no campaign '{}'", command.campaign_id));
  }
  const CampaignState wanted = command.action == ControlAction::kPause    ? CampaignState::kPaused
                               : command.action == ControlAction::kResume ? CampaignState::kRunning
                                                                          : CampaignState::kCancelled;
  if (campaign->state == CampaignState::kFailed && command.action == ControlAction::kResume) {
    Reopen(step, *campaign);
  } else if (campaign->state != wanted) {
    if (!IsOpen(campaign->state)) {
      return step.Refuse(command.reply_to,
                         FailedPrecondition("campaign {} is {} and cannot become {}", command.campaign_id,
                                            Name(campaign->state), Name(wanted)));
    }
    if (wanted == CampaignState::kCancelled) {
      CloseCampaign(step, *campaign, wanted, "cancelled by its user");
    } else {
      step.SetState(*campaign, wanted);
      step.Event(campaign->row.id, "", fmt::format("campaign {}", Name(wanted)));
    }
  }
  step.Answer(command.reply_to, Controlled{std::string(Name(campaign->state))});
}

namespace {

bool Makes(const Task& task, const std::string& sha256) {
  for (const TaskOutputRow& output : task.row.outputs) {
    if (output.sha256 == sha256) return true;
  }
  return false;
}

}  // namespace

void Handle(Step& step, const ArtifactLost& command) {
  for (auto& [id, campaign] : step.state.campaigns) {
    if (!IsOpen(campaign.state)) continue;
    std::vector<Task*> makers;
    for (const auto& [key, number] : campaign.number_of) {
      Task& task = step.state.tasks.at(number);
      if (task.state == TaskState::kDone && Makes(task, command.sha256)) makers.push_back(&task);
    }
    for (Task* task : makers) {
      step.Event(id, task->row.id, "artifact lost", fmt::format("{}: {}", command.sha256, command.reason));
      task->row.outputs.clear();
      step.decision.rows.outputs.push_back({task->row.id, {}});
      step.SetNotBefore(*task, 0);
      task->row.state.ended_ms = 0;
      step.SetState(*task, TaskState::kReady);
    }
    for (Task* task : makers) {
      Settle(step, *task);
      SettleReaders(step, *task);
    }
    if (makers.empty()) continue;
    campaign.report_asked = false;
    campaign.report_again_ms = 0;
    Replan(step, campaign);
  }
}

void Handle(Step& step, const ReportBuilt& command) {
  Campaign* campaign = FindCampaign(step.state, command.campaign_id);
  // An artifact was found broken while the report was made, or the campaign was cancelled: it is not wanted
  // any more.
  if (campaign == nullptr || !IsOpen(campaign->state) || !campaign->report_asked) return;
  if (!command.status.ok()) {
    campaign->row.message =
        fmt::format("the report cannot be made: {}; it is tried again", command.status.message());
    campaign->report_again_ms = step.now_ms + step.state.options.report_retry_ms;
    step.Event(campaign->row.id, "", "report failed", command.status.ToString());
    return step.Touch(*campaign);
  }
  for (const ArtifactRow& row : {command.report, command.html}) step.decision.rows.artifacts.push_back(row);
  campaign->row.report_sha256 = command.report.sha256;
  campaign->row.html_sha256 = command.html.sha256;
  CloseCampaign(step, *campaign, CampaignState::kDone, campaign->row.message);
}

}  // namespace superion
