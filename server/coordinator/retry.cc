#include "server/coordinator/retry.h"

#include <algorithm>

#include "core/random.h"

namespace superion {

Fault ClassifyFault(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return Fault::kInfrastructure;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnknown:
      return Fault::kTask;
    default:
      return Fault::kPermanent;
  }
}

int MostTaskFaults(const absl::Status& status) {
  return absl::IsResourceExhausted(status) ? kMaxExhaustedFaults : kMaxTaskFaults;
}

int64_t BackoffMs(uint64_t task_seed, int attempt, int faults) {
  const int doublings = std::clamp(faults - 1, 0, 6);
  const int64_t base_ms = std::min<int64_t>(int64_t{1000} << doublings, 60'000);
  Random random(DeriveSeed(task_seed, fmt::format("back-off/{}", attempt)));
  return static_cast<int64_t>(static_cast<double>(base_ms) * (0.5 + random.Uniform()));
}

}  // namespace superion
