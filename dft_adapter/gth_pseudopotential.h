// Goedecker-Teter-Hutter pseudopotentials (doi:10.1103/PhysRevB.54.1703) of CP2K's data base in the layout
// that pw.x reads as `.gth`: ABINIT's pspcod = 10.
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"

namespace superion {

// Converts the entry of `species` called `name` ("GTH-PBE-q5", capitals do not count) of a CP2K data base.
// NotFound when there is none (the message lists those of the species), InvalidArgument for a functional
// without a code in ABINIT.
absl::StatusOr<std::string> ConvertGth(std::string_view database, const std::string& species,
                                       const std::string& name);

// The content of `file` = "Sb.GTH-PBE-q5.gth", from the data base `gth_file` (or where Debian's cp2k-data
// keeps it).
absl::StatusOr<std::string> MakeGthPseudopotential(const std::string& species, const std::string& file,
                                                   const std::string& gth_file);

}  // namespace superion
