#include "workers/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "fake_coordinator.h"

namespace superion {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A worker in a folder of its own, whose runner programs are shell scripts.
class AgentTest : public ::testing::Test {
 protected:
  AgentTest() {
    std::string pattern = ::testing::TempDir() + "/agent_test_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    fs::create_directories(root_ + "/bin");
  }
  ~AgentTest() override {
    Stop();
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  void Program(const std::string& name, const std::string& script) {
    const std::string path = root_ + "/bin/" + name;
    std::ofstream(path) << "#!/bin/sh\n" << script;
    fs::permissions(path, fs::perms::owner_all);
  }
  static std::string WriteResult(const std::string& more = "") {
    return R"(echo '{"schema": 1, "status": {"code": "OK", "message": ""}, "metrics": {"n": 3})" + more +
           "}' > result.json\n";
  }
  static TaskSpec Task(const std::string& id, const std::string& kind = "label") {
    TaskSpec spec;
    spec.kind = kind;
    spec.task_id = id;
    spec.key = "key-" + id;
    return spec;
  }
  void Start(int cores = 2) {
    absl::StatusOr<WorkDirectory> directory = WorkDirectory::Open(root_ + "/work");
    ASSERT_TRUE(directory.ok()) << directory.status();
    AgentOptions options;
    options.identity = {"w1", "here", cores, {}};
    options.program_directory = root_ + "/bin";
    options.terminate_grace = std::chrono::milliseconds(2000);
    options.delivery = limits_;
    options.longest_refusal_wait = std::chrono::milliseconds(1);
    agent_ = std::make_unique<Agent>(&coordinator_, *std::move(directory), options);
    thread_ = std::thread([this] { status_ = agent_->Run(); });
  }
  void Stop() {
    if (!agent_) return;
    agent_->Drain();
    thread_.join();
    agent_.reset();
  }
  // Ends a program that waits for the file `go`. A task is held before its sandbox is there.
  void LetGo(const std::string& sandbox) {
    const std::string path = root_ + "/work/tasks/" + sandbox + "/go";
    while (!std::ofstream(path).flush()) std::this_thread::yield();
  }
  size_t Sandboxes() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(root_ + "/work/tasks"), fs::directory_iterator{}));
  }

  // A program that leaves one artifact.
  void LabellingProgram() {
    Program("superion-dft",
            "echo body > labelled.xyz\n" +
                WriteResult(R"(, "artifacts": [{"name": "labelled", "path": "labelled.xyz"}])"));
  }

  std::string root_;
  DeliveryLimits limits_;
  FakeCoordinator coordinator_;
  std::unique_ptr<Agent> agent_;
  std::thread thread_;
  absl::Status status_;
};

TEST_F(AgentTest, RunsATaskFromInputsToArtifacts) {
  Program("superion-dft",
          "cat inputs/frames.xyz inputs/frames.1.xyz > labelled.xyz\n" +
              WriteResult(R"(, "artifacts": [{"name": "labelled", "path": "labelled.xyz"}])"));
  TaskSpec task = Task("t1");
  task.inputs = {{"frames", coordinator_.Put("one\n"), ""}, {"frames", coordinator_.Put("two\n"), ""}};
  coordinator_.Enqueue(task);
  Start();
  const FinishedTask finished = coordinator_.WaitForResult("t1");
  EXPECT_TRUE(finished.result.status.ok()) << finished.result.status;
  EXPECT_EQ(finished.result.metrics["n"], 3);
  ASSERT_EQ(finished.result.artifacts.size(), 1u);
  EXPECT_EQ(coordinator_.Stored(finished.result.artifacts[0].sha256), "one\ntwo\n");
  EXPECT_EQ(finished.result.artifacts[0].size_bytes, 8);
  coordinator_.WaitForHeld("t1", false);
  Stop();
  EXPECT_EQ(Sandboxes(), 0u);
  EXPECT_EQ(coordinator_.results_of("t1"), 1);
}

TEST_F(AgentTest, TheSecondTaskTakesItsInputFromTheCache) {
  Program("superion-dft", WriteResult());
  TaskSpec a = Task("a"), b = Task("b");
  a.inputs = b.inputs = {{"frames", coordinator_.Put("same"), ""}};
  coordinator_.Enqueue(a);
  Start();
  coordinator_.WaitForResult("a");
  coordinator_.Enqueue(b);
  coordinator_.WaitForResult("b");
  EXPECT_EQ(coordinator_.fetches(), 1);
}

TEST_F(AgentTest, ACorruptArtifactIsDataLoss) {
  Program("superion-dft", WriteResult());
  TaskSpec task = Task("t1");
  task.inputs = {{"frames", coordinator_.Put("good"), ""}};
  coordinator_.Corrupt(task.inputs[0].sha256);
  coordinator_.Enqueue(task);
  Start();
  EXPECT_TRUE(absl::IsDataLoss(coordinator_.WaitForResult("t1").result.status));
}

