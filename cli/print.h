// What commands print on stdout.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "core/json.h"

namespace superion {

inline void PrintJson(const Json& json) { std::printf("%s\n", DumpJson(json, 2).c_str()); }
inline void PrintLines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::printf("%s\n", line.c_str());
}

// How a verb ends that has something to print: the error, the answer as JSON when that was asked for, else
// what `describe(answer)` prints. Returns the exit code.
template <typename Describe>
int Answer(const absl::StatusOr<Json>& answer, bool json, const Describe& describe) {
  if (!answer.ok()) return Complain(answer.status());
  if (json) {
    PrintJson(*answer);
  } else {
    describe(*answer);
  }
  return kExitOk;
}

}  // namespace superion
