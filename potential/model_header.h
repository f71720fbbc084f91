// The JSON header of a model file: everything of a model but the values of its tensors (docs/model_file.md).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "potential/model.h"

namespace superion {

struct ModelHeader {
  Model model;                                                        // without tensors
  std::vector<std::pair<std::string, std::vector<int64_t>>> tensors;  // names and shapes in order of the file
};

// Keys sorted, no white space.
std::string FormatModelHeader(const Model& model);
// InvalidArgument names what is missing, unknown or not as the architecture demands; no shape is believed
// before it is compared with what the architecture needs.
absl::StatusOr<ModelHeader> ParseModelHeader(std::string_view text, const std::string& where);

}  // namespace superion
