// Starts a runner program (docs/task_contract.md) in its folder and collects what it leaves behind. Used by
// the node agent for tasks of the daemon and by the client for the stand-alone verbs.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/subprocess.h"
#include "core/task.h"

namespace superion {

// Name of the program for a kind of task, or InvalidArgument that names the kind.
absl::StatusOr<std::string> RunnerProgram(const std::string& kind);

// Threads, BLAS kernels and MPI settings of a runner with `threads` cores. DFT starts single-threaded
// programs and places them itself.
std::map<std::string, std::string> RunnerEnvironment(const std::string& kind, int threads);

// A progress line of a runner, or nothing for any other line.
std::optional<TaskProgress> ParseProgressLine(std::string_view line);

// The last `bytes` of a file, from the start of a line; empty when there is no such file.
std::string FileTail(const std::string& path, size_t bytes);

class Runner {
 public:
  struct Options {
    std::string directory;                                 // exists; the runner writes nowhere else
    std::string program_directory;                         // where the runner programs lie
    std::function<void(const TaskProgress&)> on_progress;  // called on a reader thread; may be empty
    bool count_cpu = true;                                 // adds `cpu_s` to the metrics
  };

  // Writes spec.json and starts the program. Its stderr goes to stderr.log.
  static absl::StatusOr<std::unique_ptr<Runner>> Start(const TaskSpec& spec, Options options);

  // The result that the runner wrote, its metrics with `cpu_s` (unless told not to). Without one: Aborted
  // when a signal ended it (an outer force: worth another try), ResourceExhausted when the disk is full, else
  // Internal; the message holds the tail of stderr.
  TaskResult Wait();
  // From any thread: SIGTERM, then SIGKILL after `grace`.
  void Terminate(std::chrono::milliseconds grace);
  pid_t pid() const { return process_->pid(); }

 private:
  Runner(std::unique_ptr<Subprocess> process, Options options)
      : process_(std::move(process)), options_(std::move(options)) {}
  TaskResult ResultOf(const ExitState& exit) const;
  absl::Status Explain(const ExitState& exit) const;
  std::unique_ptr<Subprocess> process_;
  Options options_;
};

}  // namespace superion
