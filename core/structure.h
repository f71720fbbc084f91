// A periodic arrangement of atoms, and a frame: a structure with what was computed for it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"
#include "core/vec3.h"

namespace superion {

struct Structure {
  Mat3 cell{};  // rows a, b, c, Å
  std::array<bool, 3> pbc{true, true, true};
  std::vector<std::string> species;  // [n_atoms] chemical symbols
  std::vector<Vec3> positions;       // [n_atoms, 3] Å, wrapped or not

  size_t size() const { return positions.size(); }
  double Volume() const { return std::abs(Determinant(cell)); }  // Å³
};

// A structure with labels. An empty `forces` or `velocities` means "not known".
struct Frame {
  Structure structure;
  std::optional<double> energy;             // eV, whole cell
  std::vector<Vec3> forces;                 // [n_atoms, 3] eV/Å
  std::optional<Mat3> stress;               // eV/Å³, positive in tension
  std::vector<Vec3> velocities;             // [n_atoms, 3] Å/ps
  std::map<std::string, std::string> info;  // further key=value of the comment line, as text
  std::map<std::string, std::vector<double>>
      atom_scalars;  // further real columns, [n_atoms] each (e.g. "grade")
};

// Atomic number of a chemical symbol (1..118), or NotFound that names the symbol.
absl::StatusOr<int> AtomicNumber(std::string_view symbol);
// Symbol of an atomic number 1..118.
std::string_view ElementSymbol(int atomic_number);
// Standard atomic mass in u (IUPAC 2021 abridged; longest-lived isotope where none is stable).
absl::StatusOr<double> AtomicMass(std::string_view symbol);
// The same of each of `symbols`.
absl::StatusOr<std::vector<double>> AtomicMasses(const std::vector<std::string>& symbols);
// Covalent radius in Å (Cordero et al. 2008, doi:10.1039/b801115j); NotFound beyond Cm, where it has none.
absl::StatusOr<double> CovalentRadius(std::string_view symbol);

// Distinct species in order of atomic number.
std::vector<std::string> DistinctSpecies(const Structure& structure);

// InvalidArgument when the cell is singular (a structure without any periodic direction needs none), a number
// is not finite, an element unknown, or two atoms (images included) are closer than `minimum_distance` Å; the
// message names the atoms (counted from 1) and the distance.
absl::Status CheckStructure(const Structure& structure, double minimum_distance = 0.5);

// The structure repeated repeats[0] x repeats[1] x repeats[2] times; atoms of one copy stay together.
Structure Supercell(const Structure& structure, const std::array<int, 3>& repeats);

}  // namespace superion
