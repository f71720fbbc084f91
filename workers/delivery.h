// The way of a finished task to the daemon: its artifacts into the store, then its report; and what an answer
// other than OK means for it.
#pragma once

#include <map>
#include <string>

#include "workers/coordinator.h"

namespace superion {

enum class Call { kUpload, kComplete };

enum class Answer {
  kSettled,        // taken, or the task belongs to somebody else by now
  kAway,           // nobody who could decide: try again for as long as it takes
  kRefused,        // may be otherwise next time: try again a number of times
  kHopeless,       // the same would be answered again
  kWorkerRefused,  // not about this task: the daemon has no work for this worker at all
};

// A report that meets a full disk counts as kAway: a daemon that cannot save anything cannot take the failure
// of the task either. A full disk of the store is kRefused.
Answer Judge(Call call, const absl::Status& status);

struct DeliveryLimits {
  int full_disk = 2000;  // at most 60 s apart: about a day, in which somebody can make room
  int refusals = 12;     // of each other kind: some minutes
};

class Delivery {
 public:
  // `task` with the artifacts of `sandbox`; both must outlive this.
  Delivery(Coordinator* coordinator, std::string sandbox, FinishedTask* task, DeliveryLimits limits)
      : coordinator_(*coordinator), sandbox_(std::move(sandbox)), task_(*task), limits_(limits) {}

  // Tries once; kAway and kRefused ask for another try. When the result cannot be delivered, it becomes a
  // failure that says what was answered, and that is reported instead: InvalidArgument, DataLoss and
  // ResourceExhausted keep their code, others become Internal, which the daemon tries again. kHopeless: not
  // even that failure is taken.
  Answer Try();
  // What the last try was answered.
  const absl::Status& status() const { return status_; }

 private:
  Call Send();
  Answer GiveUp(Call call);

  Coordinator& coordinator_;
  const std::string sandbox_;
  FinishedTask& task_;
  const DeliveryLimits limits_;
  absl::Status status_;
  std::map<absl::StatusCode, int> refusals_;
  bool given_up_ = false;
};

}  // namespace superion
