#include "workers/delivery.h"

namespace superion {
namespace {

absl::Status Undelivered(Call call, int tries, const absl::Status& status) {
  const std::string what = fmt::format(
      "the task was done, but {} was refused{}: {}",
      call == Call::kUpload ? "putting its artifacts into the daemon's store" : "its report",
      tries > 1
          ? fmt::format(" {} times, the last time with {}", tries, absl::StatusCodeToString(status.code()))
          : "",
      std::string(status.message()));
  const bool speaks_for_the_task =
      absl::IsInvalidArgument(status) || absl::IsDataLoss(status) || absl::IsResourceExhausted(status);
  return {speaks_for_the_task ? status.code() : absl::StatusCode::kInternal, what};
}

}  // namespace

Answer Judge(Call call, const absl::Status& status) {
  const bool report = call == Call::kComplete;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Answer::kSettled;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kNotFound:
      // Of an upload it speaks of a folder of the store, not of the task.
      return report ? Answer::kSettled : Answer::kRefused;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return Answer::kAway;
    case absl::StatusCode::kResourceExhausted:
      return report ? Answer::kAway : Answer::kRefused;
    case absl::StatusCode::kInvalidArgument:
      return Answer::kHopeless;
    case absl::StatusCode::kDataLoss:
      // Of an upload it speaks of our file, of a report of the daemon's database.
      return report ? Answer::kRefused : Answer::kHopeless;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
      return Answer::kWorkerRefused;
    default:
      return Answer::kRefused;
  }
}

Call Delivery::Send() {
  const std::vector<TaskArtifact>& artifacts = task_.result.artifacts;
  if (!artifacts.empty()) {
    // A report that misses an artifact which the store calls its own: the stored file is broken.
    const bool all = absl::IsFailedPrecondition(status_);
    status_ = coordinator_.Upload(artifacts, sandbox_, all);
    if (!status_.ok()) return Call::kUpload;
  }
  status_ = coordinator_.Complete(task_);
  return Call::kComplete;
}

Answer Delivery::GiveUp(Call call) {
  if (given_up_) return Answer::kHopeless;
  given_up_ = true;
  task_.result = {};
  task_.result.status = Undelivered(call, refusals_[status_.code()], status_);
  refusals_.clear();
  return Try();
}

Answer Delivery::Try() {
  const Call call = Send();
  const Answer answer = Judge(call, status_);
  if (answer == Answer::kHopeless) return GiveUp(call);
  if (answer != Answer::kRefused) return answer;
  const int limit = absl::IsResourceExhausted(status_) ? limits_.full_disk : limits_.refusals;
  return ++refusals_[status_.code()] < limit ? Answer::kRefused : GiveUp(call);
}

}  // namespace superion
