// The state from what the database holds.
#pragma once

#include <cstdint>

#include "core/status.h"
#include "database/rows.h"
#include "server/coordinator/state.h"

namespace superion {

// Tasks that were held keep their attempt and get one whole lease from `now_ms`, in which their workers can
// come back and go on; no worker counts as registered before it has said so to this daemon. DataLoss names
// the row that cannot be understood. Follow with the command Start.
absl::StatusOr<State> Restore(const Snapshot& snapshot, const CoordinatorOptions& options, Policy policy,
                              int64_t now_ms);

}  // namespace superion
