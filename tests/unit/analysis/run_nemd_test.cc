// The kind nemd on streams with a field in their header: the document, and what it says about bad input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "analysis/analyze.h"
#include "core/file.h"
#include "core/stream.h"
#include "core/trajectory.h"
#include "tests/science/driven_ions.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr double kStep = 0.05;  // ps

class RunNemdTest : public testing::Test {
 protected:
  RunNemdTest() : home_(fs::current_path()) {
    std::string pattern = testing::TempDir() + "superion_nemd_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    fs::current_path(root_);
  }
  ~RunNemdTest() override {
    fs::current_path(home_);
    fs::remove_all(root_);
  }

  StreamHeader Header(const Vec3& field) const {
    StreamHeader header;
    header.interval_ps = kStep;
    header.temperature_k = ions_.temperature_k;
    header.cell = {{{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}};
    header.species = {"Li", "Cl"};
    header.counts = {50, 50};
    header.masses_u = {6.94, 35.45};
    header.field_v_per_angstrom = field;
    if (field != Vec3{}) header.charges_e = {1.0, -1.0};
    return header;
  }

  // Langevin lithium in a rigid lattice of chlorine: displacements of lithium are those of the dipole.
  std::string Write(const Vec3& field, uint64_t seed, size_t samples = 8000) {
    const std::string path = fmt::format("stream-{}.bin", ++files_);
    auto writer = StreamWriter::Create(path, Header(field)).value();
    Random random(seed);
    std::vector<std::vector<double>> p;
    for (size_t c = 0; c < 3; ++c) p.push_back(ions_.Dipole(field[c], kStep, samples, &random));
    for (size_t k = 0; k < samples; ++k) {
      EXPECT_TRUE(writer.Append({50.0 * static_cast<double>(k), p[0][k], p[1][k], p[2][k], 0, 0, 0}).ok());
    }
    EXPECT_TRUE(writer.Flush().ok());
    return path;
  }

  // ±E0, ±E0/2, ±E0/4 along x.
  std::vector<std::string> WriteProtocol() {
    std::vector<std::string> paths;
    uint64_t seed = 700;
    for (const double part : {1.0, 0.5, 0.25}) {
      for (const double sign : {1.0, -1.0}) paths.push_back(Write({0.02 * part * sign, 0, 0}, ++seed));
    }
    return paths;
  }

  static TaskResult Run(const std::vector<std::string>& paths, Json params = Json::object()) {
    TaskSpec spec;
    spec.kind = "nemd";
    spec.params = std::move(params);
    for (const auto& path : paths) spec.inputs.push_back({"stream", "", path});
    return RunNemd(spec, nullptr);
  }
  static std::string Error(const std::vector<std::string>& paths, Json params = Json::object()) {
    return std::string(Run(paths, std::move(params)).status.message());
  }

  const LangevinIons ions_;
  std::string root_;
  fs::path home_;
  int files_ = 0;
};

TEST_F(RunNemdTest, TheWholeProtocolWithItsEquilibrium) {
  auto paths = WriteProtocol();
  for (uint64_t seed = 1; seed <= 4; ++seed) paths.push_back(Write({}, seed));
  const TaskResult result = Run(paths);
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& m = result.metrics;
  EXPECT_EQ(Json::parse(ReadFile("nemd.json").value()), m);
  EXPECT_EQ(result.artifacts[0].name, "nemd");
  EXPECT_EQ(m["equilibrium_runs"], 4);
  EXPECT_EQ(m["mobile"], Json({"Li"}));
  EXPECT_EQ(m["charges"], Json({{"Li", 1.0}, {"Cl", -1.0}}));
  ASSERT_EQ(m["directions"].size(), 1u);
  const Json& x = m["directions"][0];
  EXPECT_EQ(x["label"], "x");
  EXPECT_EQ(x["points"].size(), 3u);
  const double sigma = x["sigma_s_per_m"].get<double>(), s = x["s_sigma_s_per_m"].get<double>();
  EXPECT_NEAR(sigma / ions_.sigma(), 1.0, 3.0 * s / sigma);
  EXPECT_LT(x["ci95_s_per_m"][0].get<double>(), ions_.sigma());
  EXPECT_GT(x["ci95_s_per_m"][1].get<double>(), ions_.sigma());
  EXPECT_NE(x["linearity"], "NONLINEAR");
  ASSERT_TRUE(x["equilibrium"].is_object());
  const double equilibrium = x["equilibrium"]["sigma_s_per_m"].get<double>();
  EXPECT_NEAR(equilibrium / ions_.sigma(), 1.0, 3.0 * x["equilibrium"]["s"].get<double>() / equilibrium);
  EXPECT_LT(std::abs(x["equilibrium"]["z"].get<double>()), 3.0);
  EXPECT_NEAR(x["joule_power_w_per_m3"].get<double>(),
              x["linear_fit"]["sigma_s_per_m"].get<double>() * 0.02 * 0.02 * 1e20, 1e10);
  EXPECT_GT(x["heating_k_per_ns"].get<double>(), 0.0);
  EXPECT_TRUE(x["sinh_fit"].is_object());
}

// A field along [1, 1, 0]: the current along it, not along the axes.
TEST_F(RunNemdTest, FieldsInAnyDirection) {
  const double e = 0.02 / std::sqrt(2.0);
  const TaskResult result = Run({Write({e, e, 0}, 1), Write({-e, -e, 0}, 2)});
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& d = result.metrics["directions"][0];
  EXPECT_EQ(d["label"], "[0.7071,0.7071,0]");
  EXPECT_NEAR(d["points"][0]["field_v_per_angstrom"].get<double>(), 0.02, 1e-12);
  EXPECT_EQ(d["linearity"], "NOT_TESTED");
  EXPECT_TRUE(d["cubic_fit"].is_null());
  EXPECT_TRUE(d["equilibrium"].is_null());
  EXPECT_NEAR(d["sigma_s_per_m"].get<double>() / ions_.sigma(), 1.0,
              3.0 * d["s_sigma_s_per_m"].get<double>() / ions_.sigma());
}

// One sign and one field, as in many papers: a value, and the flags that belong to it.
TEST_F(RunNemdTest, OneFieldIsFlagged) {
  const TaskResult result = Run({Write({0, 0, 0.02}, 1)});
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& z = result.metrics["directions"][0];
  EXPECT_EQ(z["label"], "z");
  EXPECT_THAT(z["flags"].get<std::vector<std::string>>(), testing::Contains("UNPAIRED"));
  EXPECT_FALSE(z["points"][0]["paired"].get<bool>());
  EXPECT_TRUE(z["points"][0]["even_current_e_per_angstrom2_ps"].is_null());
}

TEST_F(RunNemdTest, DiffusionIsThatWithoutTheDrift) {
  constexpr double kD = 0.5;  // Å²/ps
  std::vector<std::string> paths;
  for (const double sign : {1.0, -1.0}) {
    const std::string path = fmt::format("trajectory-{}.bin", paths.size());
    TrajectoryHeader header;
    for (int i = 0; i < 40; ++i) {
      header.species.push_back(i < 20 ? "Li" : "Cl");
      header.masses_u.push_back(i < 20 ? 6.94 : 35.45);
    }
    header.interval_ps = kStep;
    header.temperature_k = 600.0;
    header.provenance["field_v_per_angstrom"] = {0.02 * sign, 0, 0};
    auto writer = TrajectoryWriter::Create(path, header).value();
    Random random(static_cast<uint64_t>(5 + sign));
    std::vector<Vec3> r(40);
    for (int i = 0; i < 40; ++i) r[i] = {i % 4 * 5.0, i / 4 % 4 * 5.0, i / 16 * 5.0};
    for (int k = 0; k < 4000; ++k) {
      ASSERT_TRUE(writer.Append({k * kStep, Header({}).cell, r}).ok());
      for (int i = 0; i < 20; ++i) {
        for (double& x : r[i]) x += std::sqrt(2.0 * kD * kStep) * random.Gaussian();
        r[i][0] += 3.0 * sign * kStep;  // 3 Å/ps: the MSD would be all drift
      }
    }
    ASSERT_TRUE(writer.Flush().ok());
    paths.push_back(path);
  }
  // Without a stream the trajectory itself says that it was driven.
  TaskSpec spec;
  spec.params = {{"charges", {{"Li", 1}, {"Cl", -1}}}};
  spec.inputs = {{"trajectory", "", paths[0]}};
  EXPECT_THAT(std::string(RunAnalyze(spec, [](const TaskProgress&) {}).status.message()),
              HasSubstr("is a run in an electric field of (0.02, 0, 0) V/Å"));
  StreamHeader header = Header({0.02, 0, 0});
  header.counts = {20, 20};
  paths.push_back("stream.bin");
  auto writer = StreamWriter::Create(paths.back(), header).value();
  Random random(9);
  const auto p = ions_.Dipole(0.02, kStep, 4000, &random);
  for (size_t k = 0; k < p.size(); ++k)
    ASSERT_TRUE(writer.Append({50.0 * static_cast<double>(k), p[k], 0, 0, 0, 0, 0}).ok());
  ASSERT_TRUE(writer.Flush().ok());
  const TaskResult result = Run(paths);
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& d = result.metrics["d_tracer_cm2_per_s"];
  ASSERT_EQ(d.size(), 1u) << d;
  EXPECT_EQ(d[0]["species"], "Li");
  EXPECT_EQ(d[0]["direction"], "x");
  ASSERT_TRUE(d[0]["value"].is_number()) << d;
  EXPECT_NEAR(d[0]["value"].get<double>() / (kD * 1e-4), 1.0, 0.1);
}

// The whole recipe: fields along x, equilibrium streams, a path; σ is known.
TEST_F(RunNemdTest, RecipeOfFieldsEquilibriumAndPaths) {
  TaskSpec spec;
  spec.kind = "nemd";
  spec.params = {{"recipe", "lgps-nemd"}};
  for (const auto& path : WriteProtocol()) spec.inputs.push_back({"stream", "", path});
  for (uint64_t seed = 1; seed <= 4; ++seed) spec.inputs.push_back({"stream", "", Write({}, seed)});
  fs::create_directories("c-axis");
  ASSERT_TRUE(
      WriteFileAtomically("c-axis/neb.json", R"({"barrier_forward_ev": 0.21, "barrier_backward_ev": 0.19,
    "converged": true, "saddle": {"imaginary_modes": 1}, "inner_minima": []})")
          .ok());
  spec.inputs.push_back({"neb", "", "c-axis/neb.json"});
  const TaskResult result = RunNemd(spec, nullptr);
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& m = result.metrics;
  EXPECT_EQ(m["equilibrium_runs"], 4);
  EXPECT_NEAR(m["equilibrium"]["sigma_s_per_m"].get<double>() / ions_.sigma(), 1.0, 0.4);
  EXPECT_TRUE(m["structure"].is_null());
  ASSERT_EQ(m["recipe"]["missing"].size(), 1u);
  EXPECT_THAT(m["recipe"]["missing"][0].get<std::string>(), HasSubstr("--frame-every"));
  bool field = false, barrier = false;
  for (const Json& row : m["recipe"]["rows"]) {
    if (row["quantity"] == "σ along x in a field") {
      field = true;
      // The field nearest to the study's is E0/2.
      EXPECT_THAT(row["study"].get<std::string>(), HasSubstr("0.01 V/Å"));
      EXPECT_EQ(row["study_value"], m["directions"][0]["points"][1]["sigma_s_per_m"]);
      EXPECT_EQ(row["ours_value"], m["directions"][0]["sigma_s_per_m"]);
    }
    if (row["quantity"] == "barrier of c-axis") {
      barrier = true;
      EXPECT_EQ(row["ours_value"], 0.21);
    }
  }
  EXPECT_TRUE(field && barrier) << m["recipe"];
}

