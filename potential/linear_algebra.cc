#include "potential/linear_algebra.h"

#include <cmath>

namespace superion {

absl::Status CholeskyFactor(int n, std::vector<double>* a) {
  const size_t size = n;
  for (size_t i = 0; i < size; ++i) {
    double* row = a->data() + i * size;
    for (size_t j = 0; j <= i; ++j) {
      const double* other = a->data() + j * size;
      double sum = row[j];
      for (size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
      if (i != j) {
        row[j] = sum / other[j];
      } else if (sum > 0.0) {
        row[i] = std::sqrt(sum);
      } else {
        return InvalidArgument("Cholesky factor of a {} x {} matrix: not positive definite at row {}", n, n,
                               i);
      }
    }
    for (size_t j = i + 1; j < size; ++j) row[j] = 0.0;
  }
  return absl::OkStatus();
}

std::vector<double> InverseFromCholesky(int n, const std::vector<double>& factor) {
  const size_t size = n;
  std::vector<double> lower(size * size, 0.0);  // inverse of the factor, by forward substitution
  for (size_t j = 0; j < size; ++j) {
    lower[j * size + j] = 1.0 / factor[j * size + j];
    for (size_t i = j + 1; i < size; ++i) {
      double sum = 0.0;
      for (size_t k = j; k < i; ++k) sum -= factor[i * size + k] * lower[k * size + j];
      lower[i * size + j] = sum / factor[i * size + i];
    }
  }
  std::vector<double> inverse(size * size);
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = 0.0;
      for (size_t k = i; k < size; ++k) sum += lower[k * size + i] * lower[k * size + j];
      inverse[i * size + j] = inverse[j * size + i] = sum;
    }
  }
  return inverse;
}

}  // namespace superion
