// The runner function on files: every format, and what it says about bad ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "analysis/analyze.h"
#include "analysis/series/distributions.h"
#include "core/file.h"
#include "core/stream.h"
#include "core/trajectory.h"
#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;

class RunAnalyzeTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              (std::string("superion_analyze_") + info->name() + "_" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    before_ = fs::current_path();
    fs::current_path(folder_);
    model_.n_frames = 600;
    ions_ = BrownianSeeds(model_, 0.0, 1, 5)[0];
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  Vec3 Position(size_t i, size_t k, bool wrapped) const {
    Vec3 r;
    for (size_t c = 0; c < 3; ++c) {
      r[c] = ions_.positions[3 * i + c][k];
      if (wrapped) r[c] -= model_.box * std::floor(r[c] / model_.box);
    }
    return r;
  }

  void WriteExtxyz(const std::string& name, bool wrapped, bool times) const {
    std::ofstream out(name);
    out.precision(12);
    for (size_t k = 0; k < model_.n_frames; ++k) {
      out << ions_.species.size()
          << "\nLattice=\"14 0 0 0 14 0 0 0 14\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"";
      if (times) out << " time_ps=" << model_.interval_ps * static_cast<double>(k);
      out << "\n";
      for (size_t i = 0; i < ions_.species.size(); ++i) {
        const Vec3 r = Position(i, k, wrapped);
        out << ions_.species[i] << " " << r[0] << " " << r[1] << " " << r[2] << "\n";
      }
    }
  }

  void WriteDump(const std::string& name, const std::string& columns) const {
    std::ofstream out(name);
    out.precision(12);
    for (size_t k = 0; k < model_.n_frames; ++k) {
      out << "ITEM: TIMESTEP\n"
          << 50 * k << "\nITEM: NUMBER OF ATOMS\n"
          << ions_.species.size() << "\nITEM: BOX BOUNDS pp pp pp\n-1 13\n-1 13\n-1 13\nITEM: ATOMS "
          << columns << "\n";
      for (size_t n = ions_.species.size(); n-- > 0;) {  // any order
        const Vec3 u = Position(n, k, false), w = Position(n, k, true);
        out << n + 1 << " " << (ions_.species[n] == "Li" ? 1 : 2);
        for (size_t c = 0; c < 3; ++c) {
          if (columns.find("xu") != std::string::npos)
            out << " " << u[c] - 1.0;
          else if (columns.find("xs") != std::string::npos)
            out << " " << w[c] / model_.box;
          else
            out << " " << w[c] - 1.0;
        }
        if (columns.find("ix") != std::string::npos) {
          for (size_t c = 0; c < 3; ++c) out << " " << std::lround((u[c] - w[c]) / model_.box);
        }
        out << "\n";
      }
    }
  }

  void WriteOwn(const std::string& stream_name, const std::string& trajectory_name, size_t first,
                size_t last) const {
    StreamHeader header;
    header.interval_ps = model_.interval_ps;
    header.temperature_k = 600.0;
    header.cell = {{{14, 0, 0}, {0, 14, 0}, {0, 0, 14}}};
    header.species = {"Li", "Cl"};
    header.counts = {16, 16};
    header.masses_u = {6.94, 35.45};
    header.scalars = {"temperature_k"};
    auto stream = StreamWriter::Create(stream_name, header);
    ASSERT_TRUE(stream.ok()) << stream.status();
    TrajectoryHeader own{ions_.species, ions_.masses_u, model_.interval_ps, 600.0, Json::object()};
    auto trajectory = TrajectoryWriter::Create(trajectory_name, own);
    ASSERT_TRUE(trajectory.ok()) << trajectory.status();
    for (size_t k = first; k < last; ++k) {
      std::vector<double> row{50.0 * static_cast<double>(k), 0, 0, 0, 0, 0, 0, 600.0};
      TrajectoryFrame frame{model_.interval_ps * static_cast<double>(k), header.cell, {}};
      for (size_t i = 0; i < ions_.species.size(); ++i) {
        frame.positions.push_back(Position(i, k, false));
        for (size_t c = 0; c < 3; ++c)
          row[1 + 3 * (i < 16 ? 0 : 1) + c] += ions_.positions[3 * i + c][k] - ions_.positions[3 * i + c][0];
      }
      ASSERT_TRUE(stream->Append(row).ok());
      ASSERT_TRUE(trajectory->Append(frame).ok());
    }
    ASSERT_TRUE(stream->Flush().ok() && trajectory->Flush().ok());
  }

  static TaskResult Run(const std::vector<std::string>& paths, Json params) {
    TaskSpec spec;
    spec.kind = "analyze";
    if (!params.contains("charges") && !params.contains("current_file"))
      params["charges"] = {{"Li", 1}, {"Cl", -1}};
    if (!params.contains("temperature_k")) params["temperature_k"] = 600;
    spec.params = params;
    for (const auto& path : paths) spec.inputs.push_back({"trajectory", "", path});
    return RunAnalyze(spec, [](const TaskProgress&) {});
  }

  void ExpectError(const TaskResult& result, absl::StatusCode code, const std::string& words) {
    EXPECT_EQ(result.status.code(), code) << result.status;
    EXPECT_THAT(result.status.message(), testing::HasSubstr(words));
  }

  fs::path folder_, before_;
  IonModel model_;
  IonTrajectory ions_;
};

