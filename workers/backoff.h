// Waiting times between attempts to reach somebody who is away: doubling up to a limit, each drawn at random
// between half and all of it, so that many workers do not come back in the same moment.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace superion {

class Backoff {
 public:
  explicit Backoff(uint64_t seed, std::chrono::milliseconds first = std::chrono::milliseconds(100),
                   std::chrono::milliseconds limit = std::chrono::milliseconds(2000))
      : state_(seed | 1), first_(first), limit_(limit), next_(first) {}

  std::chrono::milliseconds Next() {
    const std::chrono::milliseconds span = next_;
    next_ = std::min(limit_, 2 * next_);
    // xorshift64: no quality needed, only that workers differ.
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    const double u = static_cast<double>(state_ >> 11) / 9007199254740992.0;
    return std::chrono::milliseconds(
        static_cast<int64_t>(static_cast<double>(span.count()) * (0.5 + 0.5 * u)));
  }
  void Reset() { next_ = first_; }

 private:
  uint64_t state_;
  std::chrono::milliseconds first_, limit_, next_;
};

}  // namespace superion
