// Reads a structure of any supported format, chosen by file name and content: extended XYZ (first frame, or
// frame k, counted from 1, for "file.xyz#k"), CIF (symmetry expanded; partial occupancy is an error that
// names the site), POSCAR/CONTCAR, LAMMPS data (atomic, charge, molecular and full styles; Å), Quantum
// ESPRESSO input (ibrav 0).
#pragma once

#include <string>
#include <string_view>

#include "core/structure.h"

namespace superion {

// InvalidArgument also for what CheckStructure finds.
absl::StatusOr<Structure> ReadStructure(const std::string& path);

absl::StatusOr<Structure> ParseCif(std::string_view text, const std::string& origin);
absl::StatusOr<Structure> ParsePoscar(std::string_view text, const std::string& origin);
absl::StatusOr<Structure> ParseLammpsData(std::string_view text, const std::string& origin);
absl::StatusOr<Structure> ParseQeInput(std::string_view text, const std::string& origin);

}  // namespace superion
