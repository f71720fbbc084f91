// Conduction in a field with its structure and barriers: Singh & Singh, "Nonequilibrium Molecular Dynamics of
// Li+ Conduction in LGPS Solid Electrolytes Using Equivariant Neural Network Potentials".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/structure/observable.h"
#include "core/json.h"

namespace superion::analysis {

// What was measured; null where the runs for it were not given.
struct DrivenFindings {
  Json nemd;                                        // document of kind nemd
  Json equilibrium;                                 // document of kind analyze, of the runs without a field
  Json structure;                                   // document of kind structure with `rdf` and `van_hove`
  std::vector<std::pair<std::string, Json>> paths;  // name, document of kind neb
};

// {name, source, rows, missing: [what to run for the rows that have no number]}.
Json LgpsRecipe(const DrivenFindings& findings);

// Sorts runs by their field and measures what they can give: document of kind nemd (its `directions` empty
// without a field) with `equilibrium` and `structure` (null where not measured) and `recipe`; `tables`: the
// curves of the structure. `paths`: documents of `superion neb`. Errors as AnalyzeNemd and AnalyzeIons.
absl::StatusOr<Findings> MeasureLgps(AnalysisInput input, const AnalysisOptions& options,
                                     const InputOptions& reading, const std::vector<std::string>& paths);

}  // namespace superion::analysis
