#include "cli/interrupt.h"

#include <pthread.h>

namespace superion {

Interrupt::Interrupt(std::function<void()> on_interrupt) {
  ::sigemptyset(&set_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set_, signal);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  thread_ = std::thread([this, on_interrupt] {
    int signal = 0;
    ::sigwait(&set_, &signal);
    {
      const std::lock_guard lock(mutex_);
      if (ending_) return;
      requested_ = true;
    }
    changed_.notify_all();
    if (on_interrupt) on_interrupt();
  });
}

Interrupt::~Interrupt() {
  bool waiting;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting = !requested_;
  }
  if (waiting) ::pthread_kill(thread_.native_handle(), SIGHUP);
  thread_.join();
  ::pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

bool Interrupt::Requested() {
  const std::lock_guard lock(mutex_);
  return requested_;
}

bool Interrupt::WaitFor(std::chrono::milliseconds span) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, span, [this] { return requested_; });
}

}  // namespace superion
