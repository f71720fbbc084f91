// Datasets and attributes written with the HDF5 library itself.
#pragma once

#include <hdf5.h>

#include <string>
#include <vector>

namespace superion::analysis {

// Link creation that makes the groups on the way.
inline hid_t H5Parents() {
  const hid_t list = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(list, 1);
  return list;
}

inline void WriteH5Attribute(hid_t object, const char* name, const std::string& text) {
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, text.size());
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, type, text.data());
  H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
}

struct H5Numbers {
  std::vector<hsize_t> shape;  // empty: one number
  std::vector<double> values;
  std::string unit = "";  // an attribute; "": none
  hid_t type = H5T_IEEE_F64LE;
};

inline void WriteH5Numbers(hid_t file, const std::string& path, const H5Numbers& numbers) {
  const auto& shape = numbers.shape;
  const hid_t space = shape.empty() ? H5Screate(H5S_SCALAR)
                                    : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t list = H5Parents();
  const hid_t set = H5Dcreate2(file, path.c_str(), numbers.type, space, list, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.values.data());
  if (!numbers.unit.empty()) WriteH5Attribute(set, "unit", numbers.unit);
  H5Dclose(set);
  H5Pclose(list);
  H5Sclose(space);
}

}  // namespace superion::analysis
