#include "md_runner/md_task.h"

#include <unistd.h>

#include "../potential/reference_model.h"
#include "run_fixture.h"

namespace superion {
namespace {

// Runs tasks in a folder of their own, as the node agent does.
class MdTaskTest : public ArgonRunTest {
 protected:
  MdTaskTest() : home_(std::filesystem::current_path()) {
    std::filesystem::current_path(Folder("sandbox"));
    Model model = reference::RandomModel("S", {"Ar", "K"}, 5.0, 3);
    model.energy_scale = 0.02;
    // The grade of an atom is then the length of its feature vector: at least one, for the constant feature.
    const int h = model.architecture.hidden + 1;
    Tensor inverse{{2, h, h}, std::vector<double>(2 * h * h, 0.0)};
    for (int z = 0; z < 2; ++z) {
      for (int k = 0; k < h; ++k) inverse.values[(z * h + k) * h + k] = 1.0;
    }
    model.tensors["grade_inverse"] = inverse;
    model.tensors["grade_fence"] = {{2}, {100.0, 100.0}};
    EXPECT_TRUE(WriteModel("model.superion", model).ok());
    Frame frame;
    frame.structure = Argon(1);
    EXPECT_TRUE(WriteExtxyz("structure.xyz", {frame}).ok());
    spec_.kind = "md";
    spec_.seed = 3;
    spec_.params = {{"ensemble", "nvt"}, {"temperature_k", 80.0},  {"timestep_fs", 2.0},
                    {"steps", 60},       {"supercell", {2, 1, 1}}, {"stream_every", 5},
                    {"frame_every", 20}, {"snapshot_every", 30},   {"equilibration_steps", 10}};
    spec_.inputs = {{"model", "", "model.superion"}, {"structure", "", "structure.xyz"}};
  }
  ~MdTaskTest() override { std::filesystem::current_path(home_); }

  TaskResult RunTask() { return RunMdTask(spec_, nullptr, {{"native", MakeNativeEngine}}); }

  std::filesystem::path home_;
  TaskSpec spec_;
};

TEST_F(MdTaskTest, WritesTheArtifactsAndMetricsOfTheContract) {
  const TaskResult result = RunTask();
  ASSERT_TRUE(result.status.ok()) << result.status;
  for (const char* key : {"steps_done", "mean_temperature_k", "temperature_sd_k",
                          "energy_drift_mev_per_atom_per_100ps", "max_grade", "mean_grade", "accurate",
                          "candidate", "failed", "snapshots", "us_per_atom_step", "wall_s"}) {
    EXPECT_TRUE(result.metrics[key].is_number()) << key;
  }
  EXPECT_EQ(result.metrics["steps_done"], 60);
  EXPECT_TRUE(result.metrics["stopped"].is_null());
  EXPECT_EQ(result.metrics["accurate"], 3);
  EXPECT_GT(result.metrics["max_grade"].get<double>(), 0.0);
  std::vector<std::string> names;
  for (const TaskArtifact& artifact : result.artifacts) {
    names.push_back(artifact.name);
    EXPECT_TRUE(std::filesystem::exists(artifact.path)) << artifact.path;
  }
  EXPECT_THAT(names, testing::ElementsAre("stream", "trajectory", "snapshots", "restart"));
  const Stream stream = ReadStream("stream.bin").value();
  EXPECT_EQ(stream.size(), 13u);
  EXPECT_EQ(stream.header.counts, std::vector<int64_t>{8});
  EXPECT_EQ(stream.header.provenance["model_sha256"], Sha256File("model.superion").value());
  EXPECT_EQ(ReadExtxyz("snapshots.xyz")->front().atom_scalars.at("grade").size(), 8u);
}

TEST_F(MdTaskTest, TheGateStopsARunAndTheTaskSucceeds) {
  spec_.params["gate"] = {{"collect", 1e-4}, {"stop", 1e-3}};
  const TaskResult result = RunTask();
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["stopped"]["reason"], "grade");
  EXPECT_GT(result.metrics["stopped"]["grade"].get<double>(), 1e-3);
  EXPECT_EQ(result.metrics["failed"], 1);
}

TEST_F(MdTaskTest, RestartInputContinues) {
  ASSERT_TRUE(RunTask().status.ok());
  spec_.inputs.push_back({"restart", "", "restart.bin"});
  spec_.params["steps"] = 40;
  const TaskResult result = RunTask();
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["steps_done"], 40);
  // In the same folder the stream goes on: steps 0 to 100.
  EXPECT_EQ(ReadStream("stream.bin")->size(), 21u);
}

TEST_F(MdTaskTest, ReplicasAreListsOfArtifacts) {
  spec_.params["replicas"] = 2;
  const TaskResult result = RunTask();
  ASSERT_TRUE(result.status.ok()) << result.status;
  std::vector<std::string> streams;
  for (const TaskArtifact& artifact : result.artifacts) {
    if (artifact.name == "stream") streams.push_back(artifact.path);
  }
  EXPECT_THAT(streams, testing::ElementsAre("stream-1.bin", "stream-2.bin"));
  EXPECT_EQ(result.metrics["replicas"].size(), 2u);
}

TEST_F(MdTaskTest, ErrorsComeBackAsTheStatusOfTheTask) {
  spec_.params["engine"] = "lammps";
  EXPECT_TRUE(absl::IsFailedPrecondition(RunTask().status));
  spec_.params["engine"] = "native";
  spec_.params["temperatur"] = 1;
  EXPECT_TRUE(absl::IsInvalidArgument(RunTask().status));
  spec_.params.erase("temperatur");
  spec_.inputs.pop_back();
  EXPECT_TRUE(absl::IsInvalidArgument(RunTask().status));
  ASSERT_TRUE(WriteFileAtomically("model.superion", "broken").ok());
  spec_.inputs.push_back({"structure", "", "structure.xyz"});
  EXPECT_TRUE(absl::IsDataLoss(RunTask().status));
}

}  // namespace
}  // namespace superion
