#include "server/coordinator/task_state.h"

#include <gtest/gtest.h>

namespace superion {
namespace {

TEST(TaskState, NamesAreReadBack) {
  for (int k = 0; k < kTaskStates; ++k) {
    const auto state = static_cast<TaskState>(k);
    EXPECT_EQ(*TaskStateFromName(Name(state)), state);
  }
  for (int k = 0; k < 5; ++k) {
    const auto state = static_cast<CampaignState>(k);
    EXPECT_EQ(*CampaignStateFromName(Name(state)), state);
  }
  EXPECT_EQ(TaskStateFromName("asleep").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(CampaignStateFromName("running").status().code(), absl::StatusCode::kDataLoss);
}

TEST(TaskState, EndsAreLeftOnlyToTryAnew) {
  for (int to = 0; to < kTaskStates; ++to) {
    for (const TaskState from : {TaskState::kFailed, TaskState::kQuarantined, TaskState::kCancelled}) {
      EXPECT_EQ(LegalTransition(from, static_cast<TaskState>(to)),
                static_cast<TaskState>(to) == TaskState::kWaiting)
          << "only a resumed campaign tries them anew";
    }
    const auto state = static_cast<TaskState>(to);
    EXPECT_FALSE(LegalTransition(state, state));
    EXPECT_EQ(LegalTransition(TaskState::kDone, state), state == TaskState::kReady);
    EXPECT_EQ(LegalTransition(state, TaskState::kLeased), state == TaskState::kReady)
        << "a lease begins at ready";
    EXPECT_EQ(LegalTransition(state, TaskState::kCancelled), IsOpen(state));
  }
}

}  // namespace
}  // namespace superion
