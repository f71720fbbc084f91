#include "core/text_fields.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/structure.h"

namespace superion {

std::vector<std::string_view> SplitLines(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n\v\f");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n\v\f") - begin + 1);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

absl::StatusOr<int> ParseInteger(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument("expected a whole number, found \"{}\"", text);
  }
  return value;
}

absl::StatusOr<Vec3> ParseVector(const std::vector<std::string_view>& fields, size_t at) {
  if (fields.size() < at + 3) return InvalidArgument("expected {} fields, found {}", at + 3, fields.size());
  Vec3 v;
  for (int k = 0; k < 3; ++k) {
    SUPERION_ASSIGN_OR_RETURN(v[k], ParseReal(fields[at + k]));
  }
  return v;
}

absl::StatusOr<std::string> ElementOfLabel(std::string_view label) {
  std::string letters;
  for (const unsigned char c : label.substr(0, 2)) {
    if (!std::isalpha(c)) break;
    letters += static_cast<char>(letters.empty() ? std::toupper(c) : std::tolower(c));
  }
  for (size_t n = letters.size(); n > 0; --n) {
    if (AtomicNumber(letters.substr(0, n)).ok()) return letters.substr(0, n);
  }
  return NotFound("the label \"{}\" does not begin with a chemical symbol", label);
}

absl::StatusOr<std::string_view> LineCursor::Line(std::string_view expected) {
  if (AtEnd()) return InvalidArgument("{}: the text ends where {} should be", origin_, expected);
  return lines_[next_++];
}

absl::StatusOr<std::vector<std::string_view>> LineCursor::Fields(std::string_view expected) {
  SUPERION_ASSIGN_OR_RETURN(const std::string_view line, Line(expected));
  std::vector<std::string_view> fields;
  SplitBlanks(line, &fields);
  return fields;
}

absl::Status LineCursor::Error(std::string_view message) const {
  return InvalidArgument("{}: line {}: {}", origin_, next_, message);
}

absl::Status LineCursor::Error(const absl::Status& status) const {
  return Error(std::string_view(status.message().data(), status.message().size()));
}

}  // namespace superion
