// What clients are shown, as JSON (docs/status.md).
#pragma once

#include <cstdint>

#include "core/json.h"
#include "server/coordinator/state.h"

namespace superion {

Json CampaignStatus(const State& state, const Campaign& campaign, int64_t now_ms);
// One short entry per campaign, oldest first.
Json CampaignList(const State& state, int64_t now_ms);
// One entry per task in order of planning.
Json TaskList(const State& state, const Campaign& campaign, int64_t now_ms);

}  // namespace superion
