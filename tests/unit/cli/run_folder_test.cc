#include "cli/run_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace superion {
namespace {

namespace fs = std::filesystem;

class RunFolderTest : public ::testing::Test {
 protected:
  RunFolderTest() {
    std::string pattern = ::testing::TempDir() + "/run_folder_XXXXXX";
    root_ = fs::canonical(::mkdtemp(pattern.data())).string();
  }
  ~RunFolderTest() override { fs::remove_all(root_); }
  void Result(const std::string& folder) {
    fs::create_directories(folder);
    TaskResult result;
    result.artifacts = {
        {"stream", "a.stream", "", 0}, {"restart", "r", "", 0}, {"trajectory", "b.traj", "", 0}};
    std::ofstream(folder + "/result.json") << DumpJson(ToJson(result));
  }
  std::string root_;
};

TEST_F(RunFolderTest, AFolderGivesItsStreamAndTrajectory) {
  Result(root_);
  const auto inputs = InputsOfRun(root_);
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  ASSERT_EQ(inputs->size(), 2u);
  EXPECT_EQ((*inputs)[0].name, "stream");
  EXPECT_EQ((*inputs)[0].path, root_ + "/a.stream");
}

TEST_F(RunFolderTest, SubfoldersAreSeedsInOrder) {
  Result(root_ + "/seed-2");
  Result(root_ + "/seed-1");
  fs::create_directories(root_ + "/notes");
  const auto inputs = InputsOfRun(root_);
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  ASSERT_EQ(inputs->size(), 4u);
  EXPECT_EQ((*inputs)[0].path, root_ + "/seed-1/a.stream");
  EXPECT_EQ((*inputs)[2].path, root_ + "/seed-2/a.stream");
}

TEST_F(RunFolderTest, AFileIsItself) {
  std::ofstream(root_ + "/x.lammpstrj") << "x";
  EXPECT_EQ((*InputsOfRun(root_ + "/x.lammpstrj"))[0].name, "trajectory");
  EXPECT_FALSE(InputsOfRun(root_ + "/none").ok());
  // A folder of other programs: the analysis looks into it.
  const auto others = InputsOfRun(root_);
  ASSERT_TRUE(others.ok()) << others.status();
  ASSERT_EQ(others->size(), 1u);
  EXPECT_EQ((*others)[0].path, root_);
}

}  // namespace
}  // namespace superion
