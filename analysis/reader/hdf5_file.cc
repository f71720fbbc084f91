#include "analysis/reader/hdf5_file.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace superion::analysis {
namespace {

bool Exists(const H5Handle& parent, const std::string& name) {
  // Every part of the path must be asked for by itself.
  for (size_t at = 0; at != std::string::npos;) {
    at = name.find('/', at + 1);
    if (H5Lexists(parent.get(), name.substr(0, at).c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return true;
}

H5Handle OpenObject(const H5Handle& parent, const std::string& name, H5I_type_t wanted) {
  if (!Exists(parent, name)) return {};
  H5Handle object(H5Oopen(parent.get(), name.c_str(), H5P_DEFAULT));
  if (!object.ok() || H5Iget_type(object.get()) != wanted) return {};
  return object;
}

size_t Product(const std::vector<size_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), size_t{1}, std::multiplies<>());
}

std::string Stripped(std::string text) {
  text.resize(std::min(text.find('\0'), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// `n` texts of fixed or variable length, read by `read(memory type, buffer)`.
bool ReadTexts(hid_t type, size_t n, const std::function<bool(hid_t, void*)>& read,
               std::vector<std::string>* out) {
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> pointers(n, nullptr);
    const H5Handle memory(H5Tcopy(type));
    if (!read(memory.get(), pointers.data())) return false;
    for (char* text : pointers) {
      out->push_back(text == nullptr ? "" : Stripped(text));
      H5free_memory(text);
    }
    return true;
  }
  const size_t width = H5Tget_size(type);
  std::string buffer(n * width, '\0');
  if (!read(type, buffer.data())) return false;
  for (size_t i = 0; i < n; ++i) out->push_back(Stripped(buffer.substr(i * width, width)));
  return true;
}

}  // namespace

H5Handle::~H5Handle() {
  if (id_ >= 0) H5Idec_ref(id_);
}

std::optional<H5Dataset> H5Dataset::Open(const H5Handle& parent, const std::string& name) {
  H5Dataset out;
  out.set_ = OpenObject(parent, name, H5I_DATASET);
  if (!out.set_.ok()) return std::nullopt;
  out.name_ = name;
  out.type_ = H5Handle(H5Dget_type(out.set_.get()));
  const H5Handle space(H5Dget_space(out.set_.get()));
  std::vector<hsize_t> shape(static_cast<size_t>(std::max(0, H5Sget_simple_extent_ndims(space.get()))));
  H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
  out.shape_.assign(shape.begin(), shape.end());
  return out;
}

bool H5Dataset::is_text() const { return H5Tget_class(type_.get()) == H5T_STRING; }

absl::StatusOr<std::vector<double>> H5Dataset::Read() const {
  std::vector<double> out(Product(shape_));
  const H5T_class_t kind = H5Tget_class(type_.get());
  herr_t status = -1;
  if (kind == H5T_ENUM) {
    // An enumeration is read as the integers it is made of.
    const H5Handle base(H5Tget_super(type_.get()));
    std::vector<long long> values(out.size());
    const H5Handle memory(H5Tcopy(type_.get()));
    std::vector<char> raw(out.size() * H5Tget_size(memory.get()));
    status = H5Dread(set_.get(), memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data());
    raw.resize(std::max(raw.size(), values.size() * sizeof(long long)));
    if (status >= 0)
      status = H5Tconvert(base.get(), H5T_NATIVE_LLONG, values.size(), raw.data(), nullptr, H5P_DEFAULT);
    const auto* numbers = reinterpret_cast<const long long*>(raw.data());
    for (size_t i = 0; i < out.size() && status >= 0; ++i) out[i] = static_cast<double>(numbers[i]);
  } else if (kind == H5T_INTEGER || kind == H5T_FLOAT) {
    status = H5Dread(set_.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data());
  }
  if (status < 0) return DataLoss("the numbers of {} cannot be read", name_);
  return out;
}

absl::StatusOr<std::vector<double>> H5Dataset::ReadRow(size_t row) const {
  if (row >= rows()) return DataLoss("{} has {} rows, row {} was asked for", name_, rows(), row + 1);
  std::vector<hsize_t> start(shape_.size(), 0), count(shape_.begin(), shape_.end());
  start[0] = row;
  count[0] = 1;
  std::vector<double> out(Product(shape_) / shape_[0]);
  const H5Handle file_space(H5Dget_space(set_.get()));
  const hsize_t n = out.size();
  const H5Handle memory_space(H5Screate_simple(1, &n, nullptr));
  const bool numeric = H5Tget_class(type_.get()) == H5T_INTEGER || H5Tget_class(type_.get()) == H5T_FLOAT;
  if (!numeric ||
      H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) <
          0 ||
      H5Dread(set_.get(), H5T_NATIVE_DOUBLE, memory_space.get(), file_space.get(), H5P_DEFAULT, out.data()) <
          0)
    return DataLoss("row {} of {} cannot be read", row + 1, name_);
  return out;
}

absl::StatusOr<std::vector<std::string>> H5Dataset::ReadText() const {
  std::vector<std::string> out;
  const auto read = [&](hid_t type, void* to) {
    return H5Dread(set_.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) >= 0;
  };
  if (!is_text() || !ReadTexts(type_.get(), Product(shape_), read, &out))
    return DataLoss("the text of {} cannot be read", name_);
  return out;
}

double H5Dataset::NumberAttribute(const char* name, double fallback) const {
  if (H5Aexists(set_.get(), name) <= 0) return fallback;
  const H5Handle attribute(H5Aopen(set_.get(), name, H5P_DEFAULT));
  double value = fallback;
  return H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) >= 0 ? value : fallback;
}

std::string H5Dataset::TextAttribute(const char* name) const { return TextAttributeOf(set_, name); }

std::string TextAttributeOf(const H5Handle& object, const char* name) {
  if (H5Aexists(object.get(), name) <= 0) return "";
  const H5Handle attribute(H5Aopen(object.get(), name, H5P_DEFAULT));
  const H5Handle type(H5Aget_type(attribute.get()));
  const H5Handle space(H5Aget_space(attribute.get()));
  std::vector<std::string> texts;
  const auto read = [&](hid_t memory, void* to) { return H5Aread(attribute.get(), memory, to) >= 0; };
  if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1 ||
      !ReadTexts(type.get(), 1, read, &texts))
    return "";
  return texts[0];
}

