#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "command.h"
#include "core/file.h"
#include "core/task.h"
#include "temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

class RunnerMainTest : public testing::Test {
 protected:
  CommandOutput Run(const std::string& kind) {
    const Json spec = {{"schema", 1}, {"kind", kind}, {"key", "generation-1/x"}, {"seed", 42}};
    EXPECT_TRUE(WriteFileAtomically(directory_.File("spec.json"), DumpJson(spec)).ok());
    return RunArguments({"--spec", "spec.json", "--result", "result.json"});
  }
  CommandOutput RunArguments(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SUPERION_CHILD_PROGRAM);
    return RunCommand(std::move(arguments), directory_.path());
  }
  TaskResult Result() { return TaskResultFromJson(ReadJson(directory_.File("result.json")).value()).value(); }
  TemporaryDirectory directory_;
};

TEST_F(RunnerMainTest, AGoodTaskLeavesItsResult) {
  const CommandOutput output = Run("echo");
  EXPECT_EQ(output.exit_code, 0);
  const TaskResult result = Result();
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.metrics["seed"], 42);
  ASSERT_EQ(result.artifacts.size(), 1u);
  EXPECT_EQ(ReadFile(directory_.File("echo.txt")).value(), "generation-1/x");
}

TEST_F(RunnerMainTest, ProgressIsThinnedButEndsComplete) {
  std::istringstream lines(Run("echo").out);
  std::vector<TaskProgress> all;
  for (std::string line; std::getline(lines, line);) {
    const auto progress = TaskProgressFromJson(ParseJson(line, "stdout").value());
    ASSERT_TRUE(progress.ok());
    all.push_back(*progress);
  }
  ASSERT_GE(all.size(), 2u);
  EXPECT_LT(all.size(), 1000u);
  EXPECT_EQ(all.front().done, 1);
  EXPECT_EQ(all.back().done, 1000);
}

TEST_F(RunnerMainTest, AFailureIsAResultToo) {
  EXPECT_EQ(Run("fail").exit_code, 1);
  EXPECT_EQ(Result().status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(RunnerMainTest, AnExceptionBecomesInternal) {
  EXPECT_EQ(Run("throw").exit_code, 1);
  EXPECT_EQ(Result().status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(Result().status.message()), HasSubstr("out of luck"));
}

TEST_F(RunnerMainTest, APromisedArtifactMustBeThere) {
  EXPECT_EQ(Run("forget").exit_code, 1);
  EXPECT_THAT(std::string(Result().status.message()), HasSubstr("never_written"));
}

TEST_F(RunnerMainTest, UnusableSpecsAndArgumentsEndWithTwo) {
  EXPECT_EQ(Run("dance").exit_code, 2);
  EXPECT_EQ(RunArguments({}).exit_code, 2);
  EXPECT_EQ(RunArguments({"--spec"}).exit_code, 2);
  EXPECT_EQ(RunArguments({"--spec", "spec.json", "--result", "r", "--fast", "1"}).exit_code, 2);
  EXPECT_EQ(RunArguments({"--spec", "none.json", "--result", "r"}).exit_code, 2);
  ASSERT_TRUE(WriteFileAtomically(directory_.File("spec.json"), "{").ok());
  EXPECT_EQ(RunArguments({"--spec", "spec.json", "--result", "r"}).exit_code, 2);
  EXPECT_FALSE(ReadFile(directory_.File("r")).ok());
}

}  // namespace
}  // namespace superion