TEST_F(AgentTest, ProgressTravelsWithHeartbeats) {
  Program("superion-md",
          R"(echo 'starting'; echo '{"progress": {"done": 4, "total": 8, "unit": "steps", "message": ""}}'
while [ ! -e go ]; do :; done
)" + WriteResult());
  coordinator_.Enqueue(Task("t1", "md"));
  Start();
  coordinator_.WaitForProgress("t1", 4);
  LetGo("t1.1");
  EXPECT_TRUE(coordinator_.WaitForResult("t1").result.status.ok());
}

TEST_F(AgentTest, ADeathBySignalIsAbortedWithTheTailOfStderr) {
  Program("superion-dft", "echo 'about to crash' >&2\nkill -SEGV $$\n");
  coordinator_.Enqueue(Task("t1"));
  Start();
  const absl::Status status = coordinator_.WaitForResult("t1").result.status;
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("signal 11"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("about to crash"));
}

TEST_F(AgentTest, AnExitWithoutResultIsInternal) {
  Program("superion-dft", "echo 'no input' >&2\nexit 7\n");
  coordinator_.Enqueue(Task("t1"));
  Start();
  const absl::Status status = coordinator_.WaitForResult("t1").result.status;
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("exit code 7"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("no input"));
}

TEST_F(AgentTest, AFullDiskIsResourceExhausted) {
  Program("superion-dft", "echo 'write: No space left on device' >&2\nexit 1\n");
  coordinator_.Enqueue(Task("t1"));
  Start();
  EXPECT_TRUE(absl::IsResourceExhausted(coordinator_.WaitForResult("t1").result.status));
}

TEST_F(AgentTest, UnknownKindsAndMissingProgramsAreReported) {
  coordinator_.Enqueue(Task("t1", "dance"));
  coordinator_.Enqueue(Task("t2", "train"));
  Start();
  EXPECT_TRUE(absl::IsInvalidArgument(coordinator_.WaitForResult("t1").result.status));
  EXPECT_TRUE(absl::IsUnimplemented(coordinator_.WaitForResult("t2").result.status));
}

TEST_F(AgentTest, AnArtifactOutsideTheSandboxIsRefused) {
  Program("superion-dft", WriteResult(R"(, "artifacts": [{"name": "x", "path": "../../worker_id"}])"));
  coordinator_.Enqueue(Task("t1"));
  Start();
  EXPECT_TRUE(absl::IsInternal(coordinator_.WaitForResult("t1").result.status));
}

TEST_F(AgentTest, ResultsWaitForADaemonThatIsAway) {
  Program("superion-dft", "while [ ! -e go ]; do :; done\n" + WriteResult());
  coordinator_.Enqueue(Task("t1"));
  Start();
  coordinator_.WaitForHeld("t1", true);
  coordinator_.SetAway(true);
  LetGo("t1.1");
  coordinator_.WaitForRefusedCalls(3);
  EXPECT_EQ(coordinator_.results_of("t1"), 0);
  coordinator_.SetAway(false);
  EXPECT_TRUE(coordinator_.WaitForResult("t1").result.status.ok());
  coordinator_.WaitForHeld("t1", false);
  EXPECT_EQ(coordinator_.results_of("t1"), 1);
}

TEST_F(AgentTest, AResultWaitsForRoomInTheStoreAndSaysSo) {
  LabellingProgram();
  coordinator_.SetUploadAnswer(absl::ResourceExhaustedError("no room in the store"));
  coordinator_.Enqueue(Task("t1"));
  Start();
  coordinator_.WaitForMessage("t1", "no room in the store");
  coordinator_.WaitForRefusedCalls(20);
  EXPECT_EQ(coordinator_.results_of("t1"), 0);
  coordinator_.SetUploadAnswer(absl::OkStatus());
  const FinishedTask finished = coordinator_.WaitForResult("t1");
  EXPECT_TRUE(finished.result.status.ok()) << finished.result.status;
  ASSERT_EQ(finished.result.artifacts.size(), 1u);
  EXPECT_EQ(coordinator_.Stored(finished.result.artifacts[0].sha256), "body\n");
  coordinator_.WaitForHeld("t1", false);
  EXPECT_EQ(coordinator_.results_of("t1"), 1);
}

TEST_F(AgentTest, AResultThatIsRefusedForGoodEndsTheTaskWithWhatWasSaid) {
  limits_.full_disk = 5;
  LabellingProgram();
  coordinator_.SetUploadAnswer(absl::ResourceExhaustedError("7 bytes free, expected 8"));
  coordinator_.Enqueue(Task("t1"));
  Start();
  const FinishedTask finished = coordinator_.WaitForResult("t1");
  EXPECT_TRUE(absl::IsResourceExhausted(finished.result.status)) << finished.result.status;
  EXPECT_THAT(std::string(finished.result.status.message()), HasSubstr("7 bytes free, expected 8"));
  EXPECT_TRUE(finished.result.artifacts.empty());
  coordinator_.WaitForHeld("t1", false);
  Stop();
  EXPECT_EQ(coordinator_.refused_calls(), 5);
  EXPECT_EQ(coordinator_.results_of("t1"), 1);
  EXPECT_EQ(Sandboxes(), 0u);
}

