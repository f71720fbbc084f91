#include <bit>
#include <cstring>

#include "core/file.h"
#include "potential/model.h"

static_assert(std::endian::native == std::endian::little, "tensors are copied as little-endian float64");

namespace superion {
namespace {

constexpr std::string_view kMagic = "SUPERION";
constexpr uint32_t kVersion = 1;
constexpr size_t kPrefixBytes = 24, kChecksumBytes = 32;

template <typename Integer>
void AppendInteger(std::string* out, Integer value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out->append(bytes, sizeof(value));
}

template <typename Integer>
Integer IntegerAt(std::string_view bytes, size_t offset) {
  Integer value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

std::string Checksum(std::string_view bytes) {
  const std::string hex = Sha256(bytes);
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string raw;
  for (size_t k = 0; k + 1 < hex.size(); k += 2)
    raw.push_back(static_cast<char>(digit(hex[k]) * 16 + digit(hex[k + 1])));
  return raw;
}

Json ArchitectureJson(const ModelArchitecture& a) {
  Json pairs = Json::array();
  for (const auto& [x, y] : a.invariant_pairs) pairs.push_back({x, y});
  return {{"species", a.species},     {"cutoff_angstrom", a.cutoff_angstrom},
          {"n_radial", a.n_radial},   {"l_max", a.l_max},
          {"channels", a.channels},   {"products", a.products},
          {"invariant_pairs", pairs}, {"hidden", a.hidden}};
}

absl::StatusOr<int> SmallInteger(const Json& object, const std::string& key, const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const int64_t value, GetInteger(object, key, where));
  if (value < 0 || value > 1 << 20) {
    return InvalidArgument("{}.{}: expected an integer from 0 to {}, found {}", where, key, 1 << 20, value);
  }
  return static_cast<int>(value);
}

absl::StatusOr<const Json*> Member(const Json& object, const std::string& key, Json::value_t type,
                                   const std::string& where) {
  const char* expected = type == Json::value_t::array ? "an array" : "an object";
  if (!object.is_object())
    return InvalidArgument("{}: expected an object, found {}", where, object.type_name());
  const auto at = object.find(key);
  if (at == object.end()) return InvalidArgument("{}.{}: expected {}, found nothing", where, key, expected);
  if (at->type() != type)
    return InvalidArgument("{}.{}: expected {}, found {}", where, key, expected, at->type_name());
  return &*at;
}

absl::StatusOr<ModelArchitecture> ArchitectureFromJson(const Json& json, const std::string& where) {
  ModelArchitecture a;
  SUPERION_ASSIGN_OR_RETURN(const Json* species, Member(json, "species", Json::value_t::array, where));
  for (const Json& symbol : *species) {
    if (!symbol.is_string())
      return InvalidArgument("{}.species: expected symbols, found {}", where, symbol.type_name());
    a.species.push_back(symbol.get<std::string>());
  }
  SUPERION_ASSIGN_OR_RETURN(a.cutoff_angstrom, GetNumber(json, "cutoff_angstrom", where));
  SUPERION_ASSIGN_OR_RETURN(a.n_radial, SmallInteger(json, "n_radial", where));
  SUPERION_ASSIGN_OR_RETURN(a.l_max, SmallInteger(json, "l_max", where));
  SUPERION_ASSIGN_OR_RETURN(a.channels, SmallInteger(json, "channels", where));
  SUPERION_ASSIGN_OR_RETURN(a.products, SmallInteger(json, "products", where));
  SUPERION_ASSIGN_OR_RETURN(a.hidden, SmallInteger(json, "hidden", where));
  SUPERION_ASSIGN_OR_RETURN(const Json* pairs, Member(json, "invariant_pairs", Json::value_t::array, where));
  a.invariant_pairs.clear();
  for (const Json& pair : *pairs) {
    const bool sound = pair.is_array() && pair.size() == 2 && pair[0].is_number_unsigned() &&
                       pair[1].is_number_unsigned() && pair[0] <= 15 && pair[1] <= 15;
    if (!sound) return InvalidArgument("{}.invariant_pairs: expected pairs of orders up to 15", where);
    a.invariant_pairs.emplace_back(pair[0].get<int>(), pair[1].get<int>());
  }
  SUPERION_RETURN_IF_ERROR(CheckArchitecture(a));
  return a;
}

// The tensors of the header's list from `bytes`, which they must fill exactly.
absl::Status ReadTensors(const Json& list, std::string_view bytes, const std::string& where, Model* model) {
  for (const Json& entry : list) {
    SUPERION_ASSIGN_OR_RETURN(const std::string name, GetString(entry, "name", where));
    SUPERION_ASSIGN_OR_RETURN(const Json* shape, Member(entry, "shape", Json::value_t::array, where));
    Tensor tensor;
    size_t size = 1;
    for (const Json& extent : *shape) {
      const size_t limit = bytes.size() / sizeof(double);
      if (!extent.is_number_unsigned() || extent.get<uint64_t>() > limit ||
          size * extent.get<uint64_t>() > limit) {
        return DataLoss("{}: tensor {} of shape {} is larger than the {} bytes left", where, name,
                        shape->dump(), bytes.size());
      }
      size *= extent.get<uint64_t>();
      tensor.shape.push_back(extent.get<int64_t>());
    }
    if (size * sizeof(double) > bytes.size()) {
      return DataLoss("{}: tensor {} needs {} bytes, {} are left", where, name, size * sizeof(double),
                      bytes.size());
    }
    tensor.values.resize(size);
    if (size > 0) std::memcpy(tensor.values.data(), bytes.data(), size * sizeof(double));
    bytes.remove_prefix(size * sizeof(double));
    if (!model->tensors.emplace(name, std::move(tensor)).second) {
      return InvalidArgument("{}: tensor {} is listed twice", where, name);
    }
  }
  if (!bytes.empty()) return DataLoss("{}: {} bytes after the last tensor", where, bytes.size());
  return absl::OkStatus();
}

absl::Status CheckUnits(const Json& header, const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const Json* units, Member(header, "units", Json::value_t::object, where));
  const Json expected{{"energy", "eV"}, {"length", "angstrom"}};
  if (*units == expected) return absl::OkStatus();
  return InvalidArgument("{}.units: expected {}, found {}", where, expected.dump(), DumpJson(*units));
}

}  // namespace

