#include "server/coordinator/state.h"

#include <charconv>

namespace superion {

std::string RoleOfKind(const std::string& kind) {
  if (kind == "preflight" || kind == "aimd" || kind == "label") return "dft";
  if (kind == "train") return "train";
  if (kind == "md" || kind == "neb") return "md";
  return "analysis";
}

Task* FindTask(State& state, const std::string& task_id) {
  int64_t number = 0;
  if (task_id.size() < 2 || task_id[0] != 't') return nullptr;
  const char* end = task_id.data() + task_id.size();
  const auto [stop, error] = std::from_chars(task_id.data() + 1, end, number);
  if (error != std::errc() || stop != end) return nullptr;
  const auto task = state.tasks.find(number);
  return task == state.tasks.end() || task->second.row.id != task_id ? nullptr : &task->second;
}

const Campaign* FindCampaign(const State& state, const std::string& campaign_id) {
  const auto campaign = state.campaigns.find(campaign_id);
  return campaign == state.campaigns.end() ? nullptr : &campaign->second;
}

Campaign* FindCampaign(State& state, const std::string& campaign_id) {
  return const_cast<Campaign*>(FindCampaign(std::as_const(state), campaign_id));
}

ResolvedInput ResolveInput(const State& state, const Campaign& campaign, const TaskInputRow& input) {
  using Kind = ResolvedInput::Kind;
  if (!input.sha256.empty()) return {Kind::kKnown, input.sha256, ""};
  const auto number = campaign.number_of.find(input.task_key);
  if (number == campaign.number_of.end()) return {Kind::kPending, "", ""};
  const Task& producer = state.tasks.at(number->second);
  if (IsOpen(producer.state)) return {Kind::kPending, "", ""};
  if (producer.state == TaskState::kDone) {
    for (const TaskOutputRow& output : producer.row.outputs) {
      if (output.name == input.artifact_name) return {Kind::kKnown, output.sha256, ""};
    }
  }
  return {Kind::kImpossible, "",
          fmt::format("input '{}' is the artifact '{}' of task '{}', which {}", input.name,
                      input.artifact_name, input.task_key,
                      producer.state == TaskState::kDone ? std::string("made none of that name")
                                                         : fmt::format("is {}: {}", Name(producer.state),
                                                                       producer.row.state.status_message))};
}

int64_t NextWake(const State& state) {
  int64_t wake = 0;
  const auto consider = [&wake](int64_t time) {
    if (time > 0 && (wake == 0 || time < wake)) wake = time;
  };
  if (!state.delayed.empty()) consider(state.delayed.begin()->first);
  if (!state.leases.empty()) consider(state.leases.begin()->first);
  for (const ParkedLease& parked : state.parked) consider(parked.until_ms);
  for (const auto& [id, campaign] : state.campaigns) consider(campaign.report_again_ms);
  return wake;
}

bool IsConnected(const State& state, const Worker& worker, int64_t now_ms) {
  return worker.registered && now_ms < worker.seen_ms + state.options.lease_ms;
}

}  // namespace superion
