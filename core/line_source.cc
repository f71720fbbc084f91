#include "core/line_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/byte_source.h"

namespace superion {
namespace {

constexpr size_t kBuffer = size_t{1} << 18;

class TextLines : public LineSource {
 public:
  explicit TextLines(std::string_view text) : rest_(text) {}
  bool Next(std::string_view* line) override {
    if (rest_.empty()) return false;
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    cut_ = end == rest_.size();
    *line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return true;
  }
  bool cut() const override { return rest_.empty() && cut_; }

 private:
  std::string_view rest_;
  bool cut_ = false;
};

class FileLines : public LineSource {
 public:
  FileLines(std::unique_ptr<ByteSource> bytes, std::string path)
      : bytes_(std::move(bytes)), path_(std::move(path)), buffer_(kBuffer) {}

  bool Next(std::string_view* line) override {
    size_t searched = begin_;
    for (;;) {
      const auto* found =
          static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', end_ - searched));
      if (found != nullptr) {
        const auto at = static_cast<size_t>(found - buffer_.data());
        *line = std::string_view(buffer_.data() + begin_, at - begin_);
        begin_ = at + 1;
        return true;
      }
      searched = end_ - begin_;
      if (!Fill()) break;
    }
    if (!status_.ok() || begin_ == end_) return false;
    cut_ = true;
    *line = std::string_view(buffer_.data() + begin_, end_ - begin_);
    begin_ = end_;
    return true;
  }

  absl::Status status() const override { return status_; }
  bool cut() const override { return cut_; }

 private:
  // Moves what is left to the front and reads behind it.
  bool Fill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
    const ssize_t n = bytes_->Read(buffer_.data() + end_, buffer_.size() - end_);
    if (n > 0) {
      end_ += static_cast<size_t>(n);
      return true;
    }
    if (n < 0) status_ = DataLoss("cannot read {}: its compressed content is damaged", path_);
    if (n == 0 && bytes_->failed()) status_ = DataLoss("cannot read {}: {}", path_, std::strerror(errno));
    if (n == 0 && bytes_->incomplete()) cut_ = true;
    return false;
  }

  std::unique_ptr<ByteSource> bytes_;
  const std::string path_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;
  bool cut_ = false;
  absl::Status status_;
};

}  // namespace

std::unique_ptr<LineSource> LinesOfText(std::string_view text) { return std::make_unique<TextLines>(text); }

absl::StatusOr<std::unique_ptr<LineSource>> OpenLines(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(auto bytes, OpenBytes(path));
  return std::make_unique<FileLines>(std::move(bytes), path);
}

}  // namespace superion
