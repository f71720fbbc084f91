// The coordinator as a pure function: no I/O, no thread, no clock, no random source.
#pragma once

#include <cstdint>

#include "server/coordinator/command.h"
#include "server/coordinator/state.h"

namespace superion {

// Changes `state` and says what has to be written, answered and started because of it. `now_ms` never goes
// back from one call to the next. If the rows cannot be committed the state must be thrown away and read
// again.
Decision Decide(State& state, const Command& command, int64_t now_ms);

}  // namespace superion
