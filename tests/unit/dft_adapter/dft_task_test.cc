#include "dft_adapter/dft_task.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "core/extxyz.h"
#include "core/site_profile.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

using testing::HasSubstr;

// Tasks work in the current folder: each case gets one of its own.
class DftTaskTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = TestFolder();
    back_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
    Frame frame;
    frame.structure = Li2S12(0.05, 2);
    Frame close = frame;
    close.structure.positions[1] = close.structure.positions[0] + Vec3{0.3, 0, 0};
    ASSERT_TRUE(WriteExtxyz("frames.xyz", {frame, close, frame}).ok());
    ASSERT_TRUE(WriteExtxyz("start.xyz", {frame}).ok());
    spec_.seed = 3;
    SiteProfile site;
    site.pseudo_directories = {folder_};
    spec_.site = ToJson(site);
    spec_.params["labeler"] =
        Json::parse(R"({"kind": "oracle", "form": "morse_coulomb", "cutoff_angstrom": 5.0,
      "coulomb": {"species": {"Li": {"valence": 1, "radius_angstrom": 1.2, "principal_quantum_number": 2},
                              "S": {"valence": -2, "radius_angstrom": 1.0, "principal_quantum_number": 3}},
                  "interactions": [["Li", "Li"], ["S", "S"]]},
      "morse": [{"pair": ["Li", "S"], "d_ev": 0.6, "alpha_per_angstrom": 1.6, "rmin_angstrom": 2.5}]})");
  }
  void TearDown() override {
    std::filesystem::current_path(back_);
    std::filesystem::remove_all(folder_);
  }
  static void Ignore(const TaskProgress&) {}
  TaskSpec spec_;
  std::string folder_, back_;
};

TEST_F(DftTaskTest, LabelWritesBothArtifactsAndLeavesNoScratch) {
  spec_.inputs = {{"frames", "", "frames.xyz"}};
  const TaskResult result = RunLabelTask(spec_, Ignore);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["labelled"], 2);
  EXPECT_EQ(result.metrics["failures_by_class"]["geometry"], 1);
  EXPECT_EQ(result.artifacts.size(), 2u);
  for (const TaskArtifact& a : result.artifacts)
    EXPECT_TRUE(std::filesystem::is_regular_file(a.path)) << a.path;
  EXPECT_FALSE(std::filesystem::exists("scratch"));
}

TEST_F(DftTaskTest, AimdWritesFramesWithVelocities) {
  spec_.inputs = {{"structure", "", "start.xyz"}};
  spec_.params.update({{"temperature_k", 500}, {"steps", 30}, {"timestep_fs", 1.0}, {"sample_every", 10}});
  const TaskResult result = RunAimdTask(spec_, Ignore);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["frames"], 3);
  EXPECT_EQ(result.metrics["redrawn"], 0);
  EXPECT_EQ(result.metrics["label_sources"]["oracle"], 30);
  const auto frames = *ReadExtxyz("labelled.xyz");
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[2].velocities.size(), 12u);
  EXPECT_EQ(frames[2].forces.size(), 12u);
  EXPECT_TRUE(frames[2].info.count("frame_id"));
}

TEST_F(DftTaskTest, AimdThatNeverKeepsItsDistancesNamesThem) {
  spec_.inputs = {{"structure", "", "start.xyz"}};
  spec_.params.update({{"temperature_k", 1e6}, {"steps", 30}, {"timestep_fs", 10.0}, {"sample_every", 10}});
  const TaskResult result = RunAimdTask(spec_, Ignore);
  EXPECT_EQ(result.status.code(), absl::StatusCode::kFailedPrecondition);
  const std::string message(result.status.message());
  EXPECT_THAT(message, testing::ContainsRegex("no frame in 5 draws of the velocities.*\\((Li|S)\\).*apart"));
}

TEST_F(DftTaskTest, ParametersAreStrict) {
  spec_.inputs = {{"structure", "", "start.xyz"}};
  EXPECT_THAT(std::string(RunAimdTask(spec_, Ignore).status.message()), HasSubstr("temperature_k"));
  spec_.params.update({{"temperature_k", -5}, {"steps", 30}, {"timestep_fs", 1.0}, {"sample_every", 10}});
  EXPECT_EQ(RunAimdTask(spec_, Ignore).status.code(), absl::StatusCode::kInvalidArgument);
  spec_.params["temperature_k"] = 500;
  spec_.params["temprature_k"] = 500;
  EXPECT_THAT(std::string(RunAimdTask(spec_, Ignore).status.message()), HasSubstr("temprature_k"));
}

TEST_F(DftTaskTest, PreflightOfAnOracleNeedsNoProgramButEverySpecies) {
  spec_.params["species"] = {"Li", "S"};
  const TaskResult good = RunPreflight(spec_, Ignore);
  ASSERT_TRUE(good.status.ok()) << good.status;
  EXPECT_EQ(good.metrics["label_hash"].get<std::string>().size(), 64u);
  spec_.params["species"] = {"Li", "Cl"};
  EXPECT_THAT(std::string(RunPreflight(spec_, Ignore).status.message()), HasSubstr("Cl"));
}

}  // namespace
}  // namespace superion
