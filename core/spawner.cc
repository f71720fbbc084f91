#include "core/spawner.h"

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace superion {
namespace {

class Spawner {
 public:
  Spawner() {
    // Signals of the process are for its main thread.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread([this] { Loop(); }).detach();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void Run(const std::function<void()>& function) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return work_ == nullptr; });
    work_ = &function;
    const uint64_t ticket = ++given_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return done_ >= ticket; });
  }

 private:
  void Loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return work_ != nullptr; });
      const std::function<void()>* work = work_;
      lock.unlock();
      (*work)();
      lock.lock();
      work_ = nullptr;
      ++done_;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;
  uint64_t given_ = 0, done_ = 0;
};

}  // namespace

void RunOnSpawnerThread(const std::function<void()>& function) {
  static Spawner* const spawner = new Spawner;  // never destroyed: its thread runs until the process ends
  spawner->Run(function);
}

}  // namespace superion
