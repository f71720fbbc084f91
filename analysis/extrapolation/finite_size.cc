#include "analysis/extrapolation/finite_size.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/extrapolation/censored_fit.h"
#include "core/units.h"

namespace superion::analysis {

absl::StatusOr<SizeFit> FitInverseLength(const std::vector<SizePoint>& points) {
  std::set<int64_t> sizes;  // equal to 0.1 % is the same size
  std::vector<Datum> data;
  for (const SizePoint& p : points) {
    if (!(p.length_angstrom > 0.0) || !(p.s > 0.0) || !std::isfinite(p.value))
      return InvalidArgument(
          "finite size: a point needs a length and an error above zero, found {} Å, s = {}",
          p.length_angstrom, p.s);
    sizes.insert(std::llround(1000.0 * std::log(p.length_angstrom)));
    data.push_back({1.0 / p.length_angstrom, p.value, 1.0 / (p.s * p.s)});
  }
  if (sizes.size() < 3)
    return FailedPrecondition("finite size: {} different cell sizes with a value, at least three are needed",
                              sizes.size());
  // In units of the largest 1/L.
  double scale = 0.0;
  for (const Datum& d : data) scale = std::max(scale, d.x);
  const CensoredFit line = FitCensored(data, {}, [scale](double x) {
    return std::vector<double>{1.0, x / scale};
  });
  if (!line.good) return FailedPrecondition("finite size: the sizes do not determine a line in 1/L");
  SizeFit fit;
  fit.chi2 = line.chi2;
  fit.dof = static_cast<int>(data.size()) - 2;
  fit.birge = std::sqrt(std::max(1.0, fit.chi2 / fit.dof));
  fit.infinite = line.coefficients[0];
  fit.slope = line.coefficients[1] / scale;
  fit.s_infinite = fit.birge * std::sqrt(line.variance[0]);
  fit.s_slope = fit.birge * std::sqrt(line.variance[3]) / scale;
  fit.covariance = fit.birge * fit.birge * line.variance[1] / scale;
  return fit;
}

SizeVerdict JudgeSize(const SizeFit& fit, double length_angstrom, double s_production) {
  SizeVerdict verdict;
  verdict.shift = fit.slope / length_angstrom;
  verdict.s_shift = fit.s_slope / length_angstrom;
  const double size = std::abs(verdict.shift);
  if (size < s_production && verdict.s_shift <= 2.0 * s_production) {
    verdict.status = "FINITE_SIZE_OK";
  } else if (size >= s_production && size > 2.0 * verdict.s_shift) {
    verdict.status = "FINITE_SIZE_EFFECT";
  } else {
    verdict.status = "FINITE_SIZE_UNRESOLVED";
  }
  return verdict;
}

double YehHummerShift(double temperature_k, double viscosity_pa_s, double length_angstrom) {
  constexpr double kJoulePerEv = 1.602176634e-19, kMetrePerAngstrom = 1e-10, kAngstrom2PerPs = 1e8;
  const double kt = units::kBoltzmann * temperature_k * kJoulePerEv;
  return kAngstrom2PerPs * kCubicLatticeSum * kt /
         (6.0 * M_PI * viscosity_pa_s * length_angstrom * kMetrePerAngstrom);
}

double ElasticDisplacementShift(double temperature_k, double lambda, double mu, double length_angstrom) {
  return kCubicLatticeSum * units::kBoltzmann * temperature_k / (4.0 * M_PI * length_angstrom) *
         (1.0 / (lambda + 2.0 * mu) + 2.0 / mu);
}

}  // namespace superion::analysis
