// Child processes: started in a process group of their own with a scrubbed environment, never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace superion {

// Relative stdin, stdout and stderr paths are taken from working_directory.
struct SubprocessOptions {
  std::vector<std::string> arguments;  // argv; arguments[0] is a path or is searched in PATH
  std::string working_directory = ".";
  std::string stdin_path;      // empty: /dev/null
  std::string stdout_path;     // empty: passed line by line to on_stdout_line
  std::string stderr_path;     // empty: inherited
  bool append_output = false;  // go on in the files of an earlier run instead of emptying them
  // Added to PATH, HOME, TMPDIR, LANG, LD_LIBRARY_PATH, OMP_*, OPENBLAS_* and SUPERION_* of this process;
  // wins over them.
  std::map<std::string, std::string> environment;
  // Called on a reader thread, for the last time before Wait() returns; must not wait for the process itself.
  std::function<void(std::string_view line)> on_stdout_line;
  bool die_with_parent = true;  // PR_SET_PDEATHSIG: SIGKILL when the starting process dies
};

struct ExitState {
  int exit_code = 0;   // meaningful when signal == 0
  int signal = 0;      // signal that ended the process, or 0
  double cpu_s = 0.0;  // user + system time of the child and its waited-for children
};

// When the process ends, whatever it left in its group is killed. Thread-safe.
class Subprocess {
 public:
  // Unimplemented when there is no such program; the message names it and the PATH that was searched.
  static absl::StatusOr<std::unique_ptr<Subprocess>> Start(SubprocessOptions options);
  ~Subprocess();  // kills the whole group if it still runs

  pid_t pid() const;
  bool Running();
  ExitState Wait();
  // False when the process still runs after `timeout`.
  bool WaitFor(std::chrono::milliseconds timeout, ExitState* exit_state);
  // SIGTERM to the group, SIGKILL after `grace`.
  void Terminate(std::chrono::milliseconds grace);

 private:
  struct Impl;
  explicit Subprocess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Path of a program in PATH, or Unimplemented.
absl::StatusOr<std::string> FindProgram(const std::string& name);
// Folder of the running program, where its sister programs lie.
std::string ProgramDirectory();

}  // namespace superion
