// Options that take a number: their ranges, checked before anything starts.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/number_range.h"
#include "fmt/format.h"

namespace superion {

// CLI11's own check prints its limits with 300 digits, and takes NaN and infinity.
inline CLI::Validator Within(const Range& range) {
  return {[range](std::string& text) -> std::string {
            double value = 0;
            if (CLI::detail::lexical_cast(text, value) && range.Holds(value)) return "";
            return fmt::format("expected a number {}, found \"{}\"", range.Describe(), text);
          },
          range.Describe()};
}

}  // namespace superion
