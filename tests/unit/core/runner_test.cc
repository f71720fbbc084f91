#include "core/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace superion {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(RunnerTest, EveryKindOfTheContractHasAProgram) {
  for (const char* kind : {"preflight", "aimd", "perturb", "label", "train", "eval", "select", "md",
                           "calibrate", "analyze", "arrhenius", "structure"}) {
    EXPECT_TRUE(RunnerProgram(kind).ok()) << kind;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(RunnerProgram("dance").status()));
}

TEST(RunnerTest, DftStaysSingleThreaded) {
  EXPECT_EQ(RunnerEnvironment("label", 4).at("OMP_NUM_THREADS"), "1");
  EXPECT_EQ(RunnerEnvironment("train", 4).at("OMP_NUM_THREADS"), "4");
  EXPECT_EQ(RunnerEnvironment("md", 2).at("OMPI_MCA_ess_singleton_isolated"), "1");
}

TEST(RunnerTest, ProgressLinesAreToldFromOtherOutput) {
  const auto progress =
      ParseProgressLine(R"({"progress": {"done": 3, "total": 8, "unit": "labels", "message": "m"}})");
  ASSERT_TRUE(progress.has_value());
  EXPECT_EQ(progress->done, 3);
  EXPECT_EQ(progress->total, 8);
  EXPECT_EQ(progress->unit, "labels");
  for (const char* other :
       {"", "LAMMPS (29 Sep 2021)", "{", "{}", R"({"progress": 3})", R"({"progress": {"done": "x"}})"}) {
    EXPECT_FALSE(ParseProgressLine(other).has_value()) << other;
  }
}

TEST(RunnerTest, TailStartsWithALine) {
  const std::string path = ::testing::TempDir() + "/runner_tail_test";
  std::ofstream(path) << "first line\nsecond line\nthird\n";
  EXPECT_EQ(FileTail(path, 1000), "first line\nsecond line\nthird");
  EXPECT_EQ(FileTail(path, 14), "third");
  EXPECT_EQ(FileTail("nowhere", 10), "");
}

TEST(RunnerTest, AStaleResultIsNoResult) {
  std::string pattern = ::testing::TempDir() + "/runner_XXXXXX";
  const std::string root = ::mkdtemp(pattern.data());
  std::ofstream(root + "/superion-md") << "#!/bin/sh\nexit 3\n";
  fs::permissions(root + "/superion-md", fs::perms::owner_all);
  std::ofstream(root + "/result.json") << R"({"schema": 1, "status": {"code": "OK"}})";
  TaskSpec spec;
  spec.kind = "md";
  absl::StatusOr<std::unique_ptr<Runner>> runner = Runner::Start(spec, {root, root, {}});
  ASSERT_TRUE(runner.ok()) << runner.status();
  const TaskResult result = (*runner)->Wait();
  EXPECT_TRUE(absl::IsInternal(result.status)) << result.status;
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("exit code 3"));
  fs::remove_all(root);
}

TEST(RunnerTest, TheResultKnowsItsCpuTimeChildrenIncluded) {
  std::string pattern = ::testing::TempDir() + "/runner_XXXXXX";
  const std::string root = ::mkdtemp(pattern.data());
  std::ofstream(root + "/superion-md")
      << "#!/bin/sh\n"
         "sh -c 'k=0; while [ $k -lt 20000 ]; do k=$((k + 1)); done'\n"
         "echo '{\"schema\": 1, \"status\": {\"code\": \"OK\"}}' > result.json\n";
  fs::permissions(root + "/superion-md", fs::perms::owner_all);
  TaskSpec spec;
  spec.kind = "md";
  absl::StatusOr<std::unique_ptr<Runner>> runner = Runner::Start(spec, {root, root, {}});
  ASSERT_TRUE(runner.ok()) << runner.status();
  const TaskResult result = (*runner)->Wait();
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_GT(result.metrics["cpu_s"].get<double>(), 0.0);
  fs::remove_all(root);
}

}  // namespace
}  // namespace superion
