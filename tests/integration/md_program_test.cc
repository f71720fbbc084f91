// superion-md as the node agent starts it: files in, files out, both engines, restart from the files of a
// killed run.
#include <signal.h>

#include <filesystem>
#include <thread>

#include "../unit/potential/reference_model.h"
#include "core/extxyz.h"
#include "core/file.h"
#include "core/runner.h"
#include "core/stream.h"
#include "gmock/gmock.h"

namespace superion {
namespace {

class MdProgramTest : public testing::Test {
 protected:
  MdProgramTest() {
    std::string name = testing::TempDir() + "superion_md_XXXXXX";
    root_ = ::mkdtemp(name.data());
    Model model = reference::RandomModel("S", {"Ar"}, 5.0, 3);
    model.energy_scale = 0.02;
    EXPECT_TRUE(WriteModel(root_ + "/model.superion", model).ok());
    Frame frame;
    frame.structure.cell = {{{5.3, 0, 0}, {0.4, 5.3, 0}, {0, 0.2, 5.3}}};
    frame.structure.species.assign(4, "Ar");
    frame.structure.positions = {{0, 0, 0}, {0, 2.6, 2.6}, {2.6, 0, 2.6}, {2.6, 2.6, 0}};
    EXPECT_TRUE(WriteExtxyz(root_ + "/structure.xyz", {frame}).ok());
    spec_.kind = "md";
    spec_.seed = 3;
    spec_.params = {{"ensemble", "nvt"},      {"temperature_k", 80.0}, {"timestep_fs", 2.0},
                    {"steps", 100},           {"stream_every", 5},     {"frame_every", 10},
                    {"checkpoint_every", 20}, {"gate", nullptr}};
    spec_.inputs = {{"model", "", root_ + "/model.superion"}, {"structure", "", root_ + "/structure.xyz"}};
  }
  ~MdProgramTest() override { std::filesystem::remove_all(root_); }

  TaskResult RunIn(const std::string& folder) {
    std::filesystem::create_directories(root_ + "/" + folder);
    Runner::Options options;
    options.directory = root_ + "/" + folder;
    options.program_directory = SUPERION_BIN_DIR;
    return Runner::Start(spec_, options).value()->Wait();
  }

  std::string root_;
  TaskSpec spec_;
};

TEST_F(MdProgramTest, BothEnginesRunAndAgreeOnNve) {
  spec_.params["ensemble"] = "nve";
  Stream streams[2];
  for (const std::string engine : {"native", "lammps"}) {
    spec_.params["engine"] = engine;
    const TaskResult result = RunIn(engine);
    ASSERT_TRUE(result.status.ok()) << result.status;
    EXPECT_EQ(result.metrics["steps_done"], 100);
    streams[engine == "lammps"] = ReadStream(root_ + "/" + engine + "/stream.bin").value();
  }
  ASSERT_EQ(streams[0].rows.size(), streams[1].rows.size());
  // Single-precision features: the two round differently, but see the same potential.
  const size_t energy = 1 + 3 + 1;
  for (size_t k = 0; k < streams[0].size(); ++k) {
    EXPECT_NEAR(streams[0].row(k)[energy], streams[1].row(k)[energy], 1e-4);
  }
}

TEST_F(MdProgramTest, NptRunsThroughLammps) {
  spec_.params["ensemble"] = "npt";
  spec_.params["engine"] = "lammps";
  spec_.params["pressure_bar"] = 1.0;
  const TaskResult result = RunIn("npt");
  ASSERT_TRUE(result.status.ok()) << result.status;
  const auto scalars = ReadStream(root_ + "/npt/stream.bin")->header.scalars;
  EXPECT_THAT(scalars, testing::IsSupersetOf({"volume_angstrom3", "pressure_bar"}));
}

// Killed in the middle, started again with its own checkpoint: the same files as without the kill.
TEST_F(MdProgramTest, AKilledRunIsFinishedFromItsCheckpointToTheBit) {
  spec_.params["steps"] = 20000;
  spec_.params["checkpoint_every"] = 2000;
  ASSERT_TRUE(RunIn("whole").status.ok());
  std::filesystem::create_directories(root_ + "/killed");
  Runner::Options options;
  options.directory = root_ + "/killed";
  options.program_directory = SUPERION_BIN_DIR;
  auto runner = Runner::Start(spec_, options).value();
  const std::string checkpoint = root_ + "/killed/restart.bin";
  while (!std::filesystem::exists(checkpoint) && ::kill(runner->pid(), 0) == 0) std::this_thread::yield();
  ::kill(runner->pid(), SIGKILL);
  EXPECT_TRUE(absl::IsAborted(runner->Wait().status));
  spec_.inputs.push_back({"restart", "", checkpoint});
  const TaskResult result = RunIn("killed");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["steps_done"], 20000);
  for (const char* file : {"stream.bin", "trajectory.bin", "restart.bin"}) {
    EXPECT_TRUE(ReadFile(root_ + "/killed/" + file).value() == ReadFile(root_ + "/whole/" + file).value())
        << file;
  }
}

TEST_F(MdProgramTest, AWrongSpecIsOneClearError) {
  spec_.params["engine"] = "gromacs";
  const TaskResult result = RunIn("wrong");
  EXPECT_TRUE(absl::IsInvalidArgument(result.status));
  EXPECT_THAT(std::string(result.status.message()),
              testing::HasSubstr("params.engine: expected one of native, lammps"));
}

}  // namespace
}  // namespace superion
