// Reads a structure of any supported format, chosen by file name and content: extended XYZ (first frame, or frame
// `#k` for "file.xyz#k"), CIF (symmetry expanded; partial occupancy is an error that names the site), POSCAR/CONTCAR,
// LAMMPS data (atomic/charge styles), Quantum ESPRESSO input.
#pragma once

#include <string>

#include "core/structure.h"

namespace superion {

absl::StatusOr<Structure> ReadStructure(const std::string& path);

absl::StatusOr<Structure> ParseCif(std::string_view text, const std::string& origin);
absl::StatusOr<Structure> ParsePoscar(std::string_view text, const std::string& origin);
absl::StatusOr<Structure> ParseLammpsData(std::string_view text, const std::string& origin);
absl::StatusOr<Structure> ParseQeInput(std::string_view text, const std::string& origin);

}  // namespace superion
