// The kind `structure` on files: what it reports, what it writes, what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "analysis/analyze.h"
#include "core/file.h"
#include "core/trajectory.h"
#include "core/units.h"
#include "tests/science/structure_models.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr double kPi = 3.14159265358979323846;

class RunStructureTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              (std::string("superion_structure_") + info->name() + "_" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    before_ = fs::current_path();
    fs::current_path(folder_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  // Two PS4 units and eight Li in a box of 12 Å: the framework vibrates at 5 THz, Li walks, all of it drifts.
  void WriteTrajectory(const std::string& path, uint64_t seed, size_t frames = 400) const {
    TrajectoryHeader header;
    for (int unit = 0; unit < 2; ++unit)
      for (const char* name : {"P", "S", "S", "S", "S"}) header.species.push_back(name);
    header.species.insert(header.species.end(), 8, "Li");
    for (const auto& name : header.species) header.masses_u.push_back(*AtomicMass(name));
    header.interval_ps = 0.02;
    header.temperature_k = 500.0;
    auto writer = TrajectoryWriter::Create(path, header);
    ASSERT_TRUE(writer.ok()) << writer.status();
    Random random(seed);
    std::vector<Vec3> li(8), phase(10), amplitude(10);
    for (Vec3& r : li) r = {12 * random.Uniform(), 12 * random.Uniform(), 12 * random.Uniform()};
    for (auto* list : {&phase, &amplitude}) {
      for (Vec3& v : *list) v = {random.Gaussian(), random.Gaussian(), random.Gaussian()};
    }
    const double d = 1.2, speed = Speed(), omega = 2 * kPi * 5.0;
    const Vec3 unit[] = {{0, 0, 0}, {d, d, d}, {d, -d, -d}, {-d, d, -d}, {-d, -d, d}};
    for (size_t f = 0; f < frames; ++f) {
      TrajectoryFrame frame{0.02 * double(f), {{{12, 0, 0}, {0, 12, 0}, {0, 0, 12}}}, {}};
      for (size_t i = 0; i < 10; ++i) {
        Vec3 r = unit[i % 5] + (i < 5 ? Vec3{3, 3, 3} : Vec3{9, 9, 9});
        for (size_t c = 0; c < 3; ++c)
          r[c] += speed / omega *
                  (amplitude[i][c] * std::sin(omega * frame.time_ps) +
                   phase[i][c] * std::cos(omega * frame.time_ps));
        frame.positions.push_back(r);
      }
      for (Vec3& r : li) {
        frame.positions.push_back(r);
        for (double& x : r) x += 0.15 * random.Gaussian();
      }
      for (Vec3& r : frame.positions) r += Vec3{0.01 * double(f), 0, 0};
      ASSERT_TRUE(writer->Append(frame).ok());
    }
    ASSERT_TRUE(writer->Flush().ok());
  }

  // Far below that of 500 K, so that bonds stay apart from what is not bonded.
  static double Speed() {
    return 0.3 * std::sqrt(units::kBoltzmann * 500.0 / (32.0 * units::kMassVelocity2));
  }

  static TaskResult Run(const Json& params, const std::vector<std::string>& paths, int threads = 1,
                        const std::vector<TaskInput>& others = {}) {
    TaskSpec spec;
    spec.kind = "structure";
    spec.params = params;
    spec.threads = threads;
    for (const auto& path : paths) spec.inputs.push_back({"trajectory", "", path});
    spec.inputs.insert(spec.inputs.end(), others.begin(), others.end());
    return RunStructure(spec, [](const TaskProgress&) {});
  }

  // Frames [first, last) of a trajectory.
  static void Cut(const std::string& from, const std::string& to, size_t first, size_t last) {
    auto reader = TrajectoryReader::Open(from);
    ASSERT_TRUE(reader.ok()) << reader.status();
    auto writer = TrajectoryWriter::Create(to, reader->header());
    ASSERT_TRUE(writer.ok()) << writer.status();
    TrajectoryFrame frame;
    for (size_t f = 0; f < last; ++f) {
      ASSERT_TRUE(reader->Next(&frame).value());
      if (f < first) continue;
      ASSERT_TRUE(writer->Append(frame).ok());
    }
    ASSERT_TRUE(writer->Flush().ok());
  }

  // Four Na on the eight sites of a rigid Cl lattice of 3 Å; each goes to a site nearby with 2 % a frame.
  static void WriteHops(const std::string& path, uint64_t seed, size_t frames) {
    TrajectoryHeader header;
    header.species.assign(8, "Cl");
    header.species.insert(header.species.end(), 4, "Na");
    for (const auto& name : header.species) header.masses_u.push_back(*AtomicMass(name));
    header.interval_ps = 0.1;
    header.temperature_k = 500.0;
    auto writer = TrajectoryWriter::Create(path, header);
    ASSERT_TRUE(writer.ok()) << writer.status();
    Random random(seed);
    std::vector<Vec3> na(4);
    for (size_t i = 0; i < 4; ++i) na[i] = {3.0 * double(i % 2) + 1.5, 3.0 * double(i / 2) + 1.5, 1.5};
    for (size_t f = 0; f < frames; ++f) {
      TrajectoryFrame frame{0.1 * double(f), {{{6, 0, 0}, {0, 6, 0}, {0, 0, 6}}}, {}};
      for (int i = 0; i < 8; ++i)
        frame.positions.push_back({3.0 * (i & 1), 3.0 * ((i >> 1) & 1), 3.0 * ((i >> 2) & 1)});
      for (const Vec3& r : na)
        frame.positions.push_back(r + 0.2 * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()});
      ASSERT_TRUE(writer->Append(frame).ok());
      for (Vec3& r : na) {
        if (random.Uniform() < 0.02) r[random.Below(3)] += random.Below(2) == 0 ? 3.0 : -3.0;
      }
    }
    ASSERT_TRUE(writer->Flush().ok());
  }

  fs::path folder_, before_;
};

