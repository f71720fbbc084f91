// Analyses of published studies, repeated: what was measured here, by the study's formula and by ours where
// they differ (conductivity.md, section 13).
#pragma once

#include <string>
#include <vector>

#include "analysis/recipe/rows.h"
#include "analysis/structure/observable.h"
#include "core/status.h"

namespace superion::analysis {

// Sets the observables that the recipe needs. InvalidArgument for a name that is not "validation" or "glass".
absl::Status PrepareRecipe(const std::string& name, StructureOptions* options);

// What a recipe compares the findings with; null where it was not given.
struct RecipeInputs {
  const Findings* reference = nullptr;  // of runs that are to be reproduced, such as ab initio MD
  const Findings* larger = nullptr;     // of a larger cell
  Json evaluation;                      // document of the kind eval
};

// Adds `recipe` {name, source, rows [{quantity, study, ours}]} to the document, and its tables.
void AddRecipe(const std::string& name, const RecipeInputs& inputs, Findings* findings);

// Validation of a learned potential by its dynamics: Miyagawa et al., J. Mater. Chem. A 12, 11344 (2024),
// doi:10.1039/D4TA00452C.
void AddValidationRecipe(const RecipeInputs& inputs, Findings* findings);
// Its rows that need several runs, a reference, a larger cell (adds `comparison` and tables), labelled
// frames.
Json SpreadOverRuns(
    const Json& document);  // [{quantity, unit, mean, sd, runs}]; empty unless seeds are blocks
void AddSpreadRows(const Json& document, Json* rows);
void AddComparisonRows(const RecipeInputs& inputs, Findings* findings, Json* rows);
void AddForceErrorRows(const Json& evaluation, Json* rows);

// Mechanism in an amorphous conductor: coordination, entropies, exponent of the MSD (Selvaraj et al. 2025).
void AddGlassRecipe(Findings* findings);

// Least-squares slope over 6 of an MSD between two times, Å²/ps; NaN with fewer than 2 points.
double DiffusionOfSlope(const std::vector<double>& t_ps, const std::vector<double>& msd, double from,
                        double to);

// The S_config of the study: n = 1 .. 6 only, 1e-12 where P = 0. kB.
double TruncatedLabelEntropy(const std::vector<double>& probability);

// Local exponents d ln MSD/d ln t between neighbouring lags.
std::vector<double> LocalExponents(const std::vector<double>& t_ps, const std::vector<double>& msd);

const Table* FindTable(const Findings& findings, const std::string& name);

}  // namespace superion::analysis