std::vector<std::pair<std::string, double>> H5Dataset::EnumNames() const {
  std::vector<std::pair<std::string, double>> out;
  if (H5Tget_class(type_.get()) != H5T_ENUM) return out;
  const H5Handle base(H5Tget_super(type_.get()));
  const int members = H5Tget_nmembers(type_.get());
  for (int k = 0; k < members; ++k) {
    long long buffer[2] = {};
    H5Tget_member_value(type_.get(), static_cast<unsigned>(k), buffer);
    H5Tconvert(base.get(), H5T_NATIVE_LLONG, 1, buffer, nullptr, H5P_DEFAULT);
    char* name = H5Tget_member_name(type_.get(), static_cast<unsigned>(k));
    out.emplace_back(name, static_cast<double>(buffer[0]));
    H5free_memory(name);
  }
  return out;
}

absl::StatusOr<H5Handle> OpenH5(const std::string& path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors are returned, not printed
  H5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!file.ok())
    return DataLoss("{}: cannot be opened as HDF5: damaged, cut or still open for writing", path);
  return file;
}

H5Handle OpenGroup(const H5Handle& parent, const std::string& name) {
  return OpenObject(parent, name, H5I_GROUP);
}

std::vector<std::string> GroupNames(const H5Handle& group) {
  std::vector<std::string> names;
  H5G_info_t info{};
  if (H5Gget_info(group.get(), &info) < 0) return names;
  for (hsize_t k = 0; k < info.nlinks; ++k) {
    char name[1024] = {};
    if (H5Lget_name_by_idx(group.get(), ".", H5_INDEX_NAME, H5_ITER_INC, k, name, sizeof name, H5P_DEFAULT) <=
        0)
      continue;
    if (OpenGroup(group, name).ok()) names.emplace_back(name);
  }
  return names;
}

}  // namespace superion::analysis
