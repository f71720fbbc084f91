// Lines of a recipe: a quantity, what the study's formula gives, what ours gives.
#pragma once

#include <string>

#include "core/json.h"

namespace superion::analysis {

// {quantity, study, ours}.
Json RecipeRow(const std::string& quantity, const std::string& study, const std::string& ours);
// The same with both numbers for programs: `study_value`, `ours_value` (null for what is not finite), `unit`.
Json RecipeRow(const std::string& quantity, const std::string& study, const std::string& ours,
               double study_value, double ours_value, const std::string& unit);

// σ of a document of kind analyze in words: "0.512 S/m, 95 % 0.44 .. 0.60, CONVERGED", or the bound and why
// there is no number.
std::string SigmaText(const Json& document);
// The number of a document, NaN where it is null or missing.
double NumberOf(const Json& document, const char* key);
// "0.44 .. 0.60" of a pair of numbers; a null end is open.
std::string IntervalText(const Json& interval);

}  // namespace superion::analysis
