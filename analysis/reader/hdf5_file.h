// The little of HDF5 that a reader of trajectories needs, with errors as statuses.
#pragma once

#include <hdf5.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/status.h"

namespace superion::analysis {

// Owner of an identifier of any kind.
class H5Handle {
 public:
  H5Handle() = default;
  explicit H5Handle(hid_t id) : id_(id) {}
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~H5Handle();
  hid_t get() const { return id_; }
  bool ok() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
};

class H5Dataset {
 public:
  // Nothing when there is no dataset of this name below `parent`.
  static std::optional<H5Dataset> Open(const H5Handle& parent, const std::string& name);

  const std::vector<size_t>& shape() const { return shape_; }
  size_t rows() const { return shape_.empty() ? 0 : shape_[0]; }
  bool is_text() const;
  // All numbers, or those of one row (the first index). DataLoss when they cannot be read or are of another
  // kind.
  absl::StatusOr<std::vector<double>> Read() const;
  absl::StatusOr<std::vector<double>> ReadRow(size_t row) const;
  absl::StatusOr<std::vector<std::string>> ReadText() const;
  // Of a numeric attribute; `fallback` when it is not there.
  double NumberAttribute(const char* name, double fallback) const;
  std::string TextAttribute(const char* name) const;  // "" when it is not there
  // Names of an enumeration's values; empty for other types.
  std::vector<std::pair<std::string, double>> EnumNames() const;

 private:
  H5Handle set_, type_;
  std::vector<size_t> shape_;
  std::string name_;
};

absl::StatusOr<H5Handle> OpenH5(const std::string& path);
H5Handle OpenGroup(const H5Handle& parent, const std::string& name);    // not ok() when it is not there
std::string TextAttributeOf(const H5Handle& object, const char* name);  // "" when it is not there
std::vector<std::string> GroupNames(const H5Handle& group);             // of the groups in a group

}  // namespace superion::analysis
