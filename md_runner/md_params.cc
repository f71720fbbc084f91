#include "md_runner/md_params.h"

#include <set>

#include "core/number_range.h"

namespace superion {
namespace {

constexpr double kMost = 1e9;  // where physics names no limit: what is beyond is a slip

// Takes keys out of a JSON object; what is left over at the end is unknown. The first error is kept.
class KeyReader {
 public:
  KeyReader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object.is_object())
      status_ = InvalidArgument("{}: expected an object, found {}", where_, object.dump());
  }

  // Present and not null.
  bool Has(const std::string& key) {
    known_.insert(key);
    return status_.ok() && object_.contains(key) && !object_[key].is_null();
  }
  const Json& At(const std::string& key) const { return object_[key]; }
  void Fail(const std::string& key, const std::string& expected) {
    if (!status_.ok()) return;
    const std::string found = object_.contains(key) ? object_[key].dump() : "nothing";
    status_ = InvalidArgument("{}.{}: expected {}, found {}", where_, key, expected, found);
  }
  void Require(const std::string& key, const std::string& expected) {
    if (!Has(key)) Fail(key, expected);
  }

  void Number(const std::string& key, const Range& range, double* value) {
    if (!Has(key)) return;
    const bool holds = At(key).is_number() && range.Holds(At(key).get<double>());
    if (!holds) return Fail(key, "a number " + range.Describe());
    *value = At(key).get<double>();
  }
  void Integer(const std::string& key, const Range& range, int64_t* value) {
    if (!Has(key)) return;
    const bool holds = At(key).is_number_integer() && range.Holds(At(key).get<double>());
    if (!holds) return Fail(key, "an integer " + range.Describe());
    *value = At(key).get<int64_t>();
  }
  std::string Choice(const std::string& key, const std::vector<std::string>& choices,
                     const std::string& preset) {
    if (!Has(key)) return preset;
    if (At(key).is_string()) {
      for (const std::string& choice : choices) {
        if (At(key).get<std::string>() == choice) return choice;
      }
    }
    Fail(key, fmt::format("one of {}", fmt::join(choices, ", ")));
    return preset;
  }
  template <typename T>
  void Triple(const std::string& key, const Range& range, std::array<T, 3>* value) {
    if (!Has(key)) return;
    const Json& list = At(key);
    const std::string expected =
        fmt::format("three {} {}", std::is_integral_v<T> ? "integers" : "numbers", range.Describe());
    if (!list.is_array() || list.size() != 3) return Fail(key, expected);
    for (int a = 0; a < 3; ++a) {
      const bool right = std::is_integral_v<T> ? list[a].is_number_integer() : list[a].is_number();
      if (!right || !range.Holds(list[a].get<double>())) return Fail(key, expected);
      (*value)[a] = list[a].get<T>();
    }
  }

  absl::Status Finish() const {
    if (!status_.ok()) return status_;
    for (const auto& [key, value] : object_.items()) {
      if (!known_.contains(key)) {
        return InvalidArgument("{}.{}: unknown parameter, expected one of {}", where_, key,
                               fmt::join(known_, ", "));
      }
    }
    return absl::OkStatus();
  }

 private:
  const Json& object_;
  std::string where_;
  std::set<std::string> known_;
  absl::Status status_;
};

absl::Status ReadGate(const Json& json, MdParams* params) {
  if (json.is_null()) {
    params->gate.reset();
    return absl::OkStatus();
  }
  KeyReader keys(json, "params.gate");
  GateParams& gate = *params->gate;
  keys.Number("collect", Positive(kMost), &gate.collect);
  keys.Number("stop", Positive(kMost), &gate.stop);
  keys.Number("minimum_distance_angstrom", AtLeast(0, 100), &gate.minimum_distance_angstrom);
  keys.Number("maximum_force_ev_per_angstrom", Positive(kMost), &gate.maximum_force_ev_per_angstrom);
  keys.Number("maximum_temperature_factor", AtLeast(0, kMost), &gate.maximum_temperature_factor);
  if (gate.stop < gate.collect) keys.Fail("stop", fmt::format("a number >= collect = {}", gate.collect));
  return keys.Finish();
}

