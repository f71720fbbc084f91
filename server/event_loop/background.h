// One thread for work that would hold up the event loop: reading files, making reports.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace superion {

class Background {
 public:
  Background();
  // Finishes the job at hand and drops the others.
  ~Background();
  // Thread-safe; jobs run in order.
  void Post(std::function<void()> job);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace superion