// Runs without a field need charges; with them there is a tensor and a list of what is missing.
TEST_F(RunNemdTest, RecipeOfEquilibriumAlone) {
  std::vector<std::string> paths;
  for (uint64_t seed = 1; seed <= 2; ++seed) paths.push_back(Write({}, seed));
  EXPECT_THAT(Error(paths, {{"recipe", "lgps-nemd"}}), HasSubstr("--charges is needed"));
  const TaskResult result = Run(paths, {{"recipe", "lgps-nemd"}, {"charges", {{"Li", 1}, {"Cl", -1}}}});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_TRUE(result.metrics["directions"].empty());
  EXPECT_EQ(result.metrics["recipe"]["missing"].size(), 3u);
  EXPECT_THAT(result.metrics["recipe"]["rows"].dump(), HasSubstr("full tensor without a field"));
  EXPECT_THAT(Error(paths, {{"recipe", "soup"}}), HasSubstr("lgps-nemd"));
}

TEST_F(RunNemdTest, NamesWhatIsWrong) {
  const std::string run = Write({0.02, 0, 0}, 1), rest = Write({}, 2), brief = Write({0.02, 0, 0}, 3, 50);
  EXPECT_THAT(Error({}), HasSubstr("no stream was given"));
  EXPECT_THAT(Error({rest}, {{"charges", {{"Li", 1}, {"Cl", -1}}}}),
              HasSubstr("none of the 1 runs is in a field"));
  EXPECT_THAT(Error({run}, {{"charges", {{"Li", 0.8}, {"Cl", -0.8}}}}),
              HasSubstr("current and force need the same"));
  EXPECT_THAT(Error({brief}), HasSubstr("needs 100 samples, found 50"));
  EXPECT_THAT(Error({run}, {{"target", 1}}), HasSubstr("params.target: not a parameter of nemd"));
  EXPECT_THAT(Error({run}, {{"mobile", 1}}), HasSubstr("params.mobile"));
  // And the analysis of equilibrium refuses a driven run.
  TaskSpec spec;
  spec.params = {{"charges", {{"Li", 1}, {"Cl", -1}}}};
  spec.inputs = {{"stream", "", run}};
  EXPECT_THAT(std::string(RunAnalyze(spec, [](const TaskProgress&) {}).status.message()),
              HasSubstr("is a run in an electric field"));
}

}  // namespace
}  // namespace superion::analysis