void ReadEnsemble(KeyReader* keys, MdParams* params) {
  const std::string ensemble = keys->Choice("ensemble", {"nvt", "nve", "npt"}, "nvt");
  params->ensemble = ensemble == "nve" ? Ensemble::kNve : ensemble == "npt" ? Ensemble::kNpt : Ensemble::kNvt;
  keys->Number("temperature_k", limits::kTemperatureK, &params->temperature_k);
  keys->Number("pressure_bar", AtLeast(-1e8, 1e8), &params->pressure_bar);
  params->isotropic = keys->Choice("barostat", {"iso", "aniso"}, "iso") == "iso";
  keys->Number("timestep_fs", limits::kTimestepFs, &params->timestep_fs);
  keys->Number("thermostat_time_fs", Positive(kMost), &params->thermostat_time_fs);
  keys->Number("barostat_time_fs", Positive(kMost), &params->barostat_time_fs);
  keys->Number("equilibration_time_fs", Positive(kMost), &params->equilibration_time_fs);
  params->engine = keys->Choice("engine", {"native", "lammps"}, "native");
}

void ReadLengths(KeyReader* keys, MdParams* params) {
  keys->Integer("equilibration_steps", limits::kSteps, &params->equilibration_steps);
  keys->Integer("steps", limits::kSteps, &params->steps);
  keys->Integer("stream_every", limits::kSteps, &params->stream_every);
  keys->Integer("frame_every", limits::kSteps, &params->frame_every);
  keys->Integer("snapshot_every", limits::kSteps, &params->snapshot_every);
  keys->Integer("snapshot_start_step", limits::kSteps, &params->snapshot_start_step);
  keys->Integer("snapshot_limit", limits::kSteps, &params->snapshot_limit);
  keys->Integer("checkpoint_every", limits::kSteps, &params->checkpoint_every);
  int64_t replicas = params->replicas;
  keys->Integer("replicas", AtLeast(1, 10000), &replicas);
  params->replicas = static_cast<int>(replicas);
  keys->Number("twin_velocity_angstrom_per_ps", AtLeast(0, 100), &params->twin_velocity);
  if (params->twin_velocity > 0.0 && (params->replicas % 2 != 0 || params->engine != "native"))
    keys->Fail("twin_velocity_angstrom_per_ps", "an even number of replicas and the engine native");
  keys->Number("skin_angstrom", AtLeast(0, 20), &params->skin_angstrom);
  keys->Triple("supercell", limits::kRepeats, &params->supercell);
}

void ReadField(KeyReader* keys, MdParams* params) {
  keys->Triple("field_v_per_angstrom", AtLeast(-10, 10), &params->field);
  if (!keys->Has("charges")) {
    if (params->has_field()) keys->Fail("charges", "an object {species: e} (a field acts on charges)");
    return;
  }
  const Json& charges = keys->At("charges");
  if (!charges.is_object()) return keys->Fail("charges", "an object {species: e}");
  for (const auto& [species, charge] : charges.items()) {
    if (!charge.is_number() || !AtLeast(-100, 100).Holds(charge.get<double>()))
      return keys->Fail("charges", "an object {species: e}, each >= -100 and <= 100");
    params->charges[species] = charge.get<double>();
  }
}

}  // namespace

absl::StatusOr<MdParams> MdParamsFromJson(const Json& json) {
  MdParams params;
  KeyReader keys(json, "params");
  keys.Require("ensemble", "one of nvt, nve, npt");
  keys.Require("temperature_k", "a number " + limits::kTemperatureK.Describe());
  keys.Require("timestep_fs", "a number " + limits::kTimestepFs.Describe());
  keys.Require("steps", "an integer " + limits::kSteps.Describe());
  ReadEnsemble(&keys, &params);
  ReadLengths(&keys, &params);
  ReadField(&keys, &params);
  if (params.ensemble == Ensemble::kNpt) {
    keys.Require("pressure_bar", "a number (ensemble npt)");
    if (params.has_field())
      keys.Fail("field_v_per_angstrom",
                "no field with ensemble npt (a field drives a current in a fixed cell)");
    if (params.engine == "native")
      keys.Fail("engine", "lammps (the native engine keeps the cell fixed, ensemble npt)");
  }
  const bool has_gate = json.is_object() && json.contains("gate");
  keys.Has("gate");
  SUPERION_RETURN_IF_ERROR(keys.Finish());
  if (has_gate) SUPERION_RETURN_IF_ERROR(ReadGate(json["gate"], &params));
  return params;
}

}  // namespace superion