TEST_F(RunStructureTest, AllObservablesWithTheirFiles) {
  WriteTrajectory("a.traj", 1);
  const TaskResult result = Run(Json::object(), {"a.traj"});
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& doc = result.metrics;
  EXPECT_EQ(doc["mobile"], Json({"Li"}));
  EXPECT_EQ(doc["blocks"], 5);
  // Cold vibrations and a walk of white noise are no motion of 500 K, and 8 ps are too short for 5 cm⁻¹.
  for (const char* text : {"low pass", "modes of S", "modes of Li"})
    EXPECT_THAT(doc["notes"].dump(), HasSubstr(text));
  // Li that is spread evenly has no shells.
  EXPECT_FALSE(doc["rdf"]["pairs"]["Li-Li"].contains("first_peak_angstrom"));
  for (const char* key :
       {"rdf", "van_hove", "vdos", "angles", "bond_angle", "coordination", "density", "b_factors"})
    EXPECT_TRUE(doc.contains(key)) << key;
  // P-S bonds of √3 · 1.2 = 2.078 Å, four of them.
  EXPECT_NEAR(doc["rdf"]["pairs"]["P-S"]["first_peak_angstrom"].get<double>(), 2.078, 0.1);
  EXPECT_NEAR(doc["rdf"]["pairs"]["P-S"]["coordination_to_first_minimum"]["value"].get<double>(), 4.0, 0.01);
  EXPECT_EQ(doc["angles"]["kinds"]["P-S4"]["tetrahedra"], 2);
  EXPECT_NEAR(doc["angles"]["kinds"]["P-S4"]["angle_degrees"]["mean"]["value"].get<double>(), 60.0, 0.5);
  // The framework's line at 5 THz = 166.8 cm⁻¹, from differences of positions; the drift is taken out. Blocks
  // of 80 frames leave a resolution of 21 cm⁻¹.
  EXPECT_NEAR(doc["vdos"]["species"]["S"]["band_centre_cm1"]["value"].get<double>(), 166.8, 5.0);
  // What is not the spectrum of 500 K has no entropy, however it is scaled.
  const Json& sulfur = doc["vdos"]["species"]["S"];
  EXPECT_TRUE(sulfur["entropy_harmonic_kb_per_atom"]["value"].is_null());
  EXPECT_TRUE(sulfur["two_phase"]["entropy_kb_per_atom"]["value"].is_null());
  EXPECT_THAT(sulfur["entropy_unusable"].get<std::string>(),
              HasSubstr("frames every 0.02 ps show frequencies up to 833.9 cm⁻¹"));
  EXPECT_TRUE(doc["vdos"]["entropy_kb_per_atom"].is_null());
  size_t csv = 0;
  for (const TaskArtifact& artifact : result.artifacts) {
    ASSERT_TRUE(fs::exists(artifact.path)) << artifact.path;
    EXPECT_GT(fs::file_size(artifact.path), 20u) << artifact.path;
    csv += artifact.path.find(".csv") != std::string::npos ? 1 : 0;
  }
  EXPECT_GE(csv, 15u);
  EXPECT_EQ(Json::parse(*ReadFile("structure.json")), doc);
}

