// The part of `superion analyze` that asks for structure and vibrations.
#pragma once

#include <string>
#include <vector>

#include "cli/verb.h"
#include "core/task.h"

namespace superion {

struct StructureRequest {
  bool all = false;                   // --structure
  std::string observables;            // comma between names
  std::string coordination, cutoffs;  // "Li-S"; Å
  std::string empty_tetrahedra;       // "I=6.0": species and longest edge in Å
  double r_max_angstrom = 0, longest_lag_ps = 0;
  std::string sites;  // a structure
  double residence_ps = -1, site_separation_angstrom = 0;

  bool wanted() const { return all || !observables.empty(); }
};

void AddStructureOptions(CLI::App* verb, StructureRequest* request);

// Adds what was asked for to the parameters and inputs of a task of kind `structure`.
absl::Status AddStructure(const StructureRequest& request, TaskSpec* spec);

// Makes it a task of kind `structure`, of trajectories only.
absl::StatusOr<TaskSpec> StructureTask(TaskSpec spec);

// Runs a task; with `out` its files (document, one CSV per curve, cubes) are moved to that folder, which is
// made.
absl::StatusOr<Json> RunIntoFolder(TaskSpec spec, const std::string& out);

void DescribeStructure(const Json& document);

}  // namespace superion
