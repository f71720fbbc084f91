// What must hold between any two commands.
#pragma once

#include "core/status.h"
#include "server/coordinator/state.h"

namespace superion {

// OK, or Internal with the first contradiction found. Looks at everything: for tests.
absl::Status CheckInvariants(const State& state);

}  // namespace superion