// Li in the frame of the framework walks with 3 · 0.15² Å² per step; the common drift is not in it.
TEST_F(RunStructureTest, DisplacementsAreThoseOfTheFramework) {
  WriteTrajectory("a.traj", 2, 2000);
  const TaskResult result = Run({{"observables", {"van-hove", "b-factors"}}}, {"a.traj"});
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& curve = result.metrics["curves"]["displacement-Li"];
  const double t = curve["t_ps"][0], msd = curve["msd_angstrom2"][0];
  EXPECT_NEAR(t, 0.02, 1e-12);
  // The framework's own centre vibrates a little.
  EXPECT_NEAR(msd, 3 * 0.15 * 0.15, 0.01);
  EXPECT_FALSE(result.metrics["b_factors"]["species"].contains("Li"));
  const double u2 = std::pow(Speed() / (2 * kPi * 5.0), 2);
  EXPECT_NEAR(result.metrics["b_factors"]["species"]["S"]["b_angstrom2"]["value"].get<double>() /
                  (8 * kPi * kPi * u2),
              1.0,
              0.6);  // 24 components with two random amplitudes each, less the centre of mass
}

TEST_F(RunStructureTest, ThreadsAndRepetitionChangeNoBit) {
  WriteTrajectory("a.traj", 3);
  WriteTrajectory("b.traj", 4);
  const TaskResult one = Run(Json::object(), {"a.traj", "b.traj"}, 1);
  ASSERT_TRUE(one.status.ok()) << one.status;
  EXPECT_EQ(one.metrics["seeds"], 2);
  EXPECT_EQ(Run(Json::object(), {"a.traj", "b.traj"}, 3).metrics, one.metrics);
}

TEST_F(RunStructureTest, RecipesSetTheStudysFormulaBesideOurs) {
  WriteTrajectory("a.traj", 5);
  const TaskResult validation = Run({{"recipe", "validation"}}, {"a.traj"});
  ASSERT_TRUE(validation.status.ok()) << validation.status;
  const std::string rows = validation.metrics["recipe"]["rows"].dump();
  for (const char* text : {"eq. 1 lacks V", "eq. 8 lacks", "eq. 7", "60°", "integral_over_3n"})
    EXPECT_THAT(rows, HasSubstr(text));
  const TaskResult glass = Run({{"recipe", "glass"}}, {"a.traj"});
  ASSERT_TRUE(glass.status.ok()) << glass.status;
  EXPECT_THAT(glass.metrics["recipe"]["rows"].dump(), HasSubstr("S_config"));
  EXPECT_TRUE(fs::exists("recipe-glass-s-config.csv"));
  EXPECT_FALSE(glass.metrics.contains("density"));
  EXPECT_THAT(std::string(Run({{"recipe", "soup"}}, {"a.traj"}).status.message()), HasSubstr("validation"));
}

// Columns of one name would be one in JSON, and ambiguous in the file.
TEST_F(RunStructureTest, ColumnsHaveNamesOfTheirOwn) {
  WriteTrajectory("a.traj", 1, 40);
  ASSERT_TRUE(Run({{"observables", {"rdf"}}}, {"a.traj"}).status.ok());
  const auto header = [](const char* path) {
    std::ifstream file(path);
    std::string line, name;
    while (std::getline(file, line) && line[0] == '#') {
    }
    std::multiset<std::string> names;
    for (std::istringstream rest(line); std::getline(rest, name, ',');) names.insert(name);
    return names;
  };
  const auto one = header("rdf-S-S.csv"), two = header("rdf-P-S.csv");
  EXPECT_EQ(one.count("n_SS"), 1u);
  EXPECT_EQ(one.size(), 5u);
  EXPECT_EQ(two.count("n_PS"), 1u);
  EXPECT_EQ(two.count("n_SP"), 1u);
}

