#include "potential/parallel.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace superion {
namespace {

// Threads that sleep between jobs; one crew per calling thread, so two callers never wait for each other.
class Crew {
 public:
  ~Crew() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void Run(int chunks, int threads, const std::function<void(int, int)>& body) {
    while (static_cast<int>(threads_.size()) < threads - 1) {
      const int index = static_cast<int>(threads_.size());
      threads_.emplace_back([this, index] { Work(index); });
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      body_ = &body;
      chunks_ = chunks;
      next_.store(0);
      members_ = threads - 1;
      busy_ = members_;
      ++job_;
    }
    wake_.notify_all();
    for (int chunk; (chunk = next_.fetch_add(1)) < chunks;) body(chunk, 0);
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
    body_ = nullptr;
  }

 private:
  void Work(int index) {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stop_ || (job_ != seen && index < members_ && busy_ > 0); });
      if (stop_) return;
      seen = job_;
      const std::function<void(int, int)>* body = body_;
      const int chunks = chunks_;
      lock.unlock();
      for (int chunk; (chunk = next_.fetch_add(1)) < chunks;) (*body)(chunk, index + 1);
      lock.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> threads_;
  const std::function<void(int, int)>* body_ = nullptr;
  std::atomic<int> next_{0};
  int chunks_ = 0, members_ = 0, busy_ = 0;
  uint64_t job_ = 0;
  bool stop_ = false;
};

}  // namespace

void ParallelChunks(int chunks, int threads, const std::function<void(int chunk, int member)>& body) {
  if (threads > chunks) threads = chunks;
  if (threads <= 1) {
    for (int chunk = 0; chunk < chunks; ++chunk) body(chunk, 0);
    return;
  }
  thread_local Crew crew;
  crew.Run(chunks, threads, body);
}

}  // namespace superion