TEST_F(RunAnalyzeTest, EveryFormatGivesTheSameNumbers) {
  WriteExtxyz("unwrapped.xyz", false, true);
  const TaskResult reference = Run({"unwrapped.xyz"}, {});
  ASSERT_TRUE(reference.status.ok()) << reference.status;
  const double sigma = reference.metrics["sigma_s_per_m"],
               d = reference.metrics["d_tracer_cm2_per_s"]["Li"]["value"];
  EXPECT_NEAR(std::log(sigma / NernstEinstein(model_)), 0.0, 3.0 * reference.metrics["s_tot"].get<double>());
  EXPECT_EQ(reference.metrics["status"], "RUNNING") << "one seed is not enough";
  EXPECT_FALSE(GateOf(reference.metrics, "G5")["passed"].get<bool>());
  EXPECT_TRUE(fs::exists("analysis.json"));

  WriteExtxyz("wrapped.xyz", true, false);
  WriteDump("unwrapped.dump", "id type xu yu zu");
  WriteDump("images.dump", "id type x y z ix iy iz");
  WriteDump("scaled.dump", "id type xs ys zs");
  WriteOwn("stream-1", "trajectory-1", 0, model_.n_frames);
  const Json types = {{"1", "Li"}, {"2", "Cl"}};
  const std::pair<std::vector<std::string>, Json> cases[] = {
      {{"wrapped.xyz"}, {{"timestep_fs", 50}}},
      {{"unwrapped.dump"}, {{"timestep_fs", 1}, {"types", types}}},
      {{"images.dump"}, {{"timestep_fs", 1}, {"types", types}}},
      {{"scaled.dump"}, {{"timestep_fs", 1}, {"types", types}}},
      {{"trajectory-1"}, Json::object()},
      {{"stream-1", "trajectory-1"}, Json::object()}};
  for (const auto& [paths, params] : cases) {
    const TaskResult result = Run(paths, params);
    ASSERT_TRUE(result.status.ok()) << paths[0] << ": " << result.status;
    EXPECT_NEAR(result.metrics["sigma_s_per_m"].get<double>() / sigma, 1.0, 1e-6) << paths[0];
    EXPECT_NEAR(result.metrics["d_tracer_cm2_per_s"]["Li"]["value"].get<double>() / d, 1.0, 1e-6) << paths[0];
  }
}

