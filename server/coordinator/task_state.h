// States of tasks and campaigns, their words in the database, and which may follow which.
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"

namespace superion {

// waiting -> ready                     every input is there
// ready -> waiting                     an input was lost (its artifact is broken): the task that makes it
// runs
//                                      again
// ready -> leased                      handed to a worker: a new attempt
// leased -> running                    the worker's heartbeat names it
// leased, running -> ready             lost with its worker, or failed and tried again
// leased, running -> done, failed, quarantined
// done -> ready                        an artifact it made was lost
// waiting -> failed                    an input can never be there
// waiting, ready -> running, done, failed, quarantined
//                                      its lease had run out, but its worker came back before another attempt
// ready -> quarantined                 lost too often
// waiting, ready, leased, running -> cancelled
// failed, quarantined, cancelled -> waiting
//                                      its failed campaign is resumed after the cause was mended
enum class TaskState { kWaiting, kReady, kLeased, kRunning, kDone, kFailed, kQuarantined, kCancelled };
inline constexpr int kTaskStates = 8;

bool LegalTransition(TaskState from, TaskState to);
std::string_view Name(TaskState state);
absl::StatusOr<TaskState> TaskStateFromName(std::string_view name);

// Waiting, ready, leased or running.
inline bool IsOpen(TaskState state) { return state < TaskState::kDone; }
// On a worker.
inline bool IsHeld(TaskState state) { return state == TaskState::kLeased || state == TaskState::kRunning; }
// Shown to the policy.
inline bool IsEnded(TaskState state) { return state > TaskState::kRunning && state != TaskState::kCancelled; }

// RUNNING <-> PAUSED; RUNNING, PAUSED -> CANCELLED, DONE, FAILED; FAILED -> RUNNING when it is resumed.
// CANCELLED and DONE are final.
enum class CampaignState { kRunning, kPaused, kCancelled, kDone, kFailed };

std::string_view Name(CampaignState state);
absl::StatusOr<CampaignState> CampaignStateFromName(std::string_view name);
inline bool IsOpen(CampaignState state) {
  return state == CampaignState::kRunning || state == CampaignState::kPaused;
}

}  // namespace superion