std::string SerializeModel(const Model& model) {
  Json list = Json::array();
  for (const auto& [name, tensor] : model.tensors) list.push_back({{"name", name}, {"shape", tensor.shape}});
  const Json header{{"architecture", ArchitectureJson(model.architecture)},
                    {"density_scale", model.density_scale},
                    {"energy_scale", model.energy_scale},
                    {"zbl_scale", model.zbl_scale},
                    {"tensors", list},
                    {"provenance", model.provenance},
                    {"units", {{"energy", "eV"}, {"length", "angstrom"}}}};
  const std::string text = DumpJson(header);
  std::string out(kMagic);
  AppendInteger<uint32_t>(&out, kVersion);
  AppendInteger<uint32_t>(&out, 0);
  AppendInteger<uint64_t>(&out, text.size());
  out += text;
  out.append((8 - out.size() % 8) % 8, '\0');
  for (const auto& [name, tensor] : model.tensors) {
    out.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(double));
  }
  return out + Checksum(out);
}

absl::StatusOr<Model> ParseModel(std::string_view bytes, const std::string& origin) {
  if (bytes.size() < kPrefixBytes + kChecksumBytes || bytes.substr(0, kMagic.size()) != kMagic) {
    return DataLoss("{} is not a model file: expected it to begin with {}", origin, kMagic);
  }
  const uint32_t version = IntegerAt<uint32_t>(bytes, 8);
  if (version > kVersion) {
    return absl::UnimplementedError(fmt::format(
        "{}: model file of version {}, this program reads up to version {}", origin, version, kVersion));
  }
  const std::string_view content = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (Checksum(content) != bytes.substr(content.size())) {
    return DataLoss("{}: the checksum does not fit; the file is damaged or incomplete", origin);
  }
  const uint64_t header_bytes = IntegerAt<uint64_t>(bytes, 16);
  const size_t rest = content.size() - kPrefixBytes;
  if (version == 0 || header_bytes > rest) {
    return DataLoss("{}: version {} with a header of {} bytes in {}", origin, version, header_bytes, rest);
  }
  const size_t tensors_at = (kPrefixBytes + header_bytes + 7) / 8 * 8;
  if (tensors_at > content.size()) return DataLoss("{}: ends within its header", origin);
  const std::string where = origin + ": header";
  SUPERION_ASSIGN_OR_RETURN(const Json header, ParseJson(content.substr(kPrefixBytes, header_bytes), where));
  Model model;
  SUPERION_ASSIGN_OR_RETURN(const Json* architecture,
                            Member(header, "architecture", Json::value_t::object, where));
  SUPERION_ASSIGN_OR_RETURN(model.architecture, ArchitectureFromJson(*architecture, where + ".architecture"));
  SUPERION_ASSIGN_OR_RETURN(model.density_scale, GetNumber(header, "density_scale", where));
  SUPERION_ASSIGN_OR_RETURN(model.energy_scale, GetNumber(header, "energy_scale", where));
  SUPERION_ASSIGN_OR_RETURN(model.zbl_scale, GetNumber(header, "zbl_scale", where));
  SUPERION_RETURN_IF_ERROR(CheckUnits(header, where));
  SUPERION_ASSIGN_OR_RETURN(const Json* provenance,
                            Member(header, "provenance", Json::value_t::object, where));
  model.provenance = *provenance;
  SUPERION_ASSIGN_OR_RETURN(const Json* tensors, Member(header, "tensors", Json::value_t::array, where));
  SUPERION_RETURN_IF_ERROR(ReadTensors(*tensors, content.substr(tensors_at), where + ".tensors", &model));
  const absl::Status sound = CheckModel(model);
  if (!sound.ok()) return InvalidArgument("{}: {}", origin, std::string(sound.message()));
  return model;
}

absl::StatusOr<Model> ReadModel(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return ParseModel(bytes, path);
}

absl::Status WriteModel(const std::string& path, const Model& model) {
  SUPERION_RETURN_IF_ERROR(CheckModel(model));
  return WriteFileAtomically(path, SerializeModel(model));
}

}  // namespace superion
