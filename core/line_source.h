// Lines of a text or of a file, which may be compressed (core/byte_source.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/status.h"

namespace superion {

// Lines without their end (LF; a CR before it stays).
class LineSource {
 public:
  virtual ~LineSource() = default;
  // False at the end or after an error; the view is good until the next call.
  virtual bool Next(std::string_view* line) = 0;
  virtual absl::Status status() const { return absl::OkStatus(); }
  // True once the end was reached and the last line had no line break: the file may have been cut.
  virtual bool cut() const { return false; }
};

std::unique_ptr<LineSource> LinesOfText(std::string_view text);  // `text` must outlive it

// A file as OpenBytes gives it, and its errors; a compressed file that ends too early counts as cut, not as
// an error.
absl::StatusOr<std::unique_ptr<LineSource>> OpenLines(const std::string& path);

}  // namespace superion
