// Every kind of the runner twice on the same files, and with other numbers of threads: the same bits, and
// numbers within 1e-10. (Kind structure: run_structure_test.cc.)
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "analysis/analyze.h"
#include "core/file.h"
#include "core/stream.h"
#include "core/trajectory.h"
#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;
using Runner = TaskResult (*)(const TaskSpec&, const ProgressSink&);

class RepetitionTest : public testing::Test {
 protected:
  RepetitionTest() : home_(fs::current_path()) {
    std::string pattern = testing::TempDir() + "superion_repetition_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    fs::current_path(root_);
  }
  ~RepetitionTest() override {
    fs::current_path(home_);
    fs::remove_all(root_);
  }

  // Brownian lithium that drifts along x, as a stream in a field (none: equilibrium) with a trajectory.
  std::pair<std::string, std::string> Write(double field, uint64_t seed) {
    IonModel model;
    model.n_mobile = model.n_framework = 24;
    model.n_frames = 1200;
    const IonTrajectory ions = BrownianSeeds(model, 0.0, 1, seed)[0];
    StreamHeader header;
    header.interval_ps = model.interval_ps;
    header.temperature_k = 600.0;
    header.cell = {{{14, 0, 0}, {0, 14, 0}, {0, 0, 14}}};
    header.species = {"Li", "Cl"};
    header.counts = {24, 24};
    header.masses_u = {6.94, 35.45};
    header.field_v_per_angstrom = {field, 0, 0};
    if (field != 0.0) header.charges_e = {1.0, -1.0};
    const std::string name = fmt::format("-{}", ++files_);
    auto stream = StreamWriter::Create("stream" + name, header).value();
    auto trajectory = TrajectoryWriter::Create(
                          "trajectory" + name,
                          {ions.species, ions.masses_u, model.interval_ps, 600.0,
                           field == 0.0 ? Json::object() : Json{{"field_v_per_angstrom", {field, 0, 0}}}})
                          .value();
    for (size_t k = 0; k < model.n_frames; ++k) {
      const double drift = 50.0 * field * model.interval_ps * static_cast<double>(k);
      std::vector<double> row(7, 0.0);
      row[0] = static_cast<double>(k);
      TrajectoryFrame frame{model.interval_ps * static_cast<double>(k), header.cell, {}};
      for (size_t i = 0; i < ions.species.size(); ++i) {
        Vec3 r{};
        for (size_t c = 0; c < 3; ++c) {
          r[c] = ions.positions[3 * i + c][k] + (c == 0 && i < 24 ? drift : 0.0);
          if (i < 24) row[1 + c] += r[c] - ions.positions[3 * i + c][0];
        }
        frame.positions.push_back(r);
      }
      EXPECT_TRUE(stream.Append(row).ok() && trajectory.Append(frame).ok());
    }
    EXPECT_TRUE(stream.Flush().ok() && trajectory.Flush().ok());
    return {"stream" + name, "trajectory" + name};
  }

  static void Close(const Json& a, const Json& b, const std::string& at) {
    ASSERT_EQ(a.type(), b.type()) << at;
    if (a.is_number_float()) {
      EXPECT_LE(std::abs(a.get<double>() - b.get<double>()), 1e-10 * std::abs(a.get<double>())) << at;
    } else if (a.is_structured()) {
      ASSERT_EQ(a.size(), b.size()) << at;
      for (auto x = a.items().begin(), y = b.items().begin(); x != a.items().end(); ++x, ++y)
        Close(x.value(), y.value(), at + "/" + x.key());
    } else {
      EXPECT_EQ(a, b) << at;
    }
  }

  // The document of one thread.
  static Json Repeat(Runner runner, TaskSpec spec) {
    spec.threads = 1;
    const auto progress = [](const TaskProgress&) {};
    const TaskResult one = runner(spec, progress), again = runner(spec, progress);
    EXPECT_TRUE(one.status.ok()) << one.status;
    EXPECT_EQ(one.metrics.dump(), again.metrics.dump()) << "to the bit";
    for (const int threads : {2, 5}) {
      spec.threads = threads;
      const TaskResult other = runner(spec, progress);
      EXPECT_TRUE(other.status.ok()) << other.status;
      Close(one.metrics, other.metrics, fmt::format("{} threads: ", threads));
    }
    return one.metrics;
  }

  std::string root_;
  fs::path home_;
  int files_ = 0;
};

