// Watches a pw.x that is being waited for: whether it still gives a sign of life. Time alone says nothing (an
// honest SCF of a large cell takes hours), so that there is no limit on it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/subprocess.h"
#include "dft_adapter/labeler.h"

namespace superion {

// User and system time of a process, 0 when it is gone.
double CpuSeconds(pid_t pid);
// The same of a process, all its descendants that run, and those that they waited for: pw.x may be the child
// of mpirun.
double TreeCpuSeconds(pid_t root);

class PwWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // Begins to watch. `silence_limit` 0: no limit.
  PwWatch(pid_t pid, std::string output_path, std::chrono::milliseconds silence_limit,
          Clock::time_point now = Clock::now());

  // Something came from the program by another way (its socket).
  void Heard();
  // To be called again and again while waiting. Why the program has to be ended: `silence_limit` without
  // growth of its output and with less than a thousandth of that in CPU time, that of its descendants
  // included. Of a longer pause between two calls only five seconds count: then this program did not run
  // either (suspended, stopped).
  std::optional<LabelFailure> Check(Clock::time_point now = Clock::now());
  // How long to wait between two calls.
  std::chrono::milliseconds interval() const;

 private:
  bool OutputGrew();

  pid_t pid_;
  std::string output_path_;
  std::chrono::milliseconds limit_;
  Clock::time_point last_check_;
  Clock::duration silent_{}, next_look_{};
  uintmax_t output_bytes_ = 0;
  double cpu_s_ = 0.0;  // at the last sign of life
};

// Waits for the end of `process`, whose output goes to `output_path`, and ends it when the watch says so;
// then the reason is returned.
std::optional<LabelFailure> WaitWatched(Subprocess* process, const std::string& output_path,
                                        std::chrono::milliseconds silence_limit, ExitState* exit);

}  // namespace superion
