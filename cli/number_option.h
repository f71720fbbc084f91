// Options that take a number: their ranges, checked before anything starts.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

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

// CLI11 wraps a negative number around and cuts one that is too large.
inline CLI::Validator IsSeed() {
  const std::string expected = "an integer from 0 to 18446744073709551615";
  return {[expected](std::string& text) -> std::string {
            uint64_t seed = 0;
            const char* end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, seed);
            if (error == std::errc() && stop == end) return "";
            return fmt::format("expected {}, found \"{}\"", expected, text);
          },
          expected};
}

}  // namespace superion
