// Arrangements of atoms whose structure is known exactly, for T-22, T-23 and T-27 of conductivity.md.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "analysis/structure/snapshot.h"
#include "core/random.h"

namespace superion::analysis {

inline Snapshot SnapshotOf(const Mat3& cell, std::vector<Vec3> positions, size_t frame = 0,
                           size_t block = 0) {
  Snapshot out;
  out.frame = frame;
  out.block = block;
  out.cell = cell;
  out.unwrapped = positions;
  out.positions = std::move(positions);
  return out;
}

inline AtomTable AtomsOf(const std::vector<std::pair<std::string, size_t>>& composition, double mass = 10.0) {
  std::vector<std::string> species;
  for (const auto& [name, n] : composition) species.insert(species.end(), n, name);
  return AtomTable(species, std::vector<double>(species.size(), mass));
}

// `n` independent frames of evenly spread atoms, in two blocks.
inline std::vector<Snapshot> IdealGas(size_t atoms, const Mat3& cell, size_t n, uint64_t seed) {
  Random random(seed);
  std::vector<Snapshot> out;
  for (size_t f = 0; f < n; ++f) {
    std::vector<Vec3> positions;
    for (size_t i = 0; i < atoms; ++i) {
      // Whole cells more or less: any image must do.
      const Vec3 s{random.Uniform() + static_cast<double>(random.Below(3)), random.Uniform() - 1.0,
                   random.Uniform()};
      positions.push_back(s * cell);
    }
    out.push_back(SnapshotOf(cell, std::move(positions), f, f / ((n + 1) / 2)));
  }
  return out;
}

// The basis (fractions of a cubic cell of edge a) repeated n times along each axis.
inline Snapshot Crystal(const std::vector<Vec3>& basis, double a, int n) {
  const double edge = a * n;
  std::vector<Vec3> positions;
  for (const Vec3& s : basis) {
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        for (int k = 0; k < n; ++k) positions.push_back(a * (s + Vec3{double(i), double(j), double(k)}));
      }
    }
  }
  return SnapshotOf({{{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}}}, std::move(positions));
}

}  // namespace superion::analysis
