// Watches a pw.x that is being waited for: whether it still gives a sign of life, and whether its SCF gets
// anywhere. Time alone says nothing (an honest SCF of a large cell takes hours), so that there is no limit on
// it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/subprocess.h"
#include "dft_adapter/labeler.h"
#include "dft_adapter/qe_escalation.h"

namespace superion {

// User and system time of a process, 0 when it is gone.
double CpuSeconds(pid_t pid);
// The same of a process, all its descendants that run, and those that they waited for: pw.x may be the child
// of mpirun.
double TreeCpuSeconds(pid_t root);

struct PwWatchOptions {
  std::string output_path;
  std::chrono::milliseconds silence_limit{0};  // 0: none
  StagnationRule stagnation{};
};

class PwWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // Begins to watch: what the output holds already belongs to something else.
  PwWatch(pid_t pid, PwWatchOptions options, Clock::time_point now = Clock::now());

  // Something came from the program by another way (its socket).
  void Heard();
  // To be called again and again while waiting. Why the program has to be ended: an SCF that
  // stagnates, or `silence_limit` without growth of its output and with less than a thousandth of that in CPU
  // time, that of its descendants included. Of a longer pause between two calls only five seconds count: then
  // this program did not run either (suspended, stopped).
  std::optional<LabelFailure> Check(Clock::time_point now = Clock::now());
  // How long to wait between two calls.
  std::chrono::milliseconds interval() const;

 private:
  bool OutputGrew();
  void ReadAccuracies();
  std::optional<LabelFailure> CheckSilence();

  pid_t pid_;
  PwWatchOptions options_;
  Clock::time_point last_check_;
  Clock::duration silent_{}, next_look_{};
  uintmax_t output_bytes_ = 0, read_bytes_ = 0;
  std::vector<double> accuracies_ry_;
  double cpu_s_ = 0.0;  // at the last sign of life
};

// Waits for the end of `process`, and ends it when the watch says so; then the reason is returned.
std::optional<LabelFailure> WaitWatched(Subprocess* process, const PwWatchOptions& options, ExitState* exit);

}  // namespace superion