TEST_F(RunAnalyzeTest, SegmentsAreJoined) {
  WriteOwn("stream-a", "trajectory-a", 0, model_.n_frames);
  const TaskResult whole = Run({"stream-a", "trajectory-a"}, Json::object());
  ASSERT_TRUE(whole.status.ok()) << whole.status;
  WriteOwn("stream-b1", "trajectory-b1", 0, 300);
  WriteOwn("stream-b2", "trajectory-b2", 300, model_.n_frames);
  const TaskResult joined =
      Run({"stream-b1", "stream-b2", "trajectory-b1", "trajectory-b2"}, {{"groups", {{0, 1}}}});
  ASSERT_TRUE(joined.status.ok()) << joined.status;
  for (const char* key : {"sigma_s_per_m", "total_time_ps", "n_seeds", "sigma_ne_s_per_m"})
    EXPECT_EQ(joined.metrics[key], whole.metrics[key]) << key;
  // Without groups the times of the frames tell.
  const TaskResult frames = Run({"trajectory-b2", "trajectory-b1"}, Json::object());
  ASSERT_TRUE(frames.status.ok()) << frames.status;
  EXPECT_EQ(frames.metrics["n_seeds"], 1);
  EXPECT_DOUBLE_EQ(frames.metrics["sigma_ne_s_per_m"].get<double>(),
                   whole.metrics["sigma_ne_s_per_m"].get<double>());
  // Without groups the step counter tells which segment continues which.
  const TaskResult found = Run({"stream-b2", "stream-b1"}, Json::object());
  ASSERT_TRUE(found.status.ok()) << found.status;
  EXPECT_EQ(found.metrics["n_seeds"], 1);
  EXPECT_EQ(found.metrics["sigma_s_per_m"], whole.metrics["sigma_s_per_m"]);
  EXPECT_TRUE(found.metrics["haven_ratio"].is_null());
  EXPECT_THAT(found.metrics["tracer_note"].get<std::string>(), testing::HasSubstr("not measured"));
}

TEST_F(RunAnalyzeTest, RunsStoppedBeforeTheirFirstRowAreLeftOut) {
  WriteOwn("stream-whole", "trajectory-whole", 0, model_.n_frames);
  WriteOwn("stream-none", "trajectory-none", 0, 0);
  const TaskResult alone = Run({"stream-whole", "trajectory-whole"}, Json::object());
  const TaskResult result =
      Run({"stream-none", "stream-whole", "trajectory-none", "trajectory-whole"}, {{"groups", {{0}, {1}}}});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["n_seeds"], 1);
  EXPECT_EQ(result.metrics["sigma_s_per_m"], alone.metrics["sigma_s_per_m"]);
  EXPECT_EQ(result.metrics["sigma_ne_s_per_m"], alone.metrics["sigma_ne_s_per_m"]);
  ASSERT_EQ(result.metrics["left_out"].size(), 2u);
  EXPECT_THAT(result.metrics["left_out"].dump(), testing::HasSubstr("stream-none"));
  EXPECT_THAT(result.metrics["left_out"].dump(), testing::HasSubstr("trajectory-none"));
  EXPECT_FALSE(alone.metrics.contains("left_out"));
  // Without groups too.
  const TaskResult found = Run({"stream-none", "stream-whole"}, Json::object());
  ASSERT_TRUE(found.status.ok()) << found.status;
  EXPECT_EQ(found.metrics["n_seeds"], 1);
}

TEST_F(RunAnalyzeTest, NothingButStoppedRunsIsAResultWithoutANumber) {
  WriteOwn("stream-none", "trajectory-none", 0, 0);
  WriteOwn("stream-one", "trajectory-one", 0, 1);
  const TaskResult result =
      Run({"stream-none", "stream-one", "trajectory-none", "trajectory-one"}, {{"groups", {{0}, {1}}}});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["status"], "NOT_MEASURED");
  EXPECT_TRUE(result.metrics["sigma_s_per_m"].is_null());
  EXPECT_EQ(result.metrics["temperature_k"], 600);
  EXPECT_EQ(result.metrics["left_out"].size(), 4u);
  EXPECT_THAT(result.metrics["message"].get<std::string>(), testing::HasSubstr("stopped before it moved"));
}