TEST_F(RepetitionTest, Analyze) {
  TaskSpec spec;
  spec.params = {{"charges", {{"Li", 1}, {"Cl", -1}}}, {"per_axis", true}, {"block_ps", {5.0}}};
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const auto [stream, trajectory] = Write(0.0, seed);
    spec.inputs.push_back({"stream", "", stream});
    spec.inputs.push_back({"trajectory", "", trajectory});
  }
  const Json document = Repeat(RunAnalyze, spec);
  EXPECT_TRUE(document["sigma_s_per_m"].is_number());
  EXPECT_TRUE(document["haven_ratio"].is_number());
  EXPECT_TRUE(document["tensor"].is_object());
}

TEST_F(RepetitionTest, AnalyzeACurrentWithAnother) {
  std::ofstream out("current.txt");
  Random random(1);
  for (int k = 0; k < 6000; ++k) {
    for (int c = 0; c < 6; ++c) out << random.Gaussian() << " ";
    out << "\n";
  }
  out.close();
  TaskSpec spec;
  spec.params = {{"current_file", "current.txt"},
                 {"auxiliary_columns", {4, 5, 6}},
                 {"timestep_fs", 10},
                 {"volume_angstrom3", 1000},
                 {"temperature_k", 600}};
  EXPECT_TRUE(Repeat(RunAnalyze, spec)["estimators"].contains("cepstral_multi_current"));
}

TEST_F(RepetitionTest, Nemd) {
  TaskSpec spec;
  uint64_t seed = 0;
  for (const double field : {0.02, -0.02, 0.01, -0.01, 0.005, -0.005}) {
    const auto [stream, trajectory] = Write(field, ++seed);
    spec.inputs.push_back({"stream", "", stream});
    spec.inputs.push_back({"trajectory", "", trajectory});
  }
  EXPECT_FALSE(Repeat(RunNemd, spec)["directions"].empty());
}

TEST_F(RepetitionTest, Divergence) {
  TaskSpec spec;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    // Twins: the second of each pair is moved by a growing distance.
    const std::string path = fmt::format("twin-{}", seed);
    auto writer =
        TrajectoryWriter::Create(path, {{"Li", "Li"}, {6.94, 6.94}, 0.1, 600.0, Json::object()}).value();
    for (int k = 0; k < 100; ++k) {
      TrajectoryFrame frame{0.1 * k, {{{9, 0, 0}, {0, 9, 0}, {0, 0, 9}}}, {{0, 0, 0}, {4, 0, 0}}};
      if (seed % 2 == 1 && k > 0)
        frame.positions[0][1] += 1e-7 * std::exp((1.0 + 0.1 * static_cast<double>(seed)) * 0.1 * k);
      ASSERT_TRUE(writer.Append(frame).ok());
    }
    ASSERT_TRUE(writer.Flush().ok());
    spec.inputs.push_back({"trajectory", "", path});
  }
  EXPECT_TRUE(Repeat(RunDivergence, spec)["lambda_per_ps"].is_number());
}

TEST_F(RepetitionTest, Extrapolations) {
  TaskSpec temperatures, sizes;
  for (int k = 0; k < 5; ++k) {
    const double t = 500.0 + 100.0 * k;
    const Json document = {
        {"temperature_k", t},
        {"status", "CONVERGED"},
        {"s_tot", 0.1},
        {"volume_angstrom3", 1000.0},
        {"sigma_s_per_m", (1.0 + 0.05 * (k % 2)) * 1e6 / t * std::exp(-0.3 / (units::kBoltzmann * t))}};
    ASSERT_TRUE(WriteFileAtomically(fmt::format("t{}.json", k), document.dump()).ok());
    temperatures.inputs.push_back({"analysis", "", fmt::format("t{}.json", k)});
    Json size = document;
    size["temperature_k"] = 600.0;
    size["volume_angstrom3"] = 1000.0 * (1 + k) * (1 + k);
    size["sigma_s_per_m"] = 10.0 + k % 2;
    ASSERT_TRUE(WriteFileAtomically(fmt::format("v{}.json", k), size.dump()).ok());
    sizes.inputs.push_back({"analysis", "", fmt::format("v{}.json", k)});
  }
  EXPECT_TRUE(Repeat(RunArrhenius, temperatures)["ea_ev"].is_number());
  EXPECT_TRUE(Repeat(RunFiniteSize, sizes)["slope_angstrom"].is_number());
  EXPECT_FALSE(Repeat(RunErrorBudget, temperatures)["temperatures"].empty());
}

}  // namespace
}  // namespace superion::analysis
