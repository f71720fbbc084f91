// The comment line of an extended XYZ frame: key=value pairs in the dialects that ASE, OVITO, QUIP and GPUMD
// write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace superion {

struct CommentItem {
  std::string key;
  std::string value;  // without quotes, escapes resolved; brackets kept; "T" for a key without a value
};

// Values may be bare, "quoted", 'quoted', {braced} or [nested, [lists]]. InvalidArgument for an open quote or
// bracket.
absl::StatusOr<std::vector<CommentItem>> ParseComment(std::string_view line);

// key=value with quotes where needed; reading it back gives the same value.
std::string FormatCommentItem(std::string_view key, std::string_view value);

// One finite number; accepts a leading + and Fortran's exponent letter D. InvalidArgument names the text.
absl::StatusOr<double> ParseReal(std::string_view text);
// The same with all digits of the text, for numbers that are divided before they are rounded.
absl::StatusOr<long double> ParseWideReal(std::string_view text);
// Numbers separated by spaces, commas and brackets.
absl::StatusOr<std::vector<double>> ParseReals(std::string_view text);
// T, True, 1 / F, False, 0 in any case.
absl::StatusOr<bool> ParseLogical(std::string_view text);
// Three logicals separated by spaces, commas and brackets.
absl::StatusOr<std::vector<bool>> ParseLogicals(std::string_view text);

// Splits at blanks; the pieces point into `line`.
void SplitBlanks(std::string_view line, std::vector<std::string_view>* pieces);

}  // namespace superion
