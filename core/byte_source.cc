#include "core/byte_source.h"

#include <zlib.h>
#include <zstd.h>
#ifdef SUPERION_HAS_XZ_AND_BZIP2
#include <bzlib.h>
#include <lzma.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace superion {
namespace {

constexpr size_t kBuffer = size_t{1} << 18;

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

#ifdef SUPERION_HAS_XZ_AND_BZIP2
class XzBytes : public ByteSource {
 public:
  explicit XzBytes(File file) : ByteSource(std::move(file)), input_(kBuffer) {
    constexpr uint64_t kNoLimit = UINT64_MAX;
    SUPERION_CHECK(lzma_stream_decoder(&stream_, kNoLimit, LZMA_CONCATENATED) == LZMA_OK);
  }
  ~XzBytes() override { lzma_end(&stream_); }
  ssize_t Read(char* to, size_t size) override {
    stream_.next_out = reinterpret_cast<uint8_t*>(to);
    stream_.avail_out = size;
    while (stream_.avail_out == size && !ended_) {
      const bool more = stream_.avail_in > 0 || Fill();
      const lzma_ret result = lzma_code(&stream_, more ? LZMA_RUN : LZMA_FINISH);
      ended_ = result == LZMA_STREAM_END;
      if (result == LZMA_BUF_ERROR && !more) return 0;  // the file was cut
      if (result != LZMA_OK && !ended_) return -1;
    }
    return static_cast<ssize_t>(size - stream_.avail_out);
  }
  bool incomplete() const override { return !ended_; }

 private:
  bool Fill() {
    stream_.next_in = input_.data();
    stream_.avail_in = std::fread(input_.data(), 1, input_.size(), file_.get());
    return stream_.avail_in > 0;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  std::vector<uint8_t> input_;
  bool ended_ = false;
};

class Bzip2Bytes : public ByteSource {
 public:
  explicit Bzip2Bytes(File file) : ByteSource(std::move(file)), input_(kBuffer) { Begin(); }
  ~Bzip2Bytes() override { BZ2_bzDecompressEnd(&stream_); }
  ssize_t Read(char* to, size_t size) override {
    stream_.next_out = to;
    stream_.avail_out = static_cast<unsigned>(size);
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0) {
        stream_.next_in = input_.data();
        stream_.avail_in = static_cast<unsigned>(std::fread(input_.data(), 1, input_.size(), file_.get()));
        if (stream_.avail_in == 0) return 0;
      }
      if (member_ended_) NextMember();
      const int result = BZ2_bzDecompress(&stream_);
      member_ended_ = result == BZ_STREAM_END;
      if (result != BZ_OK && result != BZ_STREAM_END) return -1;
    }
    return static_cast<ssize_t>(size - stream_.avail_out);
  }
  bool incomplete() const override { return !member_ended_; }

 private:
  void Begin() { SUPERION_CHECK(BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK); }
  void NextMember() {
    const bz_stream position = stream_;
    BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    Begin();
    stream_.next_in = position.next_in, stream_.avail_in = position.avail_in;
    stream_.next_out = position.next_out, stream_.avail_out = position.avail_out;
  }

  bz_stream stream_{};
  std::vector<char> input_;
  bool member_ended_ = false;
};
#endif

constexpr std::string_view kGzip = "\x1F\x8B", kZstd = "\x28\xB5\x2F\xFD", kBzip2 = "BZh";
constexpr std::string_view kXz{
    "\xFD"
    "7zXZ\0",
    6};

absl::StatusOr<std::unique_ptr<ByteSource>> OpenXzOrBzip2(ByteSource::File file, bool xz,
                                                          const std::string& path) {
#ifdef SUPERION_HAS_XZ_AND_BZIP2
  if (xz) return std::make_unique<XzBytes>(std::move(file));
  return std::make_unique<Bzip2Bytes>(std::move(file));
#else
  return InvalidArgument("{}: compressed with {}, which this build does not read: decompress it first", path,
                         xz ? "xz" : "bzip2");
#endif
}

}  // namespace

ssize_t ByteSource::Read(char* to, size_t size) {
  return static_cast<ssize_t>(std::fread(to, 1, size, file_.get()));
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenBytes(const std::string& path) {
  ByteSource::File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) {
    const int error = errno;
    if (error == ENOENT) return NotFound("cannot open {}: {}", path, std::strerror(error));
    return DataLoss("cannot open {}: {}", path, std::strerror(error));
  }
  char start[6] = {};
  const std::string_view magic(start, std::fread(start, 1, sizeof start, file.get()));
  if (std::ferror(file.get()) != 0) return DataLoss("cannot read {}: {}", path, std::strerror(errno));
  std::rewind(file.get());
  if (magic.starts_with(kGzip)) return std::make_unique<GzipBytes>(std::move(file));
  if (magic.starts_with(kZstd)) return std::make_unique<ZstdBytes>(std::move(file));
  const bool bzip2 = magic.starts_with(kBzip2) && magic.size() > 3 && magic[3] >= '1' && magic[3] <= '9';
  if (magic.starts_with(kXz) || bzip2) return OpenXzOrBzip2(std::move(file), !bzip2, path);
  return std::make_unique<ByteSource>(std::move(file));
}

}  // namespace superion
