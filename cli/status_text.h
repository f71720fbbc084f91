// The daemon's JSON (docs/status.md) and reports as text for people. Absent fields are left out, never
// invented.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace superion {

// Live view: a header, the tasks, one bar for each running task (at most `most_bars`).
std::vector<std::string> StatusLines(const Json& status, size_t most_bars);
// The same in one line.
std::string StatusLine(const Json& status);
// "RUNNING/explore/2": changes when people want to hear of it.
std::string StatusKey(const Json& status);
bool HasEnded(const Json& status);

// One line per temperature: value with interval and verdict, and what limits it.
std::vector<std::string> ConductivityLines(const Json& conductivity);
// Labels, held-out errors, conductivities, Arrhenius, what would be needed to converge further.
std::vector<std::string> SummaryLines(const Json& report);
// True when every temperature has a value that its gates let pass.
bool IsConverged(const Json& report);

std::vector<std::string> ListLines(const Json& campaigns);
std::vector<std::string> TaskLines(const Json& tasks);

}  // namespace superion
