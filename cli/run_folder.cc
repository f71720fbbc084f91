#include "cli/run_folder.h"

#include <algorithm>
#include <filesystem>

namespace superion {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::vector<TaskInput>> OfResult(const fs::path& folder) {
  SUPERION_ASSIGN_OR_RETURN(const Json json, ReadJson((folder / "result.json").string()));
  SUPERION_ASSIGN_OR_RETURN(const TaskResult result, TaskResultFromJson(json));
  std::vector<TaskInput> inputs;
  for (const TaskArtifact& artifact : result.artifacts) {
    if (artifact.name != "stream" && artifact.name != "trajectory") continue;
    inputs.push_back({artifact.name, "", fs::absolute(folder / artifact.path).lexically_normal().string()});
  }
  return inputs;
}

}  // namespace

absl::StatusOr<std::vector<TaskInput>> InputsOfRun(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return InvalidArgument("no file or folder {}", path);
  if (!fs::is_directory(path, error)) {
    // By its content the analysis tells a stream from a trajectory.
    const std::string name = fs::path(path).extension() == ".stream" ? "stream" : "trajectory";
    return std::vector<TaskInput>{{name, "", fs::absolute(path).lexically_normal().string()}};
  }
  std::vector<fs::path> folders = {path};
  if (!fs::exists(fs::path(path) / "result.json", error)) {
    folders.clear();
    for (const auto& entry : fs::directory_iterator(path, error)) {
      if (fs::exists(entry.path() / "result.json", error)) folders.push_back(entry.path());
    }
    std::sort(folders.begin(), folders.end());
  }
  std::vector<TaskInput> inputs;
  for (const fs::path& folder : folders) {
    SUPERION_ASSIGN_OR_RETURN(const std::vector<TaskInput> found, OfResult(folder));
    inputs.insert(inputs.end(), found.begin(), found.end());
  }
  // Of other programs: the analysis looks for trajectories in it.
  if (inputs.empty()) inputs.push_back({"trajectory", "", fs::absolute(path).lexically_normal().string()});
  return inputs;
}

}  // namespace superion
