// The kind divergence on pairs of trajectories.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "analysis/analyze.h"
#include "core/trajectory.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class RunDivergenceTest : public testing::Test {
 protected:
  RunDivergenceTest() : home_(fs::current_path()) {
    std::string pattern = testing::TempDir() + "superion_divergence_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    fs::current_path(root_);
  }
  ~RunDivergenceTest() override {
    fs::current_path(home_);
    fs::remove_all(root_);
  }

  // One of four atoms leaves the others at 1e-7 e^{λ t} Å.
  static std::string Write(const std::string& path, double lambda, double interval = 0.1, int frames = 100) {
    TrajectoryHeader header{std::vector<std::string>(4, "Li"), std::vector<double>(4, 6.94), interval, 600.0,
                            Json::object()};
    auto writer = TrajectoryWriter::Create(path, header).value();
    for (int k = 0; k < frames; ++k) {
      TrajectoryFrame frame{k * interval, {{{9, 0, 0}, {0, 9, 0}, {0, 0, 9}}}, {}};
      for (int i = 0; i < 4; ++i) frame.positions.push_back({2.0 * i, 0, 0});
      if (lambda > 0.0 && k > 0) frame.positions[2][1] += 1e-7 * std::exp(lambda * k * interval);
      EXPECT_TRUE(writer.Append(frame).ok());
    }
    EXPECT_TRUE(writer.Flush().ok());
    return path;
  }
  static TaskResult Run(const std::vector<std::string>& paths) {
    TaskSpec spec;
    for (const auto& path : paths) spec.inputs.push_back({"trajectory", "", path});
    return RunDivergence(spec, nullptr);
  }

  std::string root_;
  fs::path home_;
};

TEST_F(RunDivergenceTest, ExponentAndHorizon) {
  const std::string still = Write("still.bin", 0.0);
  const TaskResult one = Run({still, Write("a.bin", 2.0)});
  ASSERT_TRUE(one.status.ok()) << one.status;
  EXPECT_NEAR(one.metrics["lambda_per_ps"].get<double>(), 2.0, 1e-6);
  EXPECT_EQ(one.metrics["status"], "FEW_TWINS");
  EXPECT_TRUE(one.metrics["s"].is_null());
  std::vector<std::string> paths;
  for (const double lambda : {1.9, 2.0, 2.1, 1.8, 2.2}) {
    paths.push_back(still);
    paths.push_back(Write(fmt::format("t{}.bin", lambda), lambda));
  }
  const TaskResult five = Run(paths);
  ASSERT_TRUE(five.status.ok()) << five.status;
  EXPECT_EQ(five.metrics["status"], "OK");
  EXPECT_NEAR(five.metrics["lambda_per_ps"].get<double>(), 2.0, 1e-6);
  EXPECT_NEAR(five.metrics["s"].get<double>(), std::sqrt(0.005), 1e-6);
  EXPECT_NEAR(five.metrics["horizon_ps"]["float32"].get<double>(),
              std::log(0.1 / std::numeric_limits<float>::epsilon()) / 2.0, 1e-5);
  EXPECT_EQ(five.artifacts[0].path, "divergence.json");
  // One of four atoms by 1e-7 Å: a root mean square of half that.
  const Json& curve = five.metrics["curve"];
  EXPECT_NEAR(curve["separation_angstrom"][0].get<double>() / (0.5e-7 * std::exp(0.2)), 1.0, 1e-6);
}

TEST_F(RunDivergenceTest, NamesWhatIsWrong) {
  const std::string still = Write("still.bin", 0.0), other = Write("other.bin", 2.0, 0.2);
  EXPECT_THAT(std::string(Run({still}).status.message()), HasSubstr("pairs of trajectories, found 1"));
  EXPECT_THAT(std::string(Run({still, other}).status.message()), HasSubstr("differ in atoms or interval"));
  EXPECT_THAT(std::string(Run({still, still}).status.message()), HasSubstr("pair 1: 0 samples lie between"));
  EXPECT_THAT(std::string(Run({still, Write("slow.bin", 0.1)}).status.message()), HasSubstr("run longer"));
}

}  // namespace
}  // namespace superion::analysis
