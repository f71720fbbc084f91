// `superion train` as users call it: interrupted, killed and called again; files as other programs write
// them.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "core/extxyz.h"
#include "core/file.h"
#include "core/random.h"
#include "core/subprocess.h"

namespace superion {
namespace {

// Springs between neighbors of a small cube of two species.
Frame Springs(Random* random) {
  Frame frame;
  Structure& s = frame.structure;
  s.cell = Mat3{{{5.2, 0, 0}, {0, 5.2, 0}, {0, 0, 5.2}}};
  s.pbc = {true, true, true};
  frame.energy = -20.0;
  for (int k = 0; k < 8; ++k) {
    const Vec3 site{2.6 * (k & 1), 2.6 * (k >> 1 & 1), 2.6 * (k >> 2)};
    const Vec3 u = 0.1 * Vec3{random->Gaussian(), random->Gaussian(), random->Gaussian()};
    s.species.push_back((k ^ k >> 1 ^ k >> 2) & 1 ? "Cl" : "Li");
    s.positions.push_back(site + u);
    *frame.energy += 0.5 * 3.0 * Dot(u, u);
    frame.forces.push_back(-3.0 * u);
  }
  return frame;
}

class TrainingTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "superion_training_XXXXXX";
    root_ = ::mkdtemp(name.data());
    Random random(1);
    for (int k = 0; k < 20; ++k) frames_.push_back(Springs(&random));
    ASSERT_TRUE(WriteExtxyz(root_ + "/train.xyz", frames_).ok());
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<Subprocess> Start(const std::string& model, const std::string& data = "train.xyz",
                                    const std::string& epochs = "400") {
    SubprocessOptions options;
    options.arguments = {std::string(SUPERION_BIN_DIR) + "/superion",
                         "train",
                         "--train",
                         data,
                         "--cutoff-angstrom",
                         "3.5",
                         "--epochs",
                         epochs,
                         "--device",
                         "cpu",
                         "--threads",
                         "1",
                         "--out",
                         model};
    options.working_directory = root_;
    options.stderr_path = root_ + "/stderr";
    options.stdout_path = root_ + "/stdout";
    options.environment = {{"HOME", root_}, {"SUPERION_SITE", ""}};
    auto process = Subprocess::Start(std::move(options));
    EXPECT_TRUE(process.ok()) << process.status();
    return process.ok() ? *std::move(process) : nullptr;
  }
  int Train(const std::string& model, const std::string& data = "train.xyz",
            const std::string& epochs = "400") {
    return Start(model, data, epochs)->Wait().exit_code;
  }
  std::string Said() { return ReadFile(root_ + "/stderr").value_or(""); }
  void AwaitFile(const std::string& file, const Subprocess& process) {
    while (!std::filesystem::exists(root_ + "/" + file) && ::kill(process.pid(), 0) == 0)
      std::this_thread::yield();
  }

  std::string root_;
  std::vector<Frame> frames_;
};

TEST_F(TrainingTest, AnInterruptedTrainingGoesOnToTheBit) {
  ASSERT_EQ(Train("whole"), 0) << Said();
  const auto first = Start("parts");
  AwaitFile("parts.training/learning_curve.jsonl", *first);
  ::kill(first->pid(), SIGINT);
  ASSERT_EQ(first->Wait().exit_code, 130) << Said();
  EXPECT_THAT(Said(), testing::HasSubstr("the same command goes on from"));
  ASSERT_TRUE(std::filesystem::exists(root_ + "/parts.training/training.checkpoint"));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/parts"));
  // Nothing to clean up after itself.
  const auto second = Start("parts");
  ::kill(second->pid(), SIGKILL);
  second->Wait();
  ASSERT_EQ(Train("parts"), 0) << Said();
  EXPECT_THAT(ReadFile(root_ + "/stdout").value(), testing::HasSubstr("went on from a checkpoint"));
  EXPECT_TRUE(ReadFile(root_ + "/parts").value() == ReadFile(root_ + "/whole").value());
  EXPECT_FALSE(std::filesystem::exists(root_ + "/parts.training"));
}

TEST_F(TrainingTest, RefusesWithTheReasonAndLeavesNothing) {
  for (Frame& frame : frames_) frame.forces.clear();
  ASSERT_TRUE(WriteExtxyz(root_ + "/bare.xyz", frames_).ok());
  EXPECT_EQ(Train("m", "bare.xyz"), 2);
  EXPECT_THAT(Said(), testing::HasSubstr("bare.xyz, frame 1: no forces"));
  EXPECT_EQ(Train(".", "train.xyz"), 2);
  EXPECT_THAT(Said(), testing::HasSubstr(". is a folder"));
  for (const auto& entry : std::filesystem::directory_iterator(root_))
    EXPECT_EQ(entry.path().filename().string().find(".training"), std::string::npos) << entry.path();
}

}  // namespace
}  // namespace superion