// Density maxima are the eight sites; rate, jump length and D of the walk are known.
TEST_F(RunStructureTest, SitesAndHops) {
  WriteHops("a.traj", 5, 20000);
  const TaskResult result = Run({{"observables", {"sites"}}, {"sites", {{"residence_ps", 0.0}}}}, {"a.traj"});
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& na = result.metrics["sites"]["species"]["Na"];
  EXPECT_EQ(na["sites"], 8);
  EXPECT_EQ(na["from"], "density maxima");
  const double rate = 0.02 / 0.1;  // 1600 hops, 2.5 %
  EXPECT_NEAR(na["rate_per_ion_per_ps"]["value"].get<double>() / rate, 1.0, 0.09);
  EXPECT_NEAR(na["mean_jump_angstrom"]["value"].get<double>(), 3.0, 0.03);
  EXPECT_NEAR(na["d_random_cm2_per_s"]["value"].get<double>() / (1e-4 * rate * 9.0 / 6.0), 1.0, 0.1);
  const Json& f = na["correlation_factor"];
  EXPECT_NEAR(f["value"].get<double>(), 1.0, 3.5 * f["error"].get<double>() + 0.02);
  double occupied = 0.0;
  const Json& sites = result.metrics["curves"]["sites-Na"];
  for (double n : sites["occupation"]) occupied += n;
  EXPECT_NEAR(occupied, 4.0, 1e-6);
  for (double n : sites["occupation"]) EXPECT_NEAR(n, 0.5, 0.15);
  EXPECT_TRUE(fs::exists("hops-Na.csv"));

  // The same with the sites given: exactly 3 Å, as the structure says.
  std::ofstream("sites.xyz") << "8\nLattice=\"6 0 0 0 6 0 0 0 6\" Properties=species:S:1:pos:R:3\n"
                             << "Na 1.5 1.5 1.5\nNa 4.5 1.5 1.5\nNa 1.5 4.5 1.5\nNa 4.5 4.5 1.5\n"
                             << "Na 1.5 1.5 4.5\nNa 4.5 1.5 4.5\nNa 1.5 4.5 4.5\nNa 4.5 4.5 4.5\n";
  const TaskResult given = Run({{"observables", {"sites"}}, {"sites", {{"residence_ps", 0.0}}}}, {"a.traj"},
                               1, {{"sites", "", "sites.xyz"}});
  ASSERT_TRUE(given.status.ok()) << given.status;
  const Json& exact = given.metrics["sites"]["species"]["Na"];
  EXPECT_EQ(exact["from"], "reference structure");
  EXPECT_EQ(exact["hops"], na["hops"]);
  EXPECT_NEAR(exact["mean_jump_angstrom"]["value"].get<double>(), 3.0, 1e-6);
  EXPECT_THAT(std::string(Run({{"sites", {{"core_share", 0.7}}}}, {"a.traj"}).status.message()),
              HasSubstr("core_share <= 0.5"));
}

// Pieces of a run, one frame of which is in both, give what the whole gives.
TEST_F(RunStructureTest, GroupsArePiecesOfOneSeed) {
  WriteTrajectory("whole.traj", 8);
  Cut("whole.traj", "a.traj", 0, 150);
  Cut("whole.traj", "b.traj", 149, 400);
  const Json params = {{"observables", {"rdf", "van-hove", "vdos"}}};
  Json joined = params;
  joined["groups"] = {{0, 1}};
  const TaskResult whole = Run(params, {"whole.traj"}), pieces = Run(joined, {"a.traj", "b.traj"});
  ASSERT_TRUE(pieces.status.ok()) << pieces.status;
  EXPECT_EQ(pieces.metrics["seeds"], 1);
  EXPECT_EQ(pieces.metrics["frames"], 400);
  EXPECT_EQ(pieces.metrics["vdos"], whole.metrics["vdos"]);
  EXPECT_EQ(pieces.metrics["curves"]["displacement-Li"], whole.metrics["curves"]["displacement-Li"]);
  joined["groups"] = {{1, 0}};
  EXPECT_THAT(std::string(Run(joined, {"a.traj", "b.traj"}).status.message()), HasSubstr("ps are wanted"));
  joined["groups"] = {{0, 2}};
  EXPECT_THAT(std::string(Run(joined, {"a.traj", "b.traj"}).status.message()), HasSubstr("index 2"));
}

