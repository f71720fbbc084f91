// Dense symmetric matrices of the size of a feature vector.
#pragma once

#include <vector>

#include "core/status.h"

namespace superion {

// Lower factor L of a = L Lᵀ, in place; `a` is [n, n] row-major, the upper triangle becomes zero.
// InvalidArgument names the row at which `a` is not positive definite.
absl::Status CholeskyFactor(int n, std::vector<double>* a);
// Inverse of L Lᵀ from L, symmetric to the bit.
std::vector<double> InverseFromCholesky(int n, const std::vector<double>& factor);

}  // namespace superion
