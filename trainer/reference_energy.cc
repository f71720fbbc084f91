#include "trainer/reference_energy.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace superion::trainer {
namespace {

// Zeroes element (p, q) of the symmetric matrix m and carries the rotation into the rows of v.
void Rotate(int n, int p, int q, std::vector<double>& m, std::vector<double>& v) {
  if (m[p * n + q] == 0.0) return;
  const double theta = (m[q * n + q] - m[p * n + p]) / (2 * m[p * n + q]);
  const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
  const double c = 1 / std::sqrt(t * t + 1), s = t * c;
  for (int k = 0; k < n; ++k) {
    const double kp = m[k * n + p], kq = m[k * n + q];
    m[k * n + p] = c * kp - s * kq, m[k * n + q] = s * kp + c * kq;
  }
  for (int k = 0; k < n; ++k) {
    const double pk = m[p * n + k], qk = m[q * n + k];
    m[p * n + k] = c * pk - s * qk, m[q * n + k] = s * pk + c * qk;
    const double vp = v[p * n + k], vq = v[q * n + k];
    v[p * n + k] = c * vp - s * vq, v[q * n + k] = s * vp + c * vq;
  }
}

}  // namespace

void SymmetricEigen(std::vector<double> m, int n, std::vector<double>* values, std::vector<double>* vectors) {
  std::vector<double>& v = *vectors;
  v.assign(static_cast<size_t>(n) * n, 0.0);
  for (int k = 0; k < n; ++k) v[k * n + k] = 1.0;
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0, diagonal = 0;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) (i == j ? diagonal : off) += m[i * n + j] * m[i * n + j];
    if (off <= 1e-30 * diagonal) break;
    for (int p = 0; p < n; ++p)
      for (int q = p + 1; q < n; ++q) Rotate(n, p, q, m, v);
  }
  values->resize(n);
  for (int k = 0; k < n; ++k) (*values)[k] = m[k * n + k];
}

std::vector<double> ReferenceEnergies(const std::vector<std::vector<int>>& counts,
                                      const std::vector<double>& energies) {
  const int z = static_cast<int>(counts.front().size());
  std::vector<double> normal(z * z, 0.0), right(z, 0.0);
  for (size_t f = 0; f < counts.size(); ++f) {
    const double n = std::accumulate(counts[f].begin(), counts[f].end(), 0.0);
    for (int a = 0; a < z; ++a) {
      right[a] += counts[f][a] / n * energies[f] / n;
      for (int b = 0; b < z; ++b) normal[a * z + b] += counts[f][a] / n * counts[f][b] / n;
    }
  }
  std::vector<double> values, vectors, result(z, 0.0);
  SymmetricEigen(normal, z, &values, &vectors);
  const double largest = *std::max_element(values.begin(), values.end());
  for (int k = 0; k < z; ++k) {
    if (values[k] <= 1e-9 * largest) continue;
    double projection = 0;
    for (int a = 0; a < z; ++a) projection += vectors[k * z + a] * right[a];
    for (int a = 0; a < z; ++a) result[a] += projection / values[k] * vectors[k * z + a];
  }
  return result;
}

}  // namespace superion::trainer
