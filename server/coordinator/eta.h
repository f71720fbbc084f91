// How long a campaign still takes, from what its own tasks have taken so far.
#pragma once

#include <optional>
#include <string>

#include "server/coordinator/state.h"

namespace superion {

struct Eta {
  double seconds = 0.0;
  std::string note;  // what is not in it; "" when every kind of work to come has been measured
};

// The remaining time when every budget is used and nothing has to be repeated: work to come (forecast.h) at
// the pace that finished tasks of the same kind had in this campaign, on the cores of the workers that are
// connected now. nullopt when that cannot be said: the campaign does not run, no worker is there, a kind of
// labelling, training or MD to come has not been measured yet, or the policy's future cannot be foreseen.
std::optional<Eta> RemainingTime(const State& state, const Campaign& campaign, int64_t now_ms);

}  // namespace superion
