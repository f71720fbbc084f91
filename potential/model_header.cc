#include "potential/model_header.h"

#include <set>

namespace superion {
namespace {

constexpr char kSmoothstep[] = "smoothstep";

absl::Status CheckKeys(const Json& object, const std::string& where, const std::set<std::string>& known) {
  for (const auto& [key, value] : object.items()) {
    if (known.count(key) == 0)
      return InvalidArgument("{}: this version does not know the key {}", where, DumpJson(key).substr(0, 60));
  }
  return absl::OkStatus();
}

Json ArchitectureJson(const ModelArchitecture& a) {
  Json pairs = Json::array();
  for (const auto& [x, y] : a.invariant_pairs) pairs.push_back({x, y});
  Json json = {{"species", a.species},     {"cutoff_angstrom", a.cutoff_angstrom},
               {"n_radial", a.n_radial},   {"l_max", a.l_max},
               {"channels", a.channels},   {"products", a.products},
               {"invariant_pairs", pairs}, {"hidden", a.hidden}};
  if (a.cutoff_power != 0) json["cutoff_power"] = a.cutoff_power;
  if (a.smoothstep) json["chebyshev_argument"] = kSmoothstep;
  return json;
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
  SUPERION_RETURN_IF_ERROR(
      CheckKeys(json, where,
                {"species", "cutoff_angstrom", "cutoff_power", "chebyshev_argument", "n_radial", "l_max",
                 "channels", "products", "invariant_pairs", "hidden"}));
  ModelArchitecture a;
  SUPERION_ASSIGN_OR_RETURN(const Json* species, Member(json, "species", Json::value_t::array, where));
  for (const Json& symbol : *species) {
    if (!symbol.is_string())
      return InvalidArgument("{}.species: expected symbols, found {}", where, symbol.type_name());
    a.species.push_back(symbol.get<std::string>());
    if (a.species.back().size() > 2)
      return InvalidArgument("{}.species: expected symbols of one or two letters", where);
  }
  SUPERION_ASSIGN_OR_RETURN(a.cutoff_angstrom, GetNumber(json, "cutoff_angstrom", where));
  if (json.contains("cutoff_power")) {
    SUPERION_ASSIGN_OR_RETURN(a.cutoff_power, SmallInteger(json, "cutoff_power", where));
    if (a.cutoff_power == 0) return InvalidArgument("{}.cutoff_power: 0 is said by leaving it out", where);
  }
  if (json.contains("chebyshev_argument")) {
    SUPERION_ASSIGN_OR_RETURN(const std::string argument, GetString(json, "chebyshev_argument", where));
    if (argument != kSmoothstep)
      return InvalidArgument("{}.chebyshev_argument: expected \"{}\" or no such key, found \"{}\"", where,
                             kSmoothstep, argument);
    a.smoothstep = true;
  }
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
  const absl::Status sound = CheckArchitecture(a);
  if (!sound.ok()) return InvalidArgument("{}: {}", where, std::string(sound.message()));
  return a;
}

absl::StatusOr<Electrostatics> ElectrostaticsFromJson(const Json& json, const ModelArchitecture& architecture,
                                                      const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const Json* charges, Member(json, "charges", Json::value_t::array, where));
  SUPERION_RETURN_IF_ERROR(CheckKeys(json, where, {"charges", "alpha_per_angstrom"}));
  if (charges->size() != architecture.species.size()) {
    return InvalidArgument("{}.charges: expected {} numbers, found {}", where, architecture.species.size(),
                           charges->size());
  }
  Electrostatics electrostatics;
  for (const Json& charge : *charges) {
    if (!charge.is_number()) return InvalidArgument("{}.charges: expected numbers", where);
    electrostatics.charges.push_back(charge.get<double>());
  }
  SUPERION_ASSIGN_OR_RETURN(electrostatics.alpha_per_angstrom, GetNumber(json, "alpha_per_angstrom", where));
  return electrostatics;
}

absl::Status CheckUnits(const Json& header, const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const Json* units, Member(header, "units", Json::value_t::object, where));
  const Json expected{{"energy", "eV"}, {"length", "angstrom"}};
  if (*units == expected) return absl::OkStatus();
  return InvalidArgument("{}.units: expected {}, found {}", where, expected.dump(), DumpJson(*units));
}