// Validation against another run of the same model: agreement; against a walk of half the steps: not in D.
TEST_F(RunStructureTest, ValidationComparesWithAReference) {
  for (int k = 1; k <= 4; ++k) WriteTrajectory(fmt::format("{}.traj", k), 10 + k);
  WriteTrajectory("r1.traj", 21);
  WriteTrajectory("r2.traj", 22);
  std::ofstream("eval.json") << R"({"per_species": {"Li": {"force_rmse_mev_per_angstrom": 41.5,
    "force_mae_mev_per_angstrom": 30}}})";
  const std::vector<TaskInput> others = {
      {"reference", "", "r1.traj"}, {"reference", "", "r2.traj"}, {"evaluation", "", "eval.json"}};
  const TaskResult result = Run({{"recipe", "validation"}, {"observables", {"rdf", "van-hove", "vdos"}}},
                                {"1.traj", "2.traj", "3.traj", "4.traj"}, 1, others);
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& comparison = result.metrics["comparison"]["reference"];
  EXPECT_EQ(comparison["seeds"], 2);
  EXPECT_GE(comparison["compared"].get<int>(), 10);
  bool displacement = false;
  for (const Json& c : comparison["curves"]) {
    if (c["quantity"] != "mean-square displacement of Li") continue;
    displacement = true;
    EXPECT_TRUE(c["agrees"].get<bool>()) << c;
  }
  EXPECT_TRUE(displacement);
  const std::string rows = result.metrics["recipe"]["rows"].dump();
  for (const char* text : {"against the reference", "RMSE 41.5 meV/Å", "spread over 4 runs", "--larger-cell"})
    EXPECT_THAT(rows, HasSubstr(text));
  EXPECT_EQ(result.metrics["spread"][0]["runs"], 4.0);
  EXPECT_TRUE(fs::exists("difference-reference-rdf-P-S.csv"));
}

TEST_F(RunStructureTest, RefusesWithTheName) {
  WriteTrajectory("a.traj", 6, 40);
  const auto message = [](const TaskResult& result) { return std::string(result.status.message()); };
  EXPECT_THAT(message(Run({{"observables", {"rdf", "colour"}}}, {"a.traj"})), HasSubstr("colour"));
  EXPECT_THAT(message(Run({{"observables", {"vdos"}}}, {"a.traj"})), HasSubstr("16 frames"));
  EXPECT_THAT(message(Run({{"mobile", {"Na"}}}, {"a.traj"})), HasSubstr("Na"));
  EXPECT_THAT(message(Run({{"r_max", 5}}, {"a.traj"})), HasSubstr("params.r_max"));
  EXPECT_THAT(message(Run({{"r_max_angstrom", -5}}, {"a.traj"})), HasSubstr("params.r_max_angstrom"));
  EXPECT_THAT(message(Run({{"coordination", {{"cutoffs", 5}}}}, {"a.traj"})), HasSubstr("cutoffs"));
  EXPECT_THAT(message(Run(Json::object(), {"none.traj"})), HasSubstr("none.traj"));
  EXPECT_THAT(message(Run(Json::object(), {})), HasSubstr("no trajectory"));
  auto reader = TrajectoryReader::Open("a.traj");
  TrajectoryHeader driven = reader->header();
  driven.provenance = {{"field_v_per_angstrom", {0.01, 0.0, 0.0}}};
  auto writer = TrajectoryWriter::Create("field.traj", driven);
  for (TrajectoryFrame frame; reader->Next(&frame).value();) ASSERT_TRUE(writer->Append(frame).ok());
  ASSERT_TRUE(writer->Flush().ok());
  for (const char* recipe : {"glass", "validation"})
    EXPECT_THAT(message(Run({{"recipe", recipe}}, {"field.traj"})),
                HasSubstr("field.traj is a run in an electric field of (0.01, 0, 0) V/Å"));
  EXPECT_TRUE(Run({{"observables", {"rdf"}}}, {"field.traj"}).status.ok());
  // What cannot be measured and was not asked for by name is a note.
  const TaskResult few = Run(Json::object(), {"a.traj"});
  ASSERT_TRUE(few.status.ok()) << few.status;
  EXPECT_THAT(few.metrics["notes"].dump(), HasSubstr("vdos"));
}

}  // namespace
}  // namespace superion::analysis
