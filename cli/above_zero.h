// The check of options that take a number > 0; CLI11's own prints its upper limit with 300 digits.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace superion {

inline CLI::Validator AboveZero() {
  return {[](std::string& text) -> std::string {
            double value = 0;
            if (CLI::detail::lexical_cast(text, value) && value > 0) return "";
            return "expected a number > 0, found " + text;
          },
          "> 0"};
}

}  // namespace superion
