// What `superion md` left in a folder, as inputs of an analysis.
#pragma once

#include <string>
#include <vector>

#include "core/task.h"

namespace superion {

// For a folder: the streams and trajectories that its result.json names, or else those of its subfolders (one
// seed each, in the order of their names), or else the folder itself, in which the analysis looks for
// trajectories of other programs. For a file: the file itself. InvalidArgument when there is nothing of that
// name.
absl::StatusOr<std::vector<TaskInput>> InputsOfRun(const std::string& path);

}  // namespace superion
