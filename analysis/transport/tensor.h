// The conductivity as a tensor: six components with errors, principal values, sphericity, symmetrisation by
// the crystal's point group. conductivity.md, sections 2.1 and 3.7.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "analysis/series/series.h"
#include "analysis/transport/spectral.h"
#include "core/vec3.h"

namespace superion::analysis {

// A symmetric positive semidefinite tensor whose components are those of a Wishart matrix, each axis with a
// relative error of its own.
struct TensorEstimate {
  Mat3 sigma{};                  // S/m, symmetric
  std::array<double, 81> cov{};  // Cov(σ_ab, σ_cd) at [((3a + b) 3 + c) 3 + d], (S/m)²

  double covariance(size_t a, size_t b, size_t c, size_t d) const {
    return cov[((3 * a + b) * 3 + c) * 3 + d];
  }
  double sd(size_t a, size_t b) const;
  // n·σ·n of a unit vector, and its standard deviation.
  double Along(const Vec3& n) const;
  double SdAlong(const Vec3& n) const;
};

// Cov(S_ab, S_cd) = (σ_ac σ_bd + σ_ad σ_bc)/n of a Wishart matrix (Muirhead, Aspects of Multivariate
// Statistical Theory, 1982, section 3.2), with 1/n → sqrt(s_a s_b s_c s_d)/2: `log_sd` s_a is the standard
// deviation of ln σ_aa.
TensorEstimate WishartTensor(const Mat3& sigma, const std::array<double, 3>& log_sd);

// Average of R σ Rᵀ over the group, covariance alike. `rotations`: Cartesian, acting on column vectors; a
// group (or representatives of its cosets up to inversion). Empty: unchanged.
TensorEstimate Symmetrised(const TensorEstimate& tensor, const std::vector<Mat3>& rotations);

struct PrincipalAxes {
  std::array<double, 3> values{};  // S/m, falling
  std::array<double, 3> sd{};      // first-order perturbation
  Mat3 axes{};                     // rows: unit vectors
};
PrincipalAxes Principal(const TensorEstimate& tensor);

// Mauchly's test that σ is isotropic: W = det(σ)/(tr σ/3)³ and -(n - (2p²+p+2)/(6p)) ln W ~ χ²_5, p = 3
// (Mauchly, Ann. Math. Statist. 11, 204 (1940), doi:10.1214/aoms/1177731915). n: degrees of freedom per axis.
struct SphericityTest {
  double w = 0.0, statistic = 0.0, p = 1.0, dof = 0.0;
};
SphericityTest Sphericity(const Mat3& sigma, double dof);

// Ratio of the largest to the smallest principal value with its 95 % interval: sd of the logarithm
// sqrt(s_1² + s_3²).
struct Anisotropy {
  double ratio = 1.0, low = 1.0, high = 1.0;
};

struct AxisEstimate {
  std::optional<SpectralEstimate> whittle_lepski;
  std::string failure;       // why there is none
  double upper_bound = 0.0;  // S/m, 95 %, where no diffusion is resolved along the axis; else 0
};

struct TensorResult {
  std::array<AxisEstimate, 3> axes;
  std::optional<TensorEstimate> tensor;  // nothing where an axis has no estimate: zero would be a claim
  SphericityTest sphericity;
  std::optional<Anisotropy> anisotropy;  // only where the test rejects isotropy at 5 %
};

// Diagonal: Whittle-Lepski fit of every axis, with its own band. Off-diagonal: coherence of the currents
// averaged over the narrowest of the three bands, times the geometric mean of the two axes; a bounded
// displacement does not bias it. `hop_charge_length`: z a in e Å, for the bound of an axis without hops.
// `seeds`: three components each, else InvalidArgument.
absl::StatusOr<TensorResult> AnalyzeTensor(const std::vector<DipoleSeries>& seeds, double scale,
                                           double hop_charge_length = 0.0);

}  // namespace superion::analysis
