// Line-oriented reading of foreign text: fields separated by blanks, numbers that must be whole, errors that
// name the line.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/extxyz_comment.h"
#include "core/status.h"
#include "core/vec3.h"

namespace superion {

// Lines without LF or CRLF and without a byte order mark; the pieces point into `text`.
std::vector<std::string_view> SplitLines(std::string_view text);
std::string_view Trim(std::string_view text);
std::string Lower(std::string_view text);

// A whole number with nothing after it.
absl::StatusOr<int> ParseInteger(std::string_view text);
// Three finite numbers from fields[at ...]; more fields may follow.
absl::StatusOr<Vec3> ParseVector(const std::vector<std::string_view>& fields, size_t at = 0);

// Chemical symbol at the start of a label like "Li1", "Fe_up", "S2-" or "CL3": two letters when they are an
// element, else one. NotFound names the label.
absl::StatusOr<std::string> ElementOfLabel(std::string_view label);

// Walks through the lines of a text and says where it is.
class LineCursor {
 public:
  LineCursor(std::string_view text, std::string origin)
      : lines_(SplitLines(text)), origin_(std::move(origin)) {}
  size_t Remaining() const { return lines_.size() - std::min(next_, lines_.size()); }
  bool AtEnd() const { return next_ >= lines_.size(); }
  std::string_view Peek() const { return lines_[next_]; }
  // The next line and its fields; `expected` is named when the text ends before it.
  absl::StatusOr<std::string_view> Line(std::string_view expected);
  absl::StatusOr<std::vector<std::string_view>> Fields(std::string_view expected);
  void Skip() { ++next_; }
  // InvalidArgument "origin: line n: message" about the line that was read last.
  absl::Status Error(std::string_view message) const;
  absl::Status Error(const absl::Status& status) const;

 private:
  std::vector<std::string_view> lines_;
  std::string origin_;
  size_t next_ = 0;
};

}  // namespace superion
