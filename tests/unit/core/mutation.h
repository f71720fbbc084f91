// Random damage of a text, for readers that must end in a value or an error whatever they are given.
#pragma once

#include <string>

#include "core/random.h"

namespace superion {

inline std::string Damage(std::string text, Random* random) {
  static constexpr char kInserted[] = " \t\n\"'#!/=&,.-+_0189eED()[]{}\0\xff";
  for (uint64_t hits = 1 + random->Below(4); hits > 0 && !text.empty(); --hits) {
    const size_t at = random->Below(text.size());
    const uint64_t kind = random->Below(5);
    if (kind == 0) text[at] = static_cast<char>(random->Below(256));
    if (kind == 1) text.erase(at, 1 + random->Below(12));
    if (kind == 2) text.insert(at, 1, kInserted[random->Below(sizeof kInserted - 1)]);
    if (kind == 3) text.insert(at, text.substr(random->Below(text.size()), random->Below(30)));
    if (kind == 4 && random->Below(4) == 0) text.resize(at);
  }
  return text;
}

// Reads `n` damaged copies; returns how many ended in an error.
template <typename Parse>
int CountFailures(const std::string& good, int n, Parse parse) {
  Random random(2024);
  int failures = 0;
  for (int k = 0; k < n; ++k) failures += !parse(Damage(good, &random)).ok();
  return failures;
}

}  // namespace superion
