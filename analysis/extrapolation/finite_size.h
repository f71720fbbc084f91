// Dependence on the size of the periodic cell (docs/physics.md, Finite size).
#pragma once

#include <string>
#include <vector>

#include "core/status.h"

namespace superion::analysis {

struct SizePoint {
  double length_angstrom = 0.0;  // V^(1/3)
  double value = 0.0;            // ln σ, or any other quantity
  double s = 0.0;                // its standard deviation
};

struct SizeFit {
  double infinite = 0.0, s_infinite = 0.0;  // value at 1/L = 0
  double slope = 0.0, s_slope = 0.0;        // value = infinite + slope / L; widened by Birge's factor
  double covariance = 0.0;
  double chi2 = 0.0;
  int dof = 0;
  double birge = 1.0;
  double At(double length_angstrom) const { return infinite + slope / length_angstrom; }
};

// Weighted straight line in 1/L. FailedPrecondition for fewer than three different sizes; InvalidArgument for
// a length or an error that is not positive.
absl::StatusOr<SizeFit> FitInverseLength(const std::vector<SizePoint>& points);

// What the fit says of production in a cell of `length_angstrom`, whose ln σ has the error `s_production`.
//   FINITE_SIZE_OK          |slope|/L is below that error, and known to within twice that error
//   FINITE_SIZE_EFFECT      |slope|/L is above it and differs from zero by more than two of its own errors
//   FINITE_SIZE_UNRESOLVED  neither can be told
struct SizeVerdict {
  std::string status;
  double shift = 0.0, s_shift = 0.0;  // slope/L of ln σ at the size of production: ln(σ_L/σ_∞)
};
SizeVerdict JudgeSize(const SizeFit& fit, double length_angstrom, double s_production);

// ξ of the cubic lattice sum: Yeh & Hummer, J. Phys. Chem. B 108, 15873 (2004), doi:10.1021/jp0477147.
inline constexpr double kCubicLatticeSum = 2.837297;

// D_∞ - D(L) = ξ kB T/(6π η L) of a liquid, in Å²/ps. For liquids and melts only: a solid has no such law.
double YehHummerShift(double temperature_k, double viscosity_pa_s, double length_angstrom);

// <|u|²>_∞ - <|u|²>_L = (ξ kB T/(4π L)) [1/(λ+2μ) + 2/μ] of the framework of an isotropic elastic solid, in
// Å²; Lamé constants in eV/Å³. Grasselli, J. Chem. Phys. 156, 134705 (2022), doi:10.1063/5.0087382.
double ElasticDisplacementShift(double temperature_k, double lambda, double mu, double length_angstrom);

}  // namespace superion::analysis
