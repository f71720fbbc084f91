#include "database/artifact_store.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "database/filesystem.h"

namespace superion {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

absl::Status SystemError(const std::string& attempted, const std::string& path) {
  const int error = errno;
  const std::string message =
      fmt::format("artifact store: cannot {} {}: {}", attempted, path, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  if (error == ENOENT) return absl::NotFoundError(message);
  return absl::UnavailableError(message);
}

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return SystemError("make the folder", path);
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  int get() const { return value_; }

 private:
  int value_;
};

// SHA-256 of a stream of bytes.
class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { EVP_MD_CTX_free(context_); }
  void Add(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  std::string Hex() {
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(context_, digest.data(), nullptr);
    std::string text;
    for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  EVP_MD_CTX* context_;
};

}  // namespace

struct ArtifactStore::Writer::Hash {
  Digest digest;
};

bool IsSha256(std::string_view name) {
  return name.size() == 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

absl::StatusOr<std::unique_ptr<ArtifactStore>> ArtifactStore::Open(const std::string& directory) {
  SUPERION_RETURN_IF_ERROR(MakeDirectory(directory));
  SUPERION_RETURN_IF_ERROR(MakeDirectory(directory + "/tmp"));
  SUPERION_RETURN_IF_ERROR(MakeDirectory(directory + "/corrupt"));
  SUPERION_RETURN_IF_ERROR(SyncDirectory(directory));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/tmp", error)) {
    std::filesystem::remove(entry.path(), error);
  }
  return std::unique_ptr<ArtifactStore>(new ArtifactStore(directory));
}

std::string ArtifactStore::PathOf(std::string_view sha256) const {
  return fmt::format("{}/{}/{}", directory_, sha256.substr(0, 2), sha256);
}

ArtifactStore::Writer::Writer(const ArtifactStore& store, std::string path, int descriptor)
    : store_(store), path_(std::move(path)), descriptor_(descriptor), hash_(std::make_unique<Hash>()) {}

ArtifactStore::Writer::~Writer() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!path_.empty()) unlink(path_.c_str());
}

absl::Status ArtifactStore::Writer::Append(std::string_view bytes) {
  hash_->digest.Add(bytes);
  size_bytes_ += static_cast<int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write", path_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<StoredArtifact> ArtifactStore::Writer::Commit(const std::string& expected_sha256) {
  const StoredArtifact stored{hash_->digest.Hex(), size_bytes_};
  if (!expected_sha256.empty() && stored.sha256 != expected_sha256) {
    return InvalidArgument("artifact {}: the {} bytes received have the hash {}", expected_sha256,
                           size_bytes_, stored.sha256);
  }
  if (fsync(descriptor_) != 0) return SystemError("sync", path_);
  const std::string final_path = store_.PathOf(stored.sha256);
  const std::string folder = std::filesystem::path(final_path).parent_path().string();
  if (access(folder.c_str(), F_OK) != 0) {
    SUPERION_RETURN_IF_ERROR(MakeDirectory(folder));
    SUPERION_RETURN_IF_ERROR(SyncDirectory(store_.directory_));
  }
  if (rename(path_.c_str(), final_path.c_str()) != 0)
    return SystemError("rename " + path_ + " to", final_path);
  path_.clear();
  SUPERION_RETURN_IF_ERROR(SyncDirectory(folder));
  return stored;
}

absl::StatusOr<std::unique_ptr<ArtifactStore::Writer>> ArtifactStore::NewWriter(int64_t expected_bytes) {
  std::error_code error;
  const auto space = std::filesystem::space(directory_, error);
  if (!error && space.available < static_cast<uintmax_t>(expected_bytes)) {
    return ResourceExhausted("artifact store: the disk of {} has {} bytes free, expected {}; free some space",
                             directory_, space.available, expected_bytes);
  }
  std::string path = directory_ + "/tmp/XXXXXX";
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return SystemError("make a file in", directory_ + "/tmp");
  return std::unique_ptr<Writer>(new Writer(*this, path, descriptor));
}

absl::StatusOr<StoredArtifact> ArtifactStore::Put(std::string_view content) {
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Writer> writer, NewWriter());
  SUPERION_RETURN_IF_ERROR(writer->Append(content));
  return writer->Commit("");
}

bool ArtifactStore::Has(std::string_view sha256, int64_t size_bytes) const {
  if (!IsSha256(sha256)) return false;
  struct stat info {};
  if (stat(PathOf(sha256).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  return size_bytes < 0 || info.st_size == size_bytes;
}

absl::Status ArtifactStore::Read(std::string_view sha256,
                                 const std::function<absl::Status(std::string_view)>& sink) {
  if (!IsSha256(sha256))
    return InvalidArgument("'{}' is not the name of an artifact: expected 64 hex digits", sha256);
  const std::string path = PathOf(sha256);
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return SystemError("open the artifact", path);
  Digest digest;
  std::vector<char> buffer(kPieceBytes);
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("read", path);
    if (count == 0) break;
    const std::string_view piece(buffer.data(), static_cast<size_t>(count));
    digest.Add(piece);
    SUPERION_RETURN_IF_ERROR(sink(piece));
  }
  const std::string found = digest.Hex();
  if (found == sha256) return absl::OkStatus();
  const std::string aside = fmt::format("{}/corrupt/{}", directory_, sha256);
  (void)std::rename(path.c_str(), aside.c_str());
  return DataLoss("artifact {} is corrupt: its content now has the hash {}; moved to {}", sha256, found,
                  aside);
}

absl::StatusOr<std::string> ArtifactStore::Read(std::string_view sha256) {
  std::string content;
  SUPERION_RETURN_IF_ERROR(Read(sha256, [&content](std::string_view piece) {
    content.append(piece);
    return absl::OkStatus();
  }));
  return content;
}

}  // namespace superion
