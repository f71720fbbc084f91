// What commands print on stdout.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "core/json.h"

namespace superion {

inline void PrintJson(const Json& json) { std::printf("%s\n", DumpJson(json, 2).c_str()); }
inline void PrintLines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::printf("%s\n", line.c_str());
}

}  // namespace superion
