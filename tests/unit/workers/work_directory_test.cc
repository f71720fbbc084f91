#include "workers/work_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/subprocess.h"
#include "fake_coordinator.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

class WorkDirectoryTest : public ::testing::Test {
 protected:
  WorkDirectoryTest() {
    std::string pattern = ::testing::TempDir() + "/work_directory_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~WorkDirectoryTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  static TaskSpec Task(const std::string& id, int attempt = 1) {
    TaskSpec spec;
    spec.kind = "label";
    spec.task_id = id;
    spec.attempt = attempt;
    return spec;
  }
  std::string root_;
  FakeCoordinator coordinator_;
};

TEST_F(WorkDirectoryTest, OnlyOneWorkerAtATime) {
  absl::StatusOr<WorkDirectory> first = WorkDirectory::Open(root_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(WorkDirectory::Open(root_).status()));
}

TEST_F(WorkDirectoryTest, TheNameIsKept) {
  std::string made;
  {
    absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
    made = *directory->WorkerId("");
    EXPECT_FALSE(made.empty());
  }
  absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
  EXPECT_EQ(*directory->WorkerId(""), made);
  EXPECT_EQ(*directory->WorkerId("mine"), "mine");
  EXPECT_EQ(*directory->WorkerId(""), "mine");
  EXPECT_FALSE(directory->WorkerId("../x").ok());
}

TEST_F(WorkDirectoryTest, NamesThatLeaveTheFolderAreRefused) {
  absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
  for (const char* id : {"", "..", "../x", "a/b", ".hidden", "a b"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(directory->CreateSandbox(Task(id)).status())) << id;
  }
  TaskSpec task = Task("t");
  const std::string sandbox = *directory->CreateSandbox(task);
  task.inputs = {{"../x", coordinator_.Put("x"), ""}};
  EXPECT_TRUE(absl::IsInvalidArgument(directory->Stage(&coordinator_, sandbox, &task)));
  task.inputs = {{"x", "../../etc/passwd", ""}};
  EXPECT_TRUE(absl::IsInvalidArgument(directory->Stage(&coordinator_, sandbox, &task)));
}

TEST_F(WorkDirectoryTest, StagedFilesKeepTheirKind) {
  absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
  TaskSpec task = Task("t");
  const std::string sandbox = *directory->CreateSandbox(task);
  task.inputs = {{"model", coordinator_.Put("m"), ""},
                 {"stream", coordinator_.Put("s1"), ""},
                 {"stream", coordinator_.Put("s2"), ""},
                 {"structure", coordinator_.Put("p"), "some/where/start.POSCAR"}};
  ASSERT_TRUE(directory->Stage(&coordinator_, sandbox, &task).ok());
  EXPECT_EQ(task.inputs[0].path, "inputs/model.superion");
  EXPECT_EQ(task.inputs[1].path, "inputs/stream.stream");
  EXPECT_EQ(task.inputs[2].path, "inputs/stream.1.stream");
  EXPECT_EQ(task.inputs[3].path, "inputs/structure.POSCAR");
  EXPECT_EQ(*ReadFile(sandbox + "/inputs/stream.1.stream"), "s2");
}

TEST_F(WorkDirectoryTest, ADamagedCacheEntryIsFetchedAgain) {
  absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
  TaskSpec task = Task("t");
  const std::string hash = coordinator_.Put("content");
  task.inputs = {{"frames", hash, ""}};
  ASSERT_TRUE(directory->Stage(&coordinator_, *directory->CreateSandbox(task), &task).ok());
  const std::string cached = root_ + "/cache/" + hash.substr(0, 2) + "/" + hash;
  fs::remove(cached);
  std::ofstream(cached) << "damaged";
  const std::string sandbox = *directory->CreateSandbox(task);
  ASSERT_TRUE(directory->Stage(&coordinator_, sandbox, &task).ok());
  EXPECT_EQ(*ReadFile(sandbox + "/inputs/frames.xyz"), "content");
}

TEST_F(WorkDirectoryTest, RecoverKeepsOutcomesAndRemovesTheRest) {
  FinishedTask finished;
  {
    absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
    const std::string done = *directory->CreateSandbox(Task("done", 2));
    std::ofstream(done + "/out.txt") << "12345";
    finished.task_id = "done";
    finished.attempt = 2;
    finished.result.artifacts = {{"out", "out.txt", "", 0}};
    ASSERT_TRUE(directory->KeepOutcome(done, &finished).ok());
    ASSERT_TRUE(directory->CreateSandbox(Task("half")).ok());
  }
  absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
  const std::vector<WorkDirectory::Unreported> unreported = directory->Recover();
  ASSERT_EQ(unreported.size(), 1u);
  EXPECT_EQ(unreported[0].task.task_id, "done");
  EXPECT_EQ(unreported[0].task.attempt, 2);
  EXPECT_EQ(unreported[0].task.result.artifacts[0].sha256, Sha256("12345"));
  EXPECT_EQ(unreported[0].task.result.artifacts[0].size_bytes, 5);
  EXPECT_FALSE(fs::exists(root_ + "/tasks/half.1"));
}

TEST_F(WorkDirectoryTest, RecoverEndsTheRunnersOfAFormerSelf) {
  SubprocessOptions options;
  options.arguments = {"sleep", "1000"};
  absl::StatusOr<std::unique_ptr<Subprocess>> orphan = Subprocess::Start(options);
  ASSERT_TRUE(orphan.ok()) << orphan.status();
  absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
  RememberProcess(*directory->CreateSandbox(Task("t")), (*orphan)->pid());
  EXPECT_TRUE(directory->Recover().empty());
  EXPECT_EQ((*orphan)->Wait().signal, SIGKILL);
}

TEST_F(WorkDirectoryTest, PruneRemovesTheOldestFirst) {
  absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_);
  const auto now = fs::file_time_type::clock::now();
  for (int k = 0; k < 3; ++k) {
    const std::string path = root_ + "/cache/" + std::to_string(k);
    std::ofstream(path) << "0123456789";
    fs::last_write_time(path, now - std::chrono::hours(k));
  }
  directory->PruneCache(20);
  EXPECT_TRUE(fs::exists(root_ + "/cache/0"));
  EXPECT_TRUE(fs::exists(root_ + "/cache/1"));
  EXPECT_FALSE(fs::exists(root_ + "/cache/2"));
}

}  // namespace
}  // namespace superion
