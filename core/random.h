// Reproducible random streams: every stream is named by a seed and a key and gives the same numbers on every
// machine.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace superion {

// 64-bit seed from a parent seed and a key; used to give every task a stream of its own.
uint64_t DeriveSeed(uint64_t parent, std::string_view key);

// xoshiro256++ (Blackman & Vigna, doi:10.1145/3460772), seeded through splitmix64. The state is all there is:
// a generator that is given the state of another continues with the same numbers, Gaussian ones included.
class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t Next();
  double Uniform();            // [0, 1), 53 bits
  double Gaussian();           // mean 0, variance 1 (polar method; the second number of the pair is not kept)
  uint64_t Below(uint64_t n);  // 0 .. n-1, unbiased; n > 0

  using State = std::array<uint64_t, 4>;
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  State state_;
};

}  // namespace superion
