#include "core/record_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace superion {
namespace {

static_assert(std::endian::native == std::endian::little, "record files are written without swapping bytes");
constexpr size_t kLongestHeader = size_t{64} << 20;

absl::Status SystemError(const std::string& what, const std::string& path) {
  const int error = errno;
  const std::string message = fmt::format("{} {}: {}", what, path, std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::DataLossError(message);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

absl::StatusOr<File> OpenFile(const std::string& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode));
  if (file == nullptr) return SystemError("cannot open", path);
  return file;
}

// Reads through the line break; the file is left at the first record.
absl::StatusOr<std::string> ReadHeaderLine(std::FILE* file, const std::string& path) {
  std::string line;
  for (int c = std::getc(file); c != EOF; c = std::getc(file)) {
    if (c == '\n') return line;
    line.push_back(static_cast<char>(c));
    if (line.size() > kLongestHeader) break;
  }
  return DataLoss("{}: expected a JSON header line, found no line break in the first {} bytes", path,
                  line.size());
}

}  // namespace

absl::StatusOr<RecordWriter> RecordWriter::Create(const std::string& path, const Json& header, size_t width) {
  SUPERION_ASSIGN_OR_RETURN(File file, OpenFile(path, "wbe"));
  const std::string line = DumpJson(header) + "\n";
  if (std::fwrite(line.data(), 1, line.size(), file.get()) != line.size() || std::fflush(file.get()) != 0) {
    return SystemError("cannot write", path);
  }
  return RecordWriter(file.release(), path, width);
}

absl::StatusOr<RecordWriter> RecordWriter::Continue(const std::string& path, size_t width, size_t n_records) {
  SUPERION_ASSIGN_OR_RETURN(File file, OpenFile(path, "r+be"));
  SUPERION_ASSIGN_OR_RETURN(const std::string header, ReadHeaderLine(file.get(), path));
  const off_t end = static_cast<off_t>(header.size() + 1 + n_records * width * sizeof(double));
  struct stat status;
  if (::fstat(::fileno(file.get()), &status) != 0) return SystemError("cannot examine", path);
  if (status.st_size < end) {
    return DataLoss("{}: cannot continue after record {}: the file holds {} bytes, expected at least {}",
                    path, n_records, status.st_size, end);
  }
  if (::ftruncate(::fileno(file.get()), end) != 0) return SystemError("cannot truncate", path);
  if (::fseeko(file.get(), end, SEEK_SET) != 0) return SystemError("cannot seek in", path);
  return RecordWriter(file.release(), path, width);
}

absl::Status RecordWriter::Append(const double* record) {
  if (std::fwrite(record, sizeof(double), width_, file_.get()) != width_ || std::fflush(file_.get()) != 0) {
    return SystemError("cannot write", path_);
  }
  return absl::OkStatus();
}

absl::Status RecordWriter::Sync() {
  if (std::fflush(file_.get()) != 0 || ::fdatasync(::fileno(file_.get())) != 0) {
    return SystemError("cannot sync", path_);
  }
  return absl::OkStatus();
}

absl::StatusOr<Json> ReadRecordHeader(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(File file, OpenFile(path, "rbe"));
  SUPERION_ASSIGN_OR_RETURN(const std::string line, ReadHeaderLine(file.get(), path));
  const auto header = ParseJson(line, path + " (header line)");
  if (!header.ok() || !header->is_object()) {
    return DataLoss("{}: the header line is not a JSON object{}", path,
                    header.ok() ? "" : ": " + std::string(header.status().message()));
  }
  return *header;
}

absl::StatusOr<RecordReader> RecordReader::Open(const std::string& path, size_t width) {
  SUPERION_ASSIGN_OR_RETURN(File file, OpenFile(path, "rbe"));
  SUPERION_RETURN_IF_ERROR(ReadHeaderLine(file.get(), path).status());
  return RecordReader(file.release(), path, width);
}

absl::StatusOr<bool> RecordReader::Next(double* record) {
  const size_t n = std::fread(record, sizeof(double), width_, file_.get());
  if (std::ferror(file_.get())) return SystemError("cannot read", path_);
  if (n != width_) {
    truncated_ = n > 0;
    return false;
  }
  ++index_;
  for (size_t k = 0; k < width_; ++k) {
    if (std::isfinite(record[k])) continue;
    return DataLoss("{}: record {}, number {} is {} (expected a finite number)", path_, index_, k + 1,
                    record[k]);
  }
  return true;
}

absl::Status ForEachRecord(const std::string& path, size_t width,
                           const std::function<absl::Status(size_t, const double*)>& visit) {
  SUPERION_ASSIGN_OR_RETURN(RecordReader reader, RecordReader::Open(path, width));
  std::vector<double> record(width);
  for (size_t index = 0;; ++index) {
    SUPERION_ASSIGN_OR_RETURN(const bool more, reader.Next(record.data()));
    if (!more) return absl::OkStatus();
    SUPERION_RETURN_IF_ERROR(visit(index, record.data()));
  }
}

}  // namespace superion
