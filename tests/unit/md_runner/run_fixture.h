// A folder that disappears with the test, and short runs of argon in it.
#pragma once

#include <filesystem>
#include <string>

#include "analytic_forces.h"
#include "core/extxyz.h"
#include "core/file.h"
#include "core/stream.h"
#include "core/trajectory.h"
#include "gmock/gmock.h"
#include "md_runner/md_run.h"
#include "md_runner/native_engine.h"

namespace superion {

class ArgonRunTest : public testing::Test {
 protected:
  ArgonRunTest() {
    std::string name = testing::TempDir() + "superion_md_XXXXXX";
    root_ = ::mkdtemp(name.data());
    options_.structure = Argon(2);
    options_.seed = 5;
    options_.directory = Folder("run");
    options_.params.temperature_k = 60.0;
    options_.params.timestep_fs = 5.0;
    options_.params.equilibration_steps = 100;
    options_.params.steps = 200;
    options_.params.stream_every = 5;
    options_.params.frame_every = 5;
  }
  ~ArgonRunTest() override { std::filesystem::remove_all(root_); }

  std::string Folder(const std::string& name) {
    std::filesystem::create_directories(root_ + "/" + name);
    return root_ + "/" + name;
  }
  absl::StatusOr<MdOutcome> Run(std::function<double(int)> grade = nullptr, const LennardJones& lj = {},
                                const EngineFactory& factory = MakeNativeEngine) {
    return RunMd(options_,
                 std::make_unique<LennardJonesForces>(options_.structure.size(), lj, 0.6, std::move(grade)),
                 factory, nullptr);
  }
  std::string Content(const std::string& name) { return ReadFile(options_.directory + "/" + name).value(); }
  Stream ReadRunStream() { return ReadStream(options_.directory + "/stream.bin").value(); }
  std::vector<TrajectoryFrame> ReadRunTrajectory() {
    std::vector<TrajectoryFrame> frames;
    EXPECT_TRUE(
        ForEachTrajectoryFrame(options_.directory + "/trajectory.bin", [&](const TrajectoryFrame& frame) {
          frames.push_back(frame);
          return absl::OkStatus();
        }).ok());
    return frames;
  }

  std::string root_;
  MdRunOptions options_;
};

}  // namespace superion
