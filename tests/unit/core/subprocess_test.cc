#include "core/subprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <future>
#include <thread>

#include "command.h"
#include "core/file.h"
#include "temporary_directory.h"

namespace superion {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

SubprocessOptions Shell(const std::string& script) {
  SubprocessOptions options;
  options.arguments = {"sh", "-c", script};
  return options;
}

size_t OpenDescriptors() {
  size_t n = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) n += !entry.path().empty();
  return n;
}

// Orphans come to this process, which can then wait for their end instead of looking again and again.
void AdoptOrphans() { ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0); }

// The signal that ended an adopted process; waits for the end.
int SignalOf(pid_t pid) {
  int status = 0;
  pid_t ended;
  do {
    ended = ::waitpid(pid, &status, 0);
  } while (ended < 0 && errno == EINTR);
  EXPECT_EQ(ended, pid) << std::strerror(errno);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

// A process and the pid that it prints on its first line.
struct Reported {
  std::unique_ptr<Subprocess> process;
  pid_t pid = -1;
};

Reported StartAndReadPid(SubprocessOptions options) {
  auto first_line = std::make_shared<std::promise<std::string>>();
  auto seen = std::make_shared<bool>(false);
  options.on_stdout_line = [=](std::string_view line) {
    if (!std::exchange(*seen, true)) first_line->set_value(std::string(line));
  };
  Reported reported;
  reported.process = Subprocess::Start(std::move(options)).value();
  reported.pid = std::stoi(first_line->get_future().get());
  return reported;
}

TEST(Subprocess, PassesLinesAndTheExitCode) {
  std::vector<std::string> lines;
  SubprocessOptions options = Shell("echo one; echo; printf 'three\\nno end'; exit 7");
  options.on_stdout_line = [&lines](std::string_view line) { lines.emplace_back(line); };
  auto process = Subprocess::Start(std::move(options));
  ASSERT_TRUE(process.ok()) << process.status();
  const ExitState state = (*process)->Wait();
  EXPECT_EQ(state.exit_code, 7);
  EXPECT_EQ(state.signal, 0);
  EXPECT_FALSE((*process)->Running());
  EXPECT_THAT(lines, testing::ElementsAre("one", "", "three", "no end"));
}

TEST(Subprocess, NoLineIsLost) {
  const CommandOutput output = RunCommand({"seq", "1", "200000"});
  EXPECT_EQ(std::count(output.out.begin(), output.out.end(), '\n'), 200000);
  EXPECT_THAT(output.out, testing::EndsWith("\n200000\n"));
}

// Arguments reach the program as they are: there is no shell between.
TEST(Subprocess, ArgumentsAreNotInterpreted) {
  const std::string nasty = "a b; echo $HOME `id` \"x\" 'y' *";
  EXPECT_EQ(RunCommand({"printf", "%s\\n", nasty}).out, nasty + "\n");
}

TEST(Subprocess, FilesAreTakenFromTheWorkingDirectory) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileAtomically(directory.File("in"), "from stdin").ok());
  SubprocessOptions options = Shell("cat; pwd; echo problem >&2");
  options.working_directory = directory.path();
  options.stdin_path = "in";
  options.stdout_path = "out";
  options.stderr_path = directory.File("err");
  EXPECT_EQ((*Subprocess::Start(std::move(options)))->Wait().exit_code, 0);
  EXPECT_EQ(ReadFile(directory.File("out")).value(), "from stdin" + directory.path() + "\n");
  EXPECT_EQ(ReadFile(directory.File("err")).value(), "problem\n");
}

TEST(Subprocess, TheEnvironmentIsScrubbed) {
  ::setenv("SUPERION_TEST_MARK", "kept", 1);
  ::setenv("SECRET_TEST_MARK", "dropped", 1);
  ::setenv("OMP_NUM_THREADS", "5", 1);
  std::string seen;
  SubprocessOptions options;
  options.arguments = {"env"};
  options.environment = {{"ADDED", "with = sign"}, {"OMP_NUM_THREADS", "1"}};
  options.on_stdout_line = [&seen](std::string_view line) { seen.append(line).append("\n"); };
  (*Subprocess::Start(std::move(options)))->Wait();
  ::unsetenv("OMP_NUM_THREADS");
  EXPECT_THAT(seen, HasSubstr("SUPERION_TEST_MARK=kept\n"));
  EXPECT_THAT(seen, HasSubstr("ADDED=with = sign\n"));
  EXPECT_THAT(seen, HasSubstr("OMP_NUM_THREADS=1\n"));
  EXPECT_THAT(seen, HasSubstr("PATH="));
  EXPECT_THAT(seen, testing::Not(HasSubstr("SECRET_TEST_MARK")));
}

