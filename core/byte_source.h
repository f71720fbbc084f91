// Bytes of a file, decompressed where its content says that it is compressed.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>

#include "core/status.h"

namespace superion {

class ByteSource {
 public:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  explicit ByteSource(File file) : file_(std::move(file)) {}
  virtual ~ByteSource() = default;
  // At most `size` bytes; 0 at the end, -1 for data that cannot be decompressed.
  virtual ssize_t Read(char* to, size_t size);
  virtual bool incomplete() const { return false; }  // at the end: compressed data ended too early
  bool failed() const { return std::ferror(file_.get()) != 0; }

 protected:
  File file_;
};

// By the first bytes: gzip, zstd, xz and bzip2 (several members follow each other), else the file as it is.
// NotFound or DataLoss names the path; InvalidArgument for xz and bzip2 in a build without them.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenBytes(const std::string& path);

}  // namespace superion
