// A loop over independent pieces of work on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace superion::analysis {

// Calls work(k) for k = 0 .. n-1 in any order on up to `threads` threads, the caller's included. Whoever
// needs the same bits for any number of threads gives every k a place of its own and sums in order
// afterwards.
template <typename Work>
void ParallelFor(size_t n, int threads, const Work& work) {
  std::atomic<size_t> next{0};
  const auto loop = [&] {
    for (size_t k = next++; k < n; k = next++) work(k);
  };
  std::vector<std::thread> pool;
  for (size_t t = 1; t < std::min(n, static_cast<size_t>(std::max(threads, 1))); ++t) pool.emplace_back(loop);
  loop();
  for (auto& thread : pool) thread.join();
}

}  // namespace superion::analysis