TEST_F(RunAnalyzeTest, FewFramesLeaveTheConductivity) {
  WriteOwn("stream-1", "trajectory-all", 0, model_.n_frames);
  WriteOwn("stream-unused", "trajectory-1", 0, 5);
  const TaskResult result = Run({"stream-1", "trajectory-1"}, Json::object());
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_TRUE(result.metrics["sigma_s_per_m"].is_number());
  EXPECT_TRUE(result.metrics["haven_ratio"].is_null());
  EXPECT_THAT(result.metrics["tracer_note"].get<std::string>(), testing::HasSubstr("5 frames"));
  EXPECT_THAT(result.metrics["needs"]["message"].get<std::string>(), testing::HasSubstr("over 4 seeds"));
}

TEST_F(RunAnalyzeTest, FolderOfSeeds) {
  fs::create_directories("run/seed-1");
  fs::create_directories("run/seed-2");
  WriteOwn("run/seed-1/stream", "run/seed-1/trajectory", 0, model_.n_frames);
  ions_ = BrownianSeeds(model_, 0.0, 2, 6)[1];
  WriteOwn("run/seed-2/stream", "run/seed-2/trajectory", 0, model_.n_frames);
  const TaskResult result = Run({"run"}, Json::object());
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["n_seeds"], 2);
}

TEST_F(RunAnalyzeTest, CurrentOfATextFile) {
  std::ofstream out("current.txt");
  Random random(8);
  out << "# jx jy jz in e A/ps\n";
  for (int i = 0; i < 20000; ++i)
    out << i << ", " << random.Gaussian() << " " << random.Gaussian() << "\t" << random.Gaussian() << "\n";
  out.close();
  Json params = {{"current_file", "current.txt"},
                 {"columns", {2, 3, 4}},
                 {"timestep_fs", 10},
                 {"volume_angstrom3", 1000}};
  const TaskResult result = Run({}, params);
  ASSERT_TRUE(result.status.ok()) << result.status;
  // White current of variance 1: σ = C/(V T) · h/2.
  const double exact = units::kConductivity / (1000.0 * 600.0) * 0.01 / 2.0;
  EXPECT_NEAR(std::log(result.metrics["sigma_s_per_m"].get<double>() / exact), 0.0,
              3.0 * result.metrics["s_tot"].get<double>());
  EXPECT_TRUE(result.metrics["d_tracer_cm2_per_s"].is_null());
  // f* = 12.4 THz of a Nyquist frequency of 50: four samples make one.
  params["cepstral_cutoff_thz"] = 12.4;
  const Json cepstral = Run({}, params).metrics["estimators"]["cepstral"];
  EXPECT_DOUBLE_EQ(cepstral["cutoff_thz"].get<double>(), 12.5);
  // Three equivalent series of 5000 samples: Trigamma(3) (4 K* + 2)/N, as published.
  EXPECT_NEAR(cepstral["s_aic"].get<double>(),
              std::sqrt(Trigamma(3.0) * (4.0 * cepstral["coefficients"].get<double>() + 2.0) / 5000.0),
              1e-12);
  EXPECT_NEAR(std::log(cepstral["sigma_s_per_m"].get<double>() / exact), 0.0,
              3.0 * cepstral["s_aic"].get<double>());
  params["cepstral_cutoff_thz"] = -1.0;
  ExpectError(Run({}, params), absl::StatusCode::kInvalidArgument, "cepstral_cutoff_thz");
  params.erase("cepstral_cutoff_thz");
  params["columns"] = {2, 3, 5};
  ExpectError(Run({}, params), absl::StatusCode::kInvalidArgument, "line 2: column 5");
  params["columns"] = {2, 3, 4};
  params.erase("timestep_fs");
  ExpectError(Run({}, params), absl::StatusCode::kInvalidArgument, "timestep_fs");
}

