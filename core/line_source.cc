#include "core/line_source.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

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

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Bytes of a file, decompressed or not.
class ByteSource {
 public:
  explicit ByteSource(File file) : file_(std::move(file)) {}
  virtual ~ByteSource() = default;
  // At most `size` bytes; 0 at the end, -1 for data that cannot be decompressed.
  virtual ssize_t Read(char* to, size_t size) {
    return static_cast<ssize_t>(std::fread(to, 1, size, file_.get()));
  }
  virtual bool incomplete() const { return false; }
  bool failed() const { return std::ferror(file_.get()) != 0; }

 protected:
  File file_;
};

class GzipBytes : public ByteSource {
 public:
  explicit GzipBytes(File file) : ByteSource(std::move(file)), input_(kBuffer) {
    SUPERION_CHECK(inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK);
  }
  ~GzipBytes() override { inflateEnd(&stream_); }
  ssize_t Read(char* to, size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0) {
        stream_.next_in = input_.data();
        stream_.avail_in = static_cast<uInt>(std::fread(input_.data(), 1, input_.size(), file_.get()));
        if (stream_.avail_in == 0) return 0;
      }
      if (member_ended_) inflateReset(&stream_);
      const int result = inflate(&stream_, Z_NO_FLUSH);
      member_ended_ = result == Z_STREAM_END;
      if (result != Z_OK && result != Z_STREAM_END) return -1;
    }
    return static_cast<ssize_t>(size - stream_.avail_out);
  }
  bool incomplete() const override { return !member_ended_; }

 private:
  z_stream stream_{};
  std::vector<Bytef> input_;
  bool member_ended_ = false;
};

class ZstdBytes : public ByteSource {
 public:
  explicit ZstdBytes(File file)
      : ByteSource(std::move(file)), stream_(ZSTD_createDStream(), ZSTD_freeDStream), input_(kBuffer) {
    ZSTD_initDStream(stream_.get());
  }
  ssize_t Read(char* to, size_t size) override {
    ZSTD_outBuffer out{to, size, 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size) {
        in_ = {input_.data(), std::fread(input_.data(), 1, input_.size(), file_.get()), 0};
        if (in_.size == 0) return 0;
      }
      const size_t left = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(left)) return -1;
      frame_ended_ = left == 0;
    }
    return static_cast<ssize_t>(out.pos);
  }
  bool incomplete() const override { return !frame_ended_; }

 private:
  std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream_;
  std::vector<char> input_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool frame_ended_ = false;
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
  File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) {
    const int error = errno;
    if (error == ENOENT) return NotFound("cannot open {}: {}", path, std::strerror(error));
    return DataLoss("cannot open {}: {}", path, std::strerror(error));
  }
  unsigned char magic[4] = {};
  const size_t n = std::fread(magic, 1, sizeof magic, file.get());
  if (std::ferror(file.get()) != 0) return DataLoss("cannot read {}: {}", path, std::strerror(errno));
  std::rewind(file.get());
  std::unique_ptr<ByteSource> bytes;
  static constexpr unsigned char kZstd[4] = {0x28, 0xB5, 0x2F, 0xFD};
  if (n >= 2 && magic[0] == 0x1F && magic[1] == 0x8B) {
    bytes = std::make_unique<GzipBytes>(std::move(file));
  } else if (n == 4 && std::memcmp(magic, kZstd, 4) == 0) {
    bytes = std::make_unique<ZstdBytes>(std::move(file));
  } else {
    bytes = std::make_unique<ByteSource>(std::move(file));
  }
  return std::make_unique<FileLines>(std::move(bytes), path);
}

}  // namespace superion
