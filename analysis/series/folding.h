// Dipoles that were folded: a polarisation that is known up to a quantum jumps by it where it leaves the
// branch.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace superion::analysis {

struct Folding {
  double quantum = 0.0;  // about; the width of the interval, in the unit of the series
  size_t jumps = 0;
  bool certain = false;  // false: so few jumps that ions could have made them
};

// Whether one component of a dipole (`seeds`: [seed][sample]) stays in an interval, is everywhere in it, and
// jumps only from one edge to the other, farther than five of its usual steps. Hops of ions jump from
// wherever the dipole is, or leave the middle empty where only two values are taken. Seeds below 100 samples
// are passed over.
std::optional<Folding> FindFolding(const std::vector<std::vector<double>>& seeds);

}  // namespace superion::analysis
