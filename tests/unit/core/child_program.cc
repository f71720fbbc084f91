// The program that the tests of subprocess.cc and runner_main.cc start: a runner with made-up kinds, and a
// parent that waits to be killed.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "core/file.h"
#include "core/subprocess.h"
#include "core/task.h"

namespace superion {
namespace {

TaskResult Echo(const TaskSpec& spec, const ProgressSink& progress) {
  TaskResult result;
  result.status = WriteFileAtomically("echo.txt", spec.key);
  result.metrics = {{"seed", spec.seed}};
  result.artifacts = {{"echo", "echo.txt", "", 0}};
  for (int k = 1; k <= 1000; ++k) progress({double(k), 1000, "steps", ""});
  return result;
}

TaskResult Fail(const TaskSpec&, const ProgressSink&) {
  TaskResult result;
  result.status = Unavailable("the disk \xff is slow");
  return result;
}

TaskResult Throw(const TaskSpec&, const ProgressSink&) { throw std::runtime_error("out of luck"); }

TaskResult Forget(const TaskSpec&, const ProgressSink&) {
  TaskResult result;
  result.artifacts = {{"model", "never_written", "", 0}};
  return result;
}

// Starts `sleep` from a thread that ends at once, prints its pid, and waits.
int StartAndWait(bool die_with_parent) {
  std::unique_ptr<Subprocess> child;
  std::thread([&] {
    SubprocessOptions options;
    options.arguments = {"sleep", "600"};
    options.die_with_parent = die_with_parent;
    child = Subprocess::Start(std::move(options)).value();
  }).join();
  std::printf("%d\n", child->pid());
  std::fflush(stdout);
  child->Wait();
  std::printf("the child ended\n");
  return 0;
}

}  // namespace
}  // namespace superion

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "start-and-wait") == 0) return superion::StartAndWait(true);
  return superion::RunnerMain(argc, argv,
                              {{"echo", superion::Echo},
                               {"fail", superion::Fail},
                               {"throw", superion::Throw},
                               {"forget", superion::Forget}});
}
