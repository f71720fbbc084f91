// Text dumps of LAMMPS (dump atom and dump custom).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

struct DumpFrame {
  double step = 0.0;
  Mat3 cell{};
  std::vector<std::string> species;  // [n_atoms] in order of id
  std::vector<Vec3> positions;       // Å, relative to the origin of the box
  bool unwrapped = false;            // from xu yu zu, xsu ysu zsu, or image flags
};

// Streams the frames in order. InvalidArgument/DataLoss name the file and the line, what was found and
// expected.
absl::Status ForEachDumpFrame(const std::string& path, const std::map<std::string, std::string>& types,
                              const std::function<absl::Status(DumpFrame)>& visit);

}  // namespace superion::analysis