TEST_F(AgentTest, AWorkerThatIsRefusedKeepsItsResult) {
  LabellingProgram();
  coordinator_.SetUploadAnswer(absl::UnauthenticatedError("the token was changed"));
  coordinator_.Enqueue(Task("t1"));
  Start();
  thread_.join();
  EXPECT_TRUE(absl::IsUnauthenticated(status_)) << status_;
  agent_.reset();
  EXPECT_EQ(Sandboxes(), 1u);
  coordinator_.SetUploadAnswer(absl::OkStatus());
  Start();
  EXPECT_TRUE(coordinator_.WaitForResult("t1").result.status.ok());
  coordinator_.WaitForHeld("t1", false);
  Stop();
  EXPECT_EQ(Sandboxes(), 0u);
}

TEST_F(AgentTest, RegistersAgainWithADaemonThatForgotIt) {
  Program("superion-dft", "while [ ! -e go ]; do :; done\n" + WriteResult());
  coordinator_.Enqueue(Task("t1"));
  Start();
  coordinator_.WaitForHeld("t1", true);
  const int before = coordinator_.registrations();
  coordinator_.Forget();
  coordinator_.Enqueue(Task("t2"));
  LetGo("t1.1");
  coordinator_.WaitForResult("t1");
  coordinator_.WaitForHeld("t2", true);
  EXPECT_GT(coordinator_.registrations(), before);
}

TEST_F(AgentTest, ADroppedTaskIsEndedAndNotReported) {
  Program("superion-dft", "while :; do :; done\n");
  coordinator_.Enqueue(Task("t1"));
  Start();
  coordinator_.WaitForHeld("t1", true);
  coordinator_.DropTask("t1");
  coordinator_.WaitForHeld("t1", false);
  Stop();
  EXPECT_EQ(coordinator_.results_of("t1"), 0);
  EXPECT_EQ(Sandboxes(), 0u);
}

TEST_F(AgentTest, AStaleAttemptIsForgotten) {
  Program("superion-dft", WriteResult());
  coordinator_.SetAnswer("t1", absl::AbortedError("another attempt owns the task"));
  coordinator_.Enqueue(Task("t1"));
  Start();
  coordinator_.WaitForResult("t1");
  coordinator_.WaitForHeld("t1", false);
  Stop();
  EXPECT_EQ(Sandboxes(), 0u);
  EXPECT_EQ(coordinator_.results_of("t1"), 1);
}

TEST_F(AgentTest, DrainGivesTasksBack) {
  Program("superion-dft", "while :; do :; done\n");
  coordinator_.Enqueue(Task("t1"));
  Start();
  coordinator_.WaitForHeld("t1", true);
  Stop();
  EXPECT_TRUE(absl::IsCancelled(coordinator_.WaitForResult("t1").result.status));
  EXPECT_EQ(Sandboxes(), 0u);
  EXPECT_TRUE(status_.ok()) << status_;
}

TEST_F(AgentTest, ARestartedWorkerPresentsWhatWasFinished) {
  LabellingProgram();
  coordinator_.Enqueue(Task("t1"));
  Start();
  // Away from the moment of the result on: the worker goes down without having been acknowledged.
  coordinator_.SetAnswer("t1", absl::UnavailableError("crashed before the reply"));
  coordinator_.WaitForResult("t1");
  Stop();
  ASSERT_EQ(Sandboxes(), 1u);
  coordinator_.SetAnswer("t1", absl::OkStatus());
  const int before = coordinator_.results_of("t1");
  fs::create_directories(root_ + "/work/tasks/t9.1");
  Start();
  coordinator_.WaitForHeld("t1", false);
  Stop();
  EXPECT_GT(coordinator_.results_of("t1"), before);
  EXPECT_EQ(Sandboxes(), 0u);
}

TEST_F(AgentTest, CoresAreNotGivenTwice) {
  Program("superion-train",
          "echo $OMP_NUM_THREADS > threads\nwhile [ ! -e go ]; do :; done\n" + WriteResult());
  Program("superion-dft", WriteResult());
  TaskSpec whole = Task("t1", "train");
  whole.threads = 0;
  coordinator_.Enqueue(whole);
  Start(3);
  coordinator_.WaitForHeld("t1", true);
  coordinator_.Enqueue(Task("t2"));
  while (!fs::exists(root_ + "/work/tasks/t1.1/threads")) std::this_thread::yield();
  EXPECT_EQ(coordinator_.results_of("t2"), 0);
  LetGo("t1.1");
  coordinator_.WaitForResult("t1");
  coordinator_.WaitForResult("t2");
}

TEST_F(AgentTest, AWrongTokenEndsTheWorker) {
  coordinator_.Refuse();
  Start();
  thread_.join();
  EXPECT_TRUE(absl::IsUnauthenticated(status_)) << status_;
  agent_.reset();
}

}  // namespace
}  // namespace superion
