// Whether a failed task is tried again, and when.
#pragma once

#include <cstdint>

#include "core/status.h"

namespace superion {

enum class Fault {
  kPermanent,       // the same would happen again: wrong input, missing program
  kTask,            // may go away: tried again, quarantined after kMaxTaskFaults
  kInfrastructure,  // not of the task's making: its worker was stopped
};

inline constexpr int kMaxTaskFaults = 3;
// A full disk or a lack of memory often is the doing of others, and goes away: about seven minutes of
// patience.
inline constexpr int kMaxExhaustedFaults = 12;
// A task that loses this many workers is itself the likely cause.
inline constexpr int kMaxInfrastructureFaults = 25;

// After how many faults a task that failed in this way is given up.
int MostTaskFaults(const absl::Status& status);

// InvalidArgument, FailedPrecondition, NotFound and the like are permanent; Cancelled (the worker was told to
// stop) is of the infrastructure; Unavailable, DeadlineExceeded, Aborted, ResourceExhausted, Internal,
// DataLoss and Unknown are of the task. `status` is not OK.
Fault ClassifyFault(const absl::Status& status);

// Wait before the next attempt after `faults` faults (1, 2, ...): 1 s, 2 s, 4 s, ... at most 60 s, each times
// a factor in [0.5, 1.5) drawn from the seed of the task and the attempt that failed, so that tasks that
// failed together do not come back together, and a repeated decision is the same decision.
int64_t BackoffMs(uint64_t task_seed, int attempt, int faults);

}  // namespace superion
