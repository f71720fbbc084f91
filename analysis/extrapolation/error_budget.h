// Where the error of a conductivity comes from: each source with its number, or the reason why it has none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/extrapolation/analysis_point.h"
#include "analysis/extrapolation/committee.h"
#include "analysis/extrapolation/finite_size.h"

namespace superion::analysis {

// One source of error of ln σ. Without `s` it was not measured and `message` says why.
struct BudgetTerm {
  std::string source;  // sampling, potential, finite_size, estimators, extrapolation
  std::optional<double> s;
  std::optional<double> low, high;  // 95 % interval of s, where it is itself uncertain
  std::string message;
};

struct Budget {
  double temperature_k = 0.0;
  double ln_sigma = 0.0;
  bool stated = false;  // whether there is a value
  std::vector<BudgetTerm> terms;
  double TotalSd() const;  // root of the sum of squares of what was measured
};

struct SizeStudy {
  double temperature_k = 0.0;
  double shift = 0.0, s_shift = 0.0;  // of ln σ at the size of production
  std::string status;                 // FINITE_SIZE_…, or why there is none
  bool measured = false;
};

struct BudgetInput {
  std::vector<AnalysisPoint> points;                  // by production temperature
  std::vector<std::vector<AnalysisPoint>> committee;  // by member
  std::optional<SizeStudy> size;
};

// At the k-th point's temperature: sampling, potential, finite size, estimators.
Budget BudgetAt(const BudgetInput& input, size_t k);

// Extrapolated to `temperature_k`: the same, and what the choice of the temperature law adds. Not `stated`
// when there are fewer than two points.
absl::StatusOr<Budget> ExtrapolatedBudget(const BudgetInput& input, double temperature_k);

}  // namespace superion::analysis
