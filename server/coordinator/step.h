// One call of Decide in the making: every change of the state goes through here, so that indexes, counts and
// rows cannot disagree with it.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "server/coordinator/command.h"
#include "server/coordinator/state.h"

namespace superion {

class Step {
 public:
  Step(State& state, int64_t now_ms) : state(state), now_ms(now_ms) {}

  State& state;
  const int64_t now_ms;
  Decision decision;

  // The change must be legal. Keeps indexes, counts, the holder's list and what the policy sees.
  void SetState(Task& task, TaskState to);
  // When a task that is or becomes ready may be handed out; 0: at once.
  void SetNotBefore(Task& task, int64_t not_before_ms);
  // Puts a held task's lease to `end_ms`.
  void ExtendLease(Task& task, int64_t end_ms);
  // Moves tasks whose back-off is over to the dispatchable ones.
  void ReleaseDelayed();
  // Pause, resume and the ends of a campaign.
  void SetState(Campaign& campaign, CampaignState to);

  // Inserts a task in state waiting.
  Task& Insert(Campaign& campaign, TaskRow row);
  Campaign& CampaignOf(const Task& task) { return state.campaigns.at(task.row.campaign_id); }

  // The rows of these are written at the end of the step.
  void Touch(const Task& task) { touched_tasks_.insert(task.row.number); }
  void Touch(const Campaign& campaign);
  // The status of the campaign changed in a part that is not durable.
  void Changed(const std::string& campaign_id) { decision.changed.insert(campaign_id); }

  void Event(const std::string& campaign_id, const std::string& task_id, std::string kind,
             std::string detail = "");
  // The newest attempt of the task ended (or began) in this way.
  void WriteAttempt(const Task& task, const std::string& how, std::string inputs_json = "");

  template <typename Body>
  void Answer(uint64_t to, Body body) {
    if (to == 0) return;
    Reply& reply = decision.replies.emplace_back();
    reply.to = to;
    reply.body = std::move(body);
  }
  void Refuse(uint64_t to, absl::Status status) {
    if (to == 0) return;
    Reply& reply = decision.replies.emplace_back();
    reply.to = to;
    reply.status = std::move(status);
  }

  // Enters a task into the indexes of its state; SetState does so by itself.
  void Index(Task& task);

  // Adds the rows of everything touched.
  Decision Finish();

 private:
  void Unindex(Task& task);

  std::set<int64_t> touched_tasks_;
  std::set<int64_t> new_tasks_;
  std::set<std::string> touched_campaigns_;
};

// What the policy and the report are shown of a task that has ended.
FinishedTask EndOf(const Task& task);

}  // namespace superion
