#include "core/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace superion {
namespace {

absl::Status SystemError(const std::string& what, const std::string& path) {
  const int error = errno;
  const std::string message = fmt::format("{} {}: {}", what, path, std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == EISDIR || error == ENOTDIR) return absl::InvalidArgumentError(message);
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  if (error == EACCES || error == EROFS || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::DataLossError(message);
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

absl::Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("cannot write", path);
    content.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& directory) {
  const Descriptor d{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (d.fd < 0) return SystemError("cannot open folder", directory);
  if (::fsync(d.fd) != 0) return SystemError("cannot sync folder", directory);
  return absl::OkStatus();
}

absl::Status WriteTemporary(const std::string& path, std::string_view content) {
  Descriptor d{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (d.fd < 0) return SystemError("cannot create", path);
  SUPERION_RETURN_IF_ERROR(WriteAll(d.fd, content, path));
  if (::fsync(d.fd) != 0) return SystemError("cannot sync", path);
  const int fd = std::exchange(d.fd, -1);
  if (::close(fd) != 0) return SystemError("cannot close", path);
  return absl::OkStatus();
}

class Sha256Digest {
 public:
  Sha256Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    SUPERION_CHECK(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void Update(const void* bytes, size_t n) {
    SUPERION_CHECK(EVP_DigestUpdate(context_.get(), bytes, n) == 1);
  }
  std::string Hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    SUPERION_CHECK(EVP_DigestFinal_ex(context_.get(), digest, &n) == 1);
    std::string hex;
    for (unsigned int i = 0; i < n; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const Descriptor d{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (d.fd < 0) return SystemError("cannot open", path);
  std::string content;
  char buffer[1 << 16];
  while (true) {
    const ssize_t n = ::read(d.fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("cannot read", path);
    if (n == 0) return content;
    content.append(buffer, static_cast<size_t>(n));
  }
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view content) {
  static std::atomic<unsigned> serial{0};
  const std::string temporary = fmt::format("{}.part.{}.{}", path, ::getpid(), serial++);
  absl::Status status = WriteTemporary(temporary, content);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0)
    status = SystemError("cannot rename to", path);
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  const std::string directory = std::filesystem::path(path).parent_path().string();
  return SyncDirectory(directory.empty() ? "." : directory);
}

std::string Sha256(std::string_view content) {
  Sha256Digest digest;
  digest.Update(content.data(), content.size());
  return digest.Hex();
}

absl::StatusOr<std::string> Sha256File(const std::string& path) {
  const Descriptor d{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (d.fd < 0) return SystemError("cannot open", path);
  Sha256Digest digest;
  char buffer[1 << 16];
  while (true) {
    const ssize_t n = ::read(d.fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("cannot read", path);
    if (n == 0) return digest.Hex();
    digest.Update(buffer, static_cast<size_t>(n));
  }
}

}  // namespace superion
