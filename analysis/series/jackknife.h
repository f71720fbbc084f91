// Errors from values that leave one block out.
#pragma once

#include <vector>

namespace superion::analysis {

// Standard deviation of an estimate from its values without block 1, 2, … (Quenouille 1956, Tukey 1958):
// sqrt((n-1)/n sum (v - mean)²).
double JackknifeSd(const std::vector<double>& leave_one_out);

}  // namespace superion::analysis
