#include "cli/training_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace superion {
namespace {

namespace fs = std::filesystem;

class TrainingFolderTest : public ::testing::Test {
 protected:
  TrainingFolderTest() {
    std::string pattern = ::testing::TempDir() + "/training_folder_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    model_ = root_ + "/models/new.superion";
  }
  ~TrainingFolderTest() override { fs::remove_all(root_); }
  std::string root_, model_;
};

TEST_F(TrainingFolderTest, GoesWhenThereIsNothingToGoOnFrom) {
  std::string path;
  {
    const auto folder = TrainingFolder::For(model_);
    ASSERT_TRUE(folder.ok()) << folder.status();
    path = folder->path();
    EXPECT_TRUE(fs::is_directory(path));
    EXPECT_FALSE(folder->HoldsCheckpoint());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(TrainingFolderTest, StaysWithItsCheckpointUntilTheModelIsThere) {
  std::string path;
  {
    const auto folder = TrainingFolder::For(model_);
    ASSERT_TRUE(folder.ok()) << folder.status();
    path = folder->path();
    std::ofstream(path + "/training.checkpoint.linear") << "state";  // of a first cycle
  }
  ASSERT_TRUE(fs::exists(path));
  {
    auto again = TrainingFolder::For(model_);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->path(), path);
    EXPECT_TRUE(again->HoldsCheckpoint());
    again->Finish();
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(TrainingFolderTest, IsForOneProcess) {
  auto first = std::make_unique<absl::StatusOr<TrainingFolder>>(TrainingFolder::For(model_));
  ASSERT_TRUE(first->ok());
  const auto second = TrainingFolder::For(model_);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_TRUE(fs::exists((*first)->path())) << "the refused one must not take the folder away";
  first.reset();
  EXPECT_TRUE(TrainingFolder::For(model_).ok());
}

TEST_F(TrainingFolderTest, RefusesAPlaceThatCannotBeWritten) {
  std::ofstream(root_ + "/file") << "x";
  EXPECT_TRUE(absl::IsInvalidArgument(TrainingFolder::For(root_ + "/file/m").status()));
}

}  // namespace
}  // namespace superion
