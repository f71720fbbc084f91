// Checks the labeler object of docs/task_contract.md (kind qe, lammps or oracle) and completes its defaults.
// The labelers themselves live in dft_adapter.
#pragma once

#include <string>
#include <vector>

#include "core/toml_document.h"

namespace superion {

// The labeler at `path` of the document, with every default written out. `species` are those that it must
// cover; an empty list checks the form alone. InvalidArgument names the key or the missing species; what
// could run a program or reach a file outside the site's folders is refused.
absl::StatusOr<Json> CheckLabeler(const TomlDocument& document, const std::string& path,
                                  const std::vector<std::string>& species);

// From a campaign file (*.toml, its [labeler] table), a JSON file with the object itself, or that object as
// text, which begins with a brace.
absl::StatusOr<Json> ReadLabeler(const std::string& file, const std::vector<std::string>& species);

}  // namespace superion
