#include "server/coordinator/task_state.h"

#include <array>

namespace superion {
namespace {

constexpr std::array<std::string_view, kTaskStates> kTaskNames{
    "waiting", "ready", "leased", "running", "done", "failed", "quarantined", "cancelled"};
constexpr std::array<std::string_view, 5> kCampaignNames{"RUNNING", "PAUSED", "CANCELLED", "DONE", "FAILED"};

}  // namespace

bool LegalTransition(TaskState from, TaskState to) {
  using S = TaskState;
  switch (from) {
    case S::kWaiting:
      return to != S::kWaiting && to != S::kLeased;
    case S::kReady:
      return to != S::kReady;
    case S::kLeased:
      return to != S::kLeased && to != S::kWaiting;
    case S::kRunning:
      return to != S::kRunning && to != S::kLeased && to != S::kWaiting;
    case S::kDone:
      return to == S::kReady;
    case S::kFailed:
    case S::kQuarantined:
    case S::kCancelled:
      return to == S::kWaiting;
  }
  return false;
}

std::string_view Name(TaskState state) { return kTaskNames[static_cast<size_t>(state)]; }

absl::StatusOr<TaskState> TaskStateFromName(std::string_view name) {
  for (size_t k = 0; k < kTaskNames.size(); ++k) {
    if (kTaskNames[k] == name) return static_cast<TaskState>(k);
  }
  return DataLoss("'{}' is not the state of a task", name);
}

std::string_view Name(CampaignState state) { return kCampaignNames[static_cast<size_t>(state)]; }

absl::StatusOr<CampaignState> CampaignStateFromName(std::string_view name) {
  for (size_t k = 0; k < kCampaignNames.size(); ++k) {
    if (kCampaignNames[k] == name) return static_cast<CampaignState>(k);
  }
  return DataLoss("'{}' is not the state of a campaign", name);
}

}  // namespace superion
