#include "analysis/reader/path_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace superion::analysis {
namespace {

class MemoryChunk : public PathChunk {
 public:
  MemoryChunk(std::vector<double> rows, size_t n_frames) : rows_(std::move(rows)), n_frames_(n_frames) {}
  size_t n_frames() const override { return n_frames_; }
  absl::Status Read(size_t row, size_t first, std::span<double> out) const override {
    std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(row * n_frames_ + first), out.size(),
                out.begin());
    return absl::OkStatus();
  }

 private:
  const std::vector<double> rows_;
  const size_t n_frames_;
};

}  // namespace

struct PathStore::File {
  File(int descriptor, std::string name) : fd(descriptor), path(std::move(name)) {}
  ~File() { ::close(fd); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  absl::Status Write(const double* from, size_t n) {
    const char* at = reinterpret_cast<const char*>(from);
    for (size_t left = n * sizeof(double); left > 0;) {
      const ssize_t done = ::pwrite(fd, at, left, end);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) {
        const int error = errno;
        const auto message =
            fmt::format("cannot write the paths of the ions to {}: {}", path, std::strerror(error));
        return error == ENOSPC || error == EDQUOT ? absl::ResourceExhaustedError(message)
                                                  : absl::DataLossError(message);
      }
      at += done;
      end += done;
      left -= static_cast<size_t>(done);
    }
    return absl::OkStatus();
  }

  absl::Status Read(off_t offset, std::span<double> out) const {
    char* at = reinterpret_cast<char*>(out.data());
    for (size_t left = out.size_bytes(); left > 0;) {
      const ssize_t done = ::pread(fd, at, left, offset);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0)
        return Internal("cannot read the paths of the ions back from {}: {}", path,
                        done < 0 ? std::strerror(errno) : "the file ends too early");
      at += done;
      offset += done;
      left -= static_cast<size_t>(done);
    }
    return absl::OkStatus();
  }

  // Chunk of one file, which stays open as long as one of them is there.
  class Chunk : public PathChunk {
   public:
    Chunk(std::shared_ptr<File> file, off_t offset, size_t n_frames)
        : file_(std::move(file)), offset_(offset), n_frames_(n_frames) {}
    size_t n_frames() const override { return n_frames_; }
    absl::Status Read(size_t row, size_t first, std::span<double> out) const override {
      return file_->Read(offset_ + static_cast<off_t>((row * n_frames_ + first) * sizeof(double)), out);
    }

   private:
    const std::shared_ptr<File> file_;
    const off_t offset_;
    const size_t n_frames_;
  };

  const int fd;
  const std::string path;
  off_t end = 0;
};

PathStore::PathStore(std::string folder, size_t memory_bytes)
    : folder_(std::move(folder)),
      memory_bytes_(memory_bytes),
      chunk_bytes_(std::clamp<size_t>(memory_bytes / 4, size_t{1} << 16, size_t{64} << 20)) {}

PathStore::~PathStore() = default;

absl::Status PathStore::OpenFile() {
  std::string path = folder_ + "/superion-paths-XXXXXX";
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0)
    return Internal("cannot make a file for the paths of the ions in {}: {}", folder_, std::strerror(errno));
  ::unlink(path.c_str());
  file_ = std::make_shared<File>(fd, path);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const PathChunk>> PathStore::Add(std::vector<double> rows, size_t n_frames) {
  const size_t bytes = rows.size() * sizeof(double);
  if (file_ == nullptr && used_bytes_ + bytes <= memory_bytes_) {
    used_bytes_ += bytes;
    return std::make_shared<MemoryChunk>(std::move(rows), n_frames);
  }
  if (file_ == nullptr) SUPERION_RETURN_IF_ERROR(OpenFile());
  const off_t offset = file_->end;
  SUPERION_RETURN_IF_ERROR(file_->Write(rows.data(), rows.size()));
  return std::make_shared<File::Chunk>(file_, offset, n_frames);
}

PathWriter::PathWriter(std::shared_ptr<PathStore> store, size_t n_atoms)
    : store_(std::move(store)),
      n_rows_(3 * n_atoms),
      frames_per_chunk_(
          std::max<size_t>(8, store_->chunk_bytes() / (std::max<size_t>(1, n_rows_) * sizeof(double)))) {}

absl::Status PathWriter::Add(const std::vector<Vec3>& positions) {
  SUPERION_CHECK(3 * positions.size() == n_rows_);
  rows_.resize(n_rows_ * frames_per_chunk_);
  for (size_t i = 0; i < positions.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) rows_[(3 * i + c) * frames_per_chunk_ + n_frames_] = positions[i][c];
  }
  return ++n_frames_ == frames_per_chunk_ ? Flush() : absl::OkStatus();
}

absl::Status PathWriter::Flush() {
  if (n_frames_ == 0) return absl::OkStatus();
  if (n_frames_ < frames_per_chunk_) {
    for (size_t row = 1; row < n_rows_; ++row)
      std::memmove(&rows_[row * n_frames_], &rows_[row * frames_per_chunk_], n_frames_ * sizeof(double));
    rows_.resize(n_rows_ * n_frames_);
    rows_.shrink_to_fit();
  }
  SUPERION_ASSIGN_OR_RETURN(auto chunk, store_->Add(std::move(rows_), n_frames_));
  chunks_.push_back(std::move(chunk));
  rows_ = {};
  n_frames_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::shared_ptr<const PathChunk>>> PathWriter::Finish() {
  SUPERION_RETURN_IF_ERROR(Flush());
  return std::move(chunks_);
}

}  // namespace superion::analysis
