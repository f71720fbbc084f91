// Ctrl-C and SIGTERM as a condition that a command can wait on, instead of an end in the middle of its work.
#pragma once

#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace superion {

class Interrupt {
 public:
  // Blocks the signals in this thread and in those started later; create it before any other thread.
  // `on_interrupt` is called once, on a thread of its own; may be empty.
  explicit Interrupt(std::function<void()> on_interrupt = {});
  ~Interrupt();  // unblocks
  bool Requested();
  // Waits for `span`, or less when interrupted (true then).
  bool WaitFor(std::chrono::milliseconds span);

 private:
  sigset_t set_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace superion
