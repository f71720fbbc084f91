// The part of `superion analyze` that repeats the analysis of a published study.
#pragma once

#include <string>
#include <vector>

#include "cli/verb.h"
#include "core/task.h"

namespace superion {

struct RecipeRequest {
  std::string name;                    // "": none
  std::vector<std::string> paths;      // --neb
  std::vector<std::string> reference;  // --reference: trajectories of the method that is to be reproduced
  std::vector<std::string> larger;     // --larger-cell
  std::string evaluation;              // --eval: a document of `superion eval`

  bool of_structure() const { return name == "validation" || name == "glass"; }
  bool driven() const { return name == "lgps-nemd"; }
};

void AddRecipeOptions(CLI::App* verb, RecipeRequest* request);

// Parameter `recipe` and the inputs `neb`, `reference`, `larger_cell`, `evaluation`. InvalidArgument for an
// option that belongs to another recipe.
absl::Status AddRecipe(const RecipeRequest& request, TaskSpec* spec);

// Every quantity by the study's formula and by ours, and what is missing; nothing without a recipe.
void DescribeRecipe(const Json& document);

// Words of `text` in lines of at most `width` columns, all but the first begun with `indent` blanks.
std::string Wrapped(const std::string& text, size_t indent, size_t width);

}  // namespace superion
