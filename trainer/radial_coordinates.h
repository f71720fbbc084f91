// The coordinates in which the radial mixing mix0 is optimised. In each block (center c, degree l, neighbor
// z) the Chebyshev functions are combined into φ_a(r) = Σ_n B_n(r) R[n, a], so that W0[c, l, (z, n), k] = Σ_a
// R[n, a] θ[c, l, (z, a), k]: an optimiser whose steps are alike in all θ and a decay of θ then prefer smooth
// functions of r that the frames need over rough ones they hardly hold. Only the training sees θ; the model
// holds W0.
#pragma once

#include <vector>

#include "potential/model.h"

namespace superion::trainer {

class RadialCoordinates {
 public:
  RadialCoordinates() = default;
  // `gram`: DensityGram. l = 0, where the columns hold the mean density: R divides each by its root mean
  // square. l >= 1: φ_a are the functions that diagonalise the sum of the grams of these degrees against the
  // norm ∫ φ² + (φ'' Å²)² dr, largest first. The variance μ_a of the density in φ_a at unit norm would fall
  // by many orders of magnitude; φ_a are scaled so that it falls as its square root, and no φ_a gets a norm
  // above ten times that of φ_0. A block as a whole has mean square 1, and less where it is rare: a pair of
  // species that the frames hold only at the edge of the cutoff must not get a weight with which it wrecks a
  // frame where it comes closer. A block that is never seen has R = 1.
  RadialCoordinates(const ModelArchitecture& architecture, const std::vector<double>& gram);

  // 1 for the columns [Z, L+1, Z·N] of blocks that the frames hold, else 0.
  std::vector<double> Seen() const;

  // In place, on mix0 [Z, L+1, Z·N, K]: θ to W0; ∂/∂W0 to ∂/∂θ; W0 to θ.
  template <typename Real>
  void ToWeights(Real* mix0) const;
  template <typename Real>
  void GradientToCoordinates(Real* mix0) const;
  void FromWeights(double* mix0) const;

  // R [N, N] of a block.
  const double* block(int center, int degree, int neighbor) const;

 private:
  size_t Number(int center, int degree, int neighbor) const {
    return (static_cast<size_t>(center) * n_degrees_ + degree) * n_species_ + neighbor;
  }
  void SetSizes(size_t block, const double* gram, double smallest);
  void SetSmooth(size_t block, const std::vector<double>& r, const std::vector<double>& inverse,
                 const double* gram, double smallest);

  int n_species_ = 0, n_degrees_ = 0, n_radial_ = 0, channels_ = 0;
  std::vector<double> matrices_, inverses_;  // [Z, L+1, Z, N, N]
  std::vector<bool> seen_;                   // [Z, L+1, Z]
};

}  // namespace superion::trainer
