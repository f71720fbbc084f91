// Whether two sets of runs agree: numbers and curves of structure and vibration with the errors of both.
#pragma once

#include <string>
#include <vector>

#include "analysis/structure/observable.h"

namespace superion::analysis {

// A number of both. The test is Welch's: |difference| against Student's quantile at 95 % of the combined
// standard error, degrees of freedom by Satterthwaite (Welch, Biometrika 34, 28 (1947),
// doi:10.1093/biomet/34.1-2.28).
struct NumberComparison {
  std::string quantity, unit;
  Estimate here, other;
  double errors_apart = 0.0;  // |difference| in combined standard errors
  double limit = 0.0;         // of it
  bool agrees = false;
};

// A curve or map at the points that both have.
struct CurveComparison {
  std::string quantity;
  size_t points = 0;
  double mean_difference = 0.0;  // mean |difference|
  double noise = 0.0;            // what the errors alone give for it
  double largest = 0.0;          // in combined standard errors
  double limit = 0.0;            // that it stays below with 95 %, all points together (Šidák)
  std::vector<double> at;        // coordinates of that point
  // Below the limit everywhere and the mean difference below twice the noise.
  bool agrees = false;
};

struct Comparison {
  std::vector<NumberComparison> numbers;
  std::vector<CurveComparison> curves;
  std::vector<Table> tables;  // difference-LABEL-NAME: both curves and their difference
};

// Numbers with errors in both documents, and curves in the tables of both: g(r), densities of states, angles,
// displacements, van Hove functions, ρ(r, φ). `label` names the other set in the tables.
Comparison Compare(const Findings& here, const Findings& other, const std::string& label);

// |difference| of two numbers with errors from `n` blocks each; `points` tests at once.
NumberComparison CompareNumbers(const Estimate& here, double blocks_here, const Estimate& other,
                                double blocks_other, double points = 1.0);

// {numbers: [{quantity, unit, here, other, errors_apart, limit, agrees}], curves: […], differ, compared}.
Json ToJson(const Comparison& comparison);

}  // namespace superion::analysis
