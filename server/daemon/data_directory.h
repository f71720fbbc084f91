// The folder that belongs to one daemon: database, artifacts, token, endpoint, log.
#pragma once

#include <memory>
#include <string>

#include "core/status.h"

namespace superion {

class DataDirectory {
 public:
  // Makes the folder (mode 0700) and locks it until the end of this object. FailedPrecondition when another
  // daemon has it, or when others than its owner may write there.
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(const std::string& path);
  ~DataDirectory();

  const std::string& path() const { return path_; }  // absolute
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // The token in `file`, else in D/token, which is made from the system's random source when it is missing. A
  // token file that others can read is refused.
  absl::StatusOr<std::string> Token(const std::string& file = "") const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;
};

}  // namespace superion