TEST_F(RunAnalyzeTest, TensorPartsBlocksAndCurves) {
  WriteOwn("stream", "trajectory", 0, model_.n_frames);
  const Json params = {{"per_axis", true}, {"block_ps", {3.0, 1000.0}}};
  const TaskResult result = Run({"stream", "trajectory"}, params);
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& m = result.metrics;
  const Json& tensor = m.at("tensor");
  for (const char* axis : {"x", "y", "z"}) EXPECT_TRUE(tensor["per_axis"][axis].contains("status"));
  // The cell is cubic, so that the cell vectors are the Cartesian axes.
  EXPECT_NEAR(tensor["along_cell_vectors"]["b"]["sigma_s_per_m"].get<double>(),
              tensor["components_s_per_m"]["yy"].get<double>(), 1e-9);
  ASSERT_TRUE(tensor["symmetrised"].is_object());
  EXPECT_FALSE(tensor["symmetrised"]["point_group"].get<std::string>().empty());
  EXPECT_EQ(m["partial_conductivities"]["frames"].size(), 3u);
  const Json& lengths = m["block_method"]["lengths"];
  ASSERT_EQ(lengths.size(), 2u);
  EXPECT_TRUE(lengths[0]["block"]["sigma_s_per_m"].is_number());
  EXPECT_THAT(lengths[1]["block"]["message"].get<std::string>(), testing::HasSubstr("1000 ps"));
  for (const char* curve : {"current_acf", "green_kubo", "sigma_omega"})
    EXPECT_GT(m["curves"][curve].begin()->size(), 10u) << curve;
  EXPECT_TRUE(m["curves"]["vacf"].is_null()) << "frames are too far apart for velocities";

  const TaskResult none = Run({"stream", "trajectory"}, {{"symmetry", "none"}});
  ASSERT_TRUE(none.status.ok()) << none.status;
  EXPECT_TRUE(none.metrics["tensor"]["symmetrised"].is_null());
  EXPECT_FALSE(none.metrics["tensor"]["per_axis"]["x"].contains("status"));
  const TaskResult given = Run({"stream"}, {{"symmetry", {{{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}}}});
  ASSERT_TRUE(given.status.ok()) << given.status;
  const Json& symmetrised = given.metrics["tensor"]["symmetrised"]["components_s_per_m"];
  EXPECT_NEAR(symmetrised["xx"].get<double>(), symmetrised["yy"].get<double>(), 1e-9);
  EXPECT_NEAR(symmetrised["xz"].get<double>(), 0.0, 1e-9);

  using absl::StatusCode;
  ExpectError(Run({"stream"}, {{"symmetry", "cubic"}}), StatusCode::kInvalidArgument, "params.symmetry");
  ExpectError(Run({"stream"}, {{"symmetry", {{{2, 0, 0}, {0, 1, 0}, {0, 0, 1}}}}}),
              StatusCode::kInvalidArgument, "not orthogonal");
  ExpectError(Run({"stream"}, {{"block_ps", {-1.0}}}), StatusCode::kInvalidArgument, "params.block_ps");
}

TEST_F(RunAnalyzeTest, BadInputIsNamed) {
  WriteExtxyz("good.xyz", false, true);
  using absl::StatusCode;
  ExpectError(Run({"good.xyz"}, {{"charges", {{"Li", 1}, {"Cl", -2}}}}), StatusCode::kInvalidArgument,
              "neutral");
  ExpectError(Run({"good.xyz"}, {{"charges", {{"Li", 1}}}}), StatusCode::kInvalidArgument,
              "no charge was given for Cl");
  ExpectError(Run({"good.xyz"}, {{"mobile", {"Na"}}}), StatusCode::kInvalidArgument, "no Na");
  ExpectError(Run({"good.xyz"}, {{"mobil", {"Li"}}}), StatusCode::kInvalidArgument, "params.mobil");
  ExpectError(Run({"good.xyz"}, {{"temperature_k", -5}}), StatusCode::kInvalidArgument, "temperature_k");
  ExpectError(Run({"good.xyz"}, {{"temperature_k", nullptr}}), StatusCode::kInvalidArgument, "temperature_k");
  ExpectError(Run({"absent.xyz"}, {}), StatusCode::kNotFound, "absent.xyz");
  WriteExtxyz("timeless.xyz", false, false);
  ExpectError(Run({"timeless.xyz"}, {}), StatusCode::kInvalidArgument, "timestep_fs");
  std::ofstream("text.txt") << "hello\n";
  ExpectError(Run({"text.txt"}, {}), StatusCode::kInvalidArgument, "hello");
}

TEST_F(RunAnalyzeTest, BrokenTrajectoriesAreNamed) {
  using absl::StatusCode;
  WriteOwn("stream-1", "trajectory-1", 0, 100);
  WriteOwn("stream-2", "trajectory-2", 120, 200);
  ExpectError(Run({"stream-1", "stream-2"}, {{"groups", {{0, 1}}}}), StatusCode::kDataLoss,
              "rows are missing");
  ExpectError(Run({"trajectory-1", "trajectory-2"}, {{"groups", {{0, 1}}}}), StatusCode::kDataLoss,
              "trajectory-2");
  std::swap(ions_.species[0], ions_.species[20]);
  WriteExtxyz("a.xyz", false, true);
  std::swap(ions_.species[0], ions_.species[20]);
  WriteExtxyz("b.xyz", false, true);
  ASSERT_EQ(std::system("cat b.xyz >> a.xyz"), 0);
  ExpectError(Run({"a.xyz"}, {}), StatusCode::kInvalidArgument, "order of atoms changes");
  // Frames too far apart to unwrap.
  model_.diffusion = 80.0;
  ions_ = BrownianSeeds(model_, 0.0, 1, 9)[0];
  WriteExtxyz("fast.xyz", true, true);
  ExpectError(Run({"fast.xyz"}, {}), StatusCode::kInvalidArgument, "beyond 0.35");
}

TEST_F(RunAnalyzeTest, ArrheniusOfDocuments) {
  TaskSpec spec;
  spec.kind = "arrhenius";
  for (int k = 0; k < 3; ++k) {
    const double t = 600.0 + 200.0 * k;
    const Json document = {{"temperature_k", t},
                           {"status", "CONVERGED"},
                           {"s_tot", 0.1},
                           {"sigma_s_per_m", 1e6 / t * std::exp(-0.3 / (units::kBoltzmann * t))}};
    const std::string path = "a" + std::to_string(k) + ".json";
    ASSERT_TRUE(WriteFileAtomically(path, document.dump()).ok());
    spec.inputs.push_back({"analysis", "", path});
  }
  const Json bound = {{"temperature_k", 450.0},
                      {"status", "NO_HOPS"},
                      {"sigma_s_per_m", nullptr},
                      {"ci95_s_per_m", {nullptr, 50.0}}};
  ASSERT_TRUE(WriteFileAtomically("b.json", bound.dump()).ok());
  spec.inputs.push_back({"analysis", "", "b.json"});
  const TaskResult result = RunArrhenius(spec, [](const TaskProgress&) {});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_NEAR(result.metrics["ea_ev"].get<double>(), 0.3, 0.01);
  EXPECT_EQ(result.metrics["points"].size(), 4u);
  EXPECT_THAT(result.metrics["flags"].get<std::vector<std::string>>(), testing::Contains("CENSORED"));
  EXPECT_THAT(result.metrics["flags"].dump(), testing::HasSubstr("POINTS_NOT_CONVERGED"));
  EXPECT_THAT(result.metrics["notes"].dump(), testing::HasSubstr("b.json is NO_HOPS at 450 K"));
  spec.inputs.pop_back();
  const TaskResult all = RunArrhenius(spec, [](const TaskProgress&) {});
  ASSERT_TRUE(all.status.ok());
  EXPECT_THAT(all.metrics["flags"].dump(), testing::Not(testing::HasSubstr("NOT_CONVERGED")));
  spec.inputs.resize(1);
  const TaskResult one = RunArrhenius(spec, [](const TaskProgress&) {});
  ASSERT_TRUE(one.status.ok());
  EXPECT_TRUE(one.metrics["sigma_300k_s_per_m"].is_null());
  EXPECT_EQ(one.metrics["flags"], Json({"NOT_ENOUGH_POINTS"}));
}

}  // namespace
}  // namespace superion::analysis
