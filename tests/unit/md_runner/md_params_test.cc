#include "md_runner/md_params.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"

namespace superion {
namespace {

using testing::HasSubstr;

Json Least() { return {{"ensemble", "nvt"}, {"temperature_k", 1250}, {"timestep_fs", 2.0}, {"steps", 1000}}; }

std::string ErrorOf(const Json& json) {
  const auto params = MdParamsFromJson(json);
  EXPECT_TRUE(absl::IsInvalidArgument(params.status())) << params.status();
  return std::string(params.status().message());
}

TEST(MdParamsTest, ReadsEveryKeyOfTheContract) {
  Json json = Least();
  json.update({{"ensemble", "npt"},
               {"pressure_bar", 1.0},
               {"equilibration_steps", 200},
               {"supercell", {2, 2, 1}},
               {"engine", "lammps"},
               {"thermostat_time_fs", 800},
               {"stream_every", 4},
               {"frame_every", 50},
               {"snapshot_every", 25},
               {"snapshot_start_step", 10},
               {"snapshot_limit", 7},
               {"replicas", 3},
               {"checkpoint_every", 500},
               {"charges", {{"Li", 1}, {"S", -2}}},
               {"gate",
                {{"collect", 0.8},
                 {"stop", 2.5},
                 {"minimum_distance_angstrom", 1.1},
                 {"maximum_force_ev_per_angstrom", 40},
                 {"maximum_temperature_factor", 3}}}});
  const absl::StatusOr<MdParams> p = MdParamsFromJson(json);
  ASSERT_TRUE(p.ok()) << p.status();
  EXPECT_EQ(p->ensemble, Ensemble::kNpt);
  EXPECT_EQ(p->temperature_k, 1250);
  EXPECT_EQ(p->supercell, (std::array<int, 3>{2, 2, 1}));
  EXPECT_EQ(p->engine, "lammps");
  EXPECT_EQ(p->thermostat_time_fs, 800);
  EXPECT_EQ(p->snapshot_limit, 7);
  EXPECT_EQ(p->replicas, 3);
  EXPECT_EQ(p->charges.at("S"), -2);
  ASSERT_TRUE(p->gate.has_value());
  EXPECT_EQ(p->gate->stop, 2.5);
  EXPECT_EQ(p->gate->maximum_temperature_factor, 3);
  json["field_v_per_angstrom"] = {0.0, 0.01, 0};
  EXPECT_THAT(ErrorOf(json), HasSubstr("no field with ensemble npt"));
  json["ensemble"] = "nvt";
  EXPECT_EQ(MdParamsFromJson(json)->field, (Vec3{0, 0.01, 0}));
}

TEST(MdParamsTest, TwinsNeedPairsOfNativeReplicas) {
  Json json = Least();
  json["twin_velocity_angstrom_per_ps"] = 1e-5;
  EXPECT_THAT(ErrorOf(json), HasSubstr("even number of replicas"));
  json["replicas"] = 4;
  EXPECT_EQ(MdParamsFromJson(json)->twin_velocity, 1e-5);
  json["engine"] = "lammps";
  EXPECT_THAT(ErrorOf(json), HasSubstr("engine native"));
}

TEST(MdParamsTest, NullGateNeverStopsAndAMissingOneHasDefaults) {
  Json json = Least();
  EXPECT_TRUE(MdParamsFromJson(json)->gate.has_value());
  json["gate"] = nullptr;
  EXPECT_FALSE(MdParamsFromJson(json)->gate.has_value());
}

TEST(MdParamsTest, ErrorsNameTheKeyWhatWasFoundAndWhatWasExpected) {
  Json json = Least();
  json["temperature_k"] = -3;
  EXPECT_THAT(ErrorOf(json),
              HasSubstr("params.temperature_k: expected a number >= 1 and <= 20000, found -3"));
  json = Least();
  json["temperture_k"] = 3;
  EXPECT_THAT(ErrorOf(json), HasSubstr("params.temperture_k: unknown parameter"));
  json = Least();
  json.erase("steps");
  EXPECT_THAT(ErrorOf(json), HasSubstr("params.steps"));
  json = Least();
  json["ensemble"] = "nph";
  EXPECT_THAT(ErrorOf(json), HasSubstr("one of nvt, nve, npt, found \"nph\""));
  json = Least();
  json["supercell"] = {2, 2, 0};
  EXPECT_THAT(ErrorOf(json), HasSubstr("params.supercell"));
  json = Least();
  json["gate"] = {{"collect", 2.0}, {"stop", 1.0}};
  EXPECT_THAT(ErrorOf(json), HasSubstr("params.gate.stop"));
  json = Least();
  json["steps"] = 1.5;
  EXPECT_THAT(ErrorOf(json), HasSubstr("params.steps"));
  EXPECT_THAT(ErrorOf(Json::array()), HasSubstr("expected an object"));
}

TEST(MdParamsTest, NoNumberCanBeAbsurd) {
  Json good = Least();
  good.update({{"ensemble", "npt"},
               {"engine", "lammps"},
               {"pressure_bar", 1.0},
               {"equilibration_steps", 200},
               {"supercell", {2, 2, 1}},
               {"thermostat_time_fs", 800},
               {"barostat_time_fs", 800},
               {"equilibration_time_fs", 80},
               {"stream_every", 4},
               {"frame_every", 50},
               {"snapshot_every", 25},
               {"snapshot_start_step", 10},
               {"snapshot_limit", 7},
               {"replicas", 3},
               {"checkpoint_every", 500},
               {"skin_angstrom", 1.0},
               {"charges", {{"Li", 1}, {"S", -2}}},
               {"gate",
                {{"collect", 0.8},
                 {"stop", 2.5},
                 {"minimum_distance_angstrom", 1.1},
                 {"maximum_force_ev_per_angstrom", 40},
                 {"maximum_temperature_factor", 3}}}});
  ASSERT_TRUE(MdParamsFromJson(good).ok()) << MdParamsFromJson(good).status();
  const double infinity = std::numeric_limits<double>::infinity();
  const Json flat = good.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    if (!value.is_number()) continue;
    for (const Json& wrong : {Json(std::nan("")), Json(infinity), Json(-infinity), Json(-1e300), Json(1e300),
                              Json(int64_t{1} << 62), Json("")}) {
      Json bad = good;
      bad[Json::json_pointer(pointer)] = wrong;
      const std::string key = pointer.substr(1, pointer.find('/', 1) - 1);
      EXPECT_THAT(ErrorOf(bad), HasSubstr("params." + key)) << pointer << " = " << wrong;
    }
  }
}

TEST(MdParamsTest, NptAndFieldsAskForWhatTheyNeed) {
  Json json = Least();
  json["ensemble"] = "npt";
  json["engine"] = "lammps";
  EXPECT_THAT(ErrorOf(json), HasSubstr("params.pressure_bar"));
  json["pressure_bar"] = 1;
  EXPECT_TRUE(MdParamsFromJson(json).ok());
  json["engine"] = "native";
  EXPECT_THAT(ErrorOf(json), HasSubstr("expected lammps"));
  json = Least();
  json["field_v_per_angstrom"] = {0.01, 0, 0};
  EXPECT_THAT(ErrorOf(json), HasSubstr("params.charges"));
}

}  // namespace
}  // namespace superion
