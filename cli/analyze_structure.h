// The part of `superion analyze` that asks for structure and vibrations.
#pragma once

#include <string>
#include <vector>

#include "cli/verb.h"
#include "core/task.h"

namespace superion {

struct StructureRequest {
  bool all = false;                   // --structure
  std::string observables, recipe;    // comma between names
  std::string coordination, cutoffs;  // "Li-S"; Å
  std::string empty_tetrahedra;       // "I=6.0": species and longest edge in Å
  double r_max_angstrom = 0, longest_lag_ps = 0;

  bool wanted() const { return all || !observables.empty() || !recipe.empty(); }
};

void AddStructureOptions(CLI::App* verb, StructureRequest* request);

// Adds what was asked for to the parameters of a task of kind `structure`.
absl::Status AddStructureParams(const StructureRequest& request, Json* params);

// Runs the task; with `out` its files (structure.json, one CSV per curve, cubes) are moved to that folder,
// which is made.
absl::StatusOr<Json> RunStructureTask(TaskSpec spec, const std::string& out);

void DescribeStructure(const Json& document);

}  // namespace superion
