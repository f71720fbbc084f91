// What the observables of structure and vibration take: frames of a trajectory, one after the other.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/structure.h"

namespace superion::analysis {

// The atoms of all frames.
struct AtomTable {
  std::vector<std::string> species;               // [n_atoms]
  std::vector<double> masses_u;                   // [n_atoms]
  std::vector<std::string> names;                 // distinct, in order of first appearance
  std::map<std::string, std::vector<size_t>> of;  // species -> indices of its atoms

  AtomTable() = default;
  AtomTable(std::vector<std::string> symbols, std::vector<double> masses)
      : species(std::move(symbols)), masses_u(std::move(masses)) {
    for (size_t i = 0; i < species.size(); ++i) {
      if (of[species[i]].empty()) names.push_back(species[i]);
      of[species[i]].push_back(i);
    }
  }
  size_t size() const { return species.size(); }
};

// One frame. Frames of a seed come in order, equally spaced in time.
struct Snapshot {
  size_t frame = 0;  // within its seed
  size_t block = 0;  // counted over all seeds; every seed begins a new one
  Mat3 cell{};
  std::vector<Vec3> positions;   // [n_atoms] Å, any image: for distances
  std::vector<Vec3> unwrapped;   // [n_atoms] Å, continuous: for displacements
  std::vector<Vec3> velocities;  // [n_atoms] Å/ps, or empty

  double Volume() const { return std::abs(Determinant(cell)); }
};

// Half the smallest distance of two faces: the largest sphere in the cell. Below this distance the nearest
// image found by rounding fractional differences is the true one, in any triclinic cell.
inline double InscribedRadius(const Mat3& cell) {
  const double volume = std::abs(Determinant(cell));
  double height = 1e300;
  for (size_t k = 0; k < 3; ++k) {
    height = std::min(height, volume / Norm(Cross(cell[(k + 1) % 3], cell[(k + 2) % 3])));
  }
  return 0.5 * height;
}

// d minus the lattice vector nearest to it in fractional coordinates (see InscribedRadius).
inline Vec3 MinimumImage(const Vec3& d, const Mat3& cell, const Mat3& inverse) {
  Vec3 s = d * inverse;
  for (double& v : s) v -= std::floor(v + 0.5);
  return s * cell;
}

// Volume of the spherical shell between two radii.
inline double ShellVolume(double inner, double outer) {
  return 4.0 / 3.0 * 3.14159265358979323846 * (outer * outer * outer - inner * inner * inner);
}

}  // namespace superion::analysis