TEST(Subprocess, AMissingProgramIsNamedWithThePath) {
  SubprocessOptions options;
  options.arguments = {"no-such-pw.x", "-in", "x"};
  const absl::Status status = Subprocess::Start(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no-such-pw.x"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(std::getenv("PATH")));
  options.arguments = {"/no/such/program"};
  EXPECT_EQ(Subprocess::Start(options).status().code(), absl::StatusCode::kUnimplemented);
  const TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileAtomically(directory.File("plain"), "text").ok());
  options.arguments = {directory.File("plain")};
  EXPECT_THAT(std::string(Subprocess::Start(options).status().message()), HasSubstr("may be executed"));
  EXPECT_FALSE(FindProgram("no-such-pw.x").ok());
  EXPECT_THAT(FindProgram("sh").value(), testing::EndsWith("/sh"));
}

TEST(Subprocess, AMissingFolderOrInputIsAnError) {
  SubprocessOptions options = Shell("true");
  options.working_directory = "/no/such/folder";
  EXPECT_THAT(std::string(Subprocess::Start(options).status().message()), HasSubstr("/no/such/folder"));
  options = Shell("true");
  options.stdin_path = "/no/such/input";
  EXPECT_EQ(Subprocess::Start(options).status().code(), absl::StatusCode::kNotFound);
}

// Also the failed starts above must give everything back.
TEST(Subprocess, NoDescriptorLeaksHereOrIntoTheChild) {
  RunCommand({"true"});
  const size_t before = OpenDescriptors();
  int leak[2];
  ASSERT_EQ(::pipe(leak), 0);  // inheritable on purpose
  for (int k = 0; k < 5; ++k) {
    // ls itself opens the folder: 0 1 2 and that one.
    EXPECT_EQ(RunCommand({"sh", "-c", "ls /proc/self/fd | wc -l"}).out, "4\n");
    RunCommand({"no-such-program"});
    RunCommand({"true"}, "/no/such/folder");
  }
  ::close(leak[0]);
  ::close(leak[1]);
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(Subprocess, TerminateEndsTheWholeGroup) {
  AdoptOrphans();
  Reported reported = StartAndReadPid(Shell("sleep 600 & echo $!; wait"));
  EXPECT_TRUE(reported.process->Running());
  ExitState state;
  EXPECT_FALSE(reported.process->WaitFor(milliseconds(1), &state));
  reported.process->Terminate(milliseconds(60000));
  EXPECT_EQ(reported.process->Wait().signal, SIGTERM);
  EXPECT_NE(SignalOf(reported.pid), 0);
}

TEST(Subprocess, TerminateKillsWhatIgnoresTheRequest) {
  Reported reported = StartAndReadPid(Shell("trap '' TERM; echo $$; while true; do sleep 600; done"));
  reported.process->Terminate(milliseconds(50));
  EXPECT_EQ(reported.process->Wait().signal, SIGKILL);
}

TEST(Subprocess, DestructionKillsTheGroup) {
  AdoptOrphans();
  Reported reported = StartAndReadPid(Shell("sleep 600 & echo $!; wait"));
  reported.process.reset();
  EXPECT_EQ(SignalOf(reported.pid), SIGKILL);
}

TEST(Subprocess, WhatALeaderLeavesBehindIsKilled) {
  AdoptOrphans();
  Reported reported = StartAndReadPid(Shell("sleep 600 & echo $!; exit 0"));
  EXPECT_EQ(reported.process->Wait().exit_code, 0);  // although the sleeper holds the pipe open
  EXPECT_EQ(SignalOf(reported.pid), SIGKILL);
}

TEST(Subprocess, AChildDiesWithItsParentButNotWithTheThreadThatStartedIt) {
  AdoptOrphans();
  SubprocessOptions options;
  options.arguments = {SUPERION_CHILD_PROGRAM, "start-and-wait"};
  Reported parent = StartAndReadPid(std::move(options));
  EXPECT_EQ(::kill(parent.pid, 0), 0) << "the child did not survive the end of the starting thread";
  ASSERT_EQ(::kill(parent.process->pid(), SIGKILL), 0);
  EXPECT_EQ(parent.process->Wait().signal, SIGKILL);  // from here on the child is ours to wait for
  EXPECT_EQ(SignalOf(parent.pid), SIGKILL);
}

TEST(Subprocess, TimeOfTheChildrenIsCounted) {
  auto process = Subprocess::Start(Shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"));
  EXPECT_GT((*process)->Wait().cpu_s, 0.0);
}

TEST(Subprocess, ManyAtOnceFromManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&good, t] {
      for (int k = 0; k < 5; ++k) {
        const std::string word = std::to_string(t) + "-" + std::to_string(k);
        good += RunCommand({"echo", word}).out == word + "\n";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 20);
}

TEST(Subprocess, KnowsWhereThisProgramLies) {
  EXPECT_TRUE(std::filesystem::exists(ProgramDirectory() + "/core_test"));
}

}  // namespace
}  // namespace superion
