// Files of one JSON header line followed by records of equal length, little-endian float64: what displacement
// streams and trajectories are made of. After a crash at most the last, incomplete record is lost.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/status.h"

namespace superion {

class RecordWriter {
 public:
  // `width`: numbers per record. The header must not contain a line break when dumped (JSON never does).
  static absl::StatusOr<RecordWriter> Create(const std::string& path, const Json& header, size_t width);
  // Continues a file: keeps its header line and its first `n_records` records, drops the rest. DataLoss when
  // it holds fewer.
  static absl::StatusOr<RecordWriter> Continue(const std::string& path, size_t width, size_t n_records);

  // Hands the record to the system before it returns. ResourceExhausted when the disk is full.
  absl::Status Append(const double* record);
  // Waits until everything is on the disk.
  absl::Status Sync();
  size_t width() const { return width_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  RecordWriter(std::FILE* file, std::string path, size_t width)
      : file_(file), path_(std::move(path)), width_(width) {}
  std::unique_ptr<std::FILE, Close> file_;
  std::string path_;
  size_t width_;
};

// The header line; DataLoss when there is none or it is not JSON.
absl::StatusOr<Json> ReadRecordHeader(const std::string& path);

// Reads the complete records one after the other.
class RecordReader {
 public:
  static absl::StatusOr<RecordReader> Open(const std::string& path, size_t width);
  // False at the end. DataLoss names the record (from 1) that holds a number that is not finite.
  absl::StatusOr<bool> Next(double* record);
  // True once the end was reached and it fell within a record.
  bool truncated() const { return truncated_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  RecordReader(std::FILE* file, std::string path, size_t width)
      : file_(file), path_(std::move(path)), width_(width) {}
  std::unique_ptr<std::FILE, Close> file_;
  std::string path_;
  size_t width_, index_ = 0;
  bool truncated_ = false;
};

// Calls `visit(index, record)` for every complete record in order, with the memory of one. DataLoss names the
// record (from 1) that holds a number that is not finite; an error of `visit` ends the reading and is
// returned.
absl::Status ForEachRecord(const std::string& path, size_t width,
                           const std::function<absl::Status(size_t index, const double* record)>& visit);

}  // namespace superion