// Names ascend, so that none comes twice; every one is known and has the shape that the architecture demands.
absl::Status ReadTensorList(const Json& list, const std::string& where, ModelHeader* header) {
  const auto required = TensorShapes(header->model.architecture);
  const auto optional = OptionalTensorShapes(header->model.architecture);
  for (const Json& entry : list) {
    SUPERION_ASSIGN_OR_RETURN(const std::string name, GetString(entry, "name", where));
    SUPERION_ASSIGN_OR_RETURN(const Json* shape, Member(entry, "shape", Json::value_t::array, where));
    SUPERION_RETURN_IF_ERROR(CheckKeys(entry, where, {"name", "shape"}));
    const auto known = required.count(name) != 0 ? required.find(name) : optional.find(name);
    if (known == optional.end())
      return InvalidArgument("{}: tensor {} is not known to this version", where, name.substr(0, 60));
    if (!header->tensors.empty() && header->tensors.back().first >= name)
      return InvalidArgument("{}: expected ascending names, found {} after {}", where, name,
                             header->tensors.back().first);
    if (*shape != Json(known->second)) {
      return InvalidArgument("{}: tensor {}: expected shape {}, found {}", where, name,
                             Json(known->second).dump(), DumpJson(*shape).substr(0, 60));
    }
    header->tensors.emplace_back(name, known->second);
  }
  return absl::OkStatus();
}

}  // namespace

std::string FormatModelHeader(const Model& model) {
  Json list = Json::array();
  for (const auto& [name, tensor] : model.tensors) list.push_back({{"name", name}, {"shape", tensor.shape}});
  Json header{{"architecture", ArchitectureJson(model.architecture)},
              {"density_scale", model.density_scale},
              {"energy_scale", model.energy_scale},
              {"zbl_scale", model.zbl_scale},
              {"tensors", list},
              {"provenance", model.provenance},
              {"units", {{"energy", "eV"}, {"length", "angstrom"}}}};
  if (model.electrostatics) {
    header["electrostatics"] = {{"charges", model.electrostatics->charges},
                                {"alpha_per_angstrom", model.electrostatics->alpha_per_angstrom}};
  }
  return DumpJson(header);
}

absl::StatusOr<ModelHeader> ParseModelHeader(std::string_view text, const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const Json json, ParseJson(text, where));
  ModelHeader header;
  Model& model = header.model;
  SUPERION_ASSIGN_OR_RETURN(const Json* architecture,
                            Member(json, "architecture", Json::value_t::object, where));
  SUPERION_RETURN_IF_ERROR(CheckKeys(json, where,
                                     {"architecture", "density_scale", "energy_scale", "zbl_scale", "tensors",
                                      "provenance", "units", "electrostatics"}));
  SUPERION_ASSIGN_OR_RETURN(model.architecture, ArchitectureFromJson(*architecture, where + ".architecture"));
  SUPERION_ASSIGN_OR_RETURN(model.density_scale, GetNumber(json, "density_scale", where));
  SUPERION_ASSIGN_OR_RETURN(model.energy_scale, GetNumber(json, "energy_scale", where));
  SUPERION_ASSIGN_OR_RETURN(model.zbl_scale, GetNumber(json, "zbl_scale", where));
  if (json.contains("electrostatics")) {
    SUPERION_ASSIGN_OR_RETURN(
        model.electrostatics,
        ElectrostaticsFromJson(json["electrostatics"], model.architecture, where + ".electrostatics"));
  }
  SUPERION_RETURN_IF_ERROR(CheckUnits(json, where));
  SUPERION_ASSIGN_OR_RETURN(const Json* provenance, Member(json, "provenance", Json::value_t::object, where));
  model.provenance = *provenance;
  SUPERION_ASSIGN_OR_RETURN(const Json* tensors, Member(json, "tensors", Json::value_t::array, where));
  SUPERION_RETURN_IF_ERROR(ReadTensorList(*tensors, where + ".tensors", &header));
  return header;
}

}  // namespace superion
