// What a user says about files that do not say it themselves.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/vec3.h"

namespace superion::analysis {

struct InputOptions {
  // Between frames; the MD step where a file counts MD steps (LAMMPS dumps).
  double timestep_fs = 0.0;
  Mat3 cell{};                               // Å, of files that hold none; without volume: not given
  std::map<std::string, std::string> types;  // type or number of a file -> species
  // Symbol and number of atoms, one run after the other in the order of the file (of its ids, where it has
  // them): in place of what the file says, if anything.
  std::vector<std::pair<std::string, size_t>> species;
  std::string wrapped = "auto";  // auto, yes, no: positions of files that do not say whether they jump
  // Column of the charge of every atom; "": charges go by species. Atoms of one element with different
  // charges are then different species, such as O(-1.18).
  std::string charge_column;
  // Paths of ions in memory; what is more lies in a file in `spill_folder`.
  double memory_mib = 2048.0;
  std::string spill_folder = ".";
  std::vector<std::vector<size_t>> groups;  // segments of one seed, by index into the files of one kind
};

}  // namespace superion::analysis
