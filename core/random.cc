#include "core/random.h"

#include <cmath>

#include "core/status.h"

namespace superion {
namespace {

// splitmix64 (Steele, Lea & Flood, doi:10.1145/2660193.2660195): advances `state` and returns a mixed value.
uint64_t SplitMix(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

uint64_t RotateLeft(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

}  // namespace

uint64_t DeriveSeed(uint64_t parent, std::string_view key) {
  // Parents are often neighbours (1, 2, 3): mixed first, they differ in all bits, and no byte of a key can
  // turn one into the other. Each byte passes through the mixer, so that keys that differ in one digit give
  // unrelated seeds; the length goes in last, so that a prefix is not the state before its continuation.
  uint64_t first = parent;
  uint64_t state = SplitMix(&first);
  for (const char c : key) {
    uint64_t step = state ^ static_cast<unsigned char>(c);
    state = SplitMix(&step);
  }
  uint64_t last = state ^ (uint64_t{key.size()} << 32);
  return SplitMix(&last);
}

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = SplitMix(&seed);
}

uint64_t Random::Next() {
  const uint64_t result = RotateLeft(state_[0] + state_[3], 23) + state_[0];
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = RotateLeft(state_[3], 45);
  return result;
}

double Random::Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

double Random::Gaussian() {
  while (true) {
    const double u = 2.0 * Uniform() - 1.0, v = 2.0 * Uniform() - 1.0;
    const double s = u * u + v * v;
    if (s > 0.0 && s < 1.0) return u * std::sqrt(-2.0 * std::log(s) / s);
  }
}

uint64_t Random::Below(uint64_t n) {
  SUPERION_CHECK(n > 0);
  // Values below `reject` would make the first residues likelier than the others.
  const uint64_t reject = (0 - n) % n;
  while (true) {
    const uint64_t x = Next();
    if (x >= reject) return x % n;
  }
}

}  // namespace superion
