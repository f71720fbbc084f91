// Runs one task with a runner program, outside any daemon: the stand-alone verbs of the client.
#pragma once

#include <string>

#include "core/number_range.h"
#include "core/task.h"

namespace superion {

// A folder for the time of one command, beside `target` so that its files can be renamed into place; removed
// at the end.
class ScratchFolder {
 public:
  static absl::StatusOr<ScratchFolder> Beside(const std::string& target);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Runs the task in `folder` with progress on stderr. Cancelled when the user interrupts it; InvalidArgument
// also for files of the user that the runner found damaged. The metrics are those of the work alone, without
// the time it took. `site` of the
// spec is filled in from the site profile; threads <= 0 becomes all cores.
TaskResult RunStandAlone(TaskSpec spec, const std::string& folder);

// Path of the artifact `name` below `folder`, or Internal when the runner did not leave it.
absl::StatusOr<std::string> ArtifactPath(const TaskResult& result, const std::string& folder,
                                         const std::string& name);

// InvalidArgument when `path`, given as `option`, is a folder or cannot be written: said before the work
// begins. "" is fine.
absl::Status CheckOutputFile(const std::string& option, const std::string& path);

// Moves a file into place; an existing one is replaced.
absl::Status MoveFile(const std::string& from, const std::string& to);

// A file of the user as input of a task: absolute, and it must exist.
absl::StatusOr<TaskInput> UserInput(const std::string& name, const std::string& path);

// "Li=1,S=-2", or the name of a file with a line "Li 1" per species, -> {"Li": 1, "S": -2}; "1,2,3" -> three
// numbers.
absl::StatusOr<Json> ParseCharges(const std::string& text);
// "Li64,S32", or the name of a structure file, -> [["Li", 64], ["S", 32]] in the order of the atoms.
absl::StatusOr<Json> ParseSpecies(const std::string& text);
absl::StatusOr<std::vector<double>> ParseNumbers(const std::string& option, const std::string& text,
                                                 size_t count, const Range& range = {});

}  // namespace superion
