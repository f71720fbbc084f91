// Content-addressed files: an artifact is named by the SHA-256 of its content, is written once and never
// changes. Layout below the folder of the store: `ab/abcd...` (first two digits, whole name), `tmp/` for
// files being written, `corrupt/` for files whose content no longer fits their name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/status.h"

namespace superion {

// 64 lower-case hex digits; nothing else can name a file of the store.
bool IsSha256(std::string_view name);

struct StoredArtifact {
  std::string sha256;
  int64_t size_bytes = 0;
};

// Thread-safe: every function may be called from any thread at any time.
class ArtifactStore {
 public:
  // Makes the folders when they are missing and removes what an earlier crash left in tmp/.
  static absl::StatusOr<std::unique_ptr<ArtifactStore>> Open(const std::string& directory);

  // One file on its way into the store; abandoned without Commit it leaves nothing behind.
  class Writer {
   public:
    ~Writer();
    // ResourceExhausted when the disk is full.
    absl::Status Append(std::string_view bytes);
    // Durable when it returns OK. InvalidArgument when the content does not have the hash `expected_sha256`
    // (empty: any); writing what the store already holds is fine.
    absl::StatusOr<StoredArtifact> Commit(const std::string& expected_sha256);
    int64_t size_bytes() const { return size_bytes_; }

   private:
    friend class ArtifactStore;
    struct Hash;
    Writer(const ArtifactStore& store, std::string path, int descriptor);
    const ArtifactStore& store_;
    std::string path_;
    int descriptor_;
    std::unique_ptr<Hash> hash_;
    int64_t size_bytes_ = 0;
  };
  // The writer must not outlive the store. ResourceExhausted, before a byte was sent, when the disk has less
  // room than `expected_bytes`.
  absl::StatusOr<std::unique_ptr<Writer>> NewWriter(int64_t expected_bytes = 0);

  absl::StatusOr<StoredArtifact> Put(std::string_view content);

  // Whether a file of that name (and size, when it is not negative) is there. Its content is checked on
  // reading.
  bool Has(std::string_view sha256, int64_t size_bytes = -1) const;

  // Passes the content in pieces of at most 1 MiB. NotFound when there is no such artifact, InvalidArgument
  // for an impossible name, DataLoss, naming the artifact, when its content has changed: then the pieces were
  // wrong, and the file has been moved to corrupt/, so that the same content can be put again. An error of
  // `sink` ends the reading.
  absl::Status Read(std::string_view sha256, const std::function<absl::Status(std::string_view)>& sink);
  absl::StatusOr<std::string> Read(std::string_view sha256);

  std::string PathOf(std::string_view sha256) const;

 private:
  explicit ArtifactStore(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace superion
