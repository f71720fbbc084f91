// How fast two runs part that started almost alike (conductivity.md, section 11).
#pragma once

#include <vector>

#include "analysis/series/ion_trajectory.h"
#include "core/status.h"

namespace superion::analysis {

// Δ(t) = sqrt(mean over the atoms of |r' - r|²) of two runs that differ by almost nothing at t = 0.
struct Separation {
  double interval_ps = 0.0;
  std::vector<double> distance;  // [n] Å
};
// Over as many frames as both hold; the same atoms and interval. DataLoss when paths that lie in a file
// cannot be read back.
absl::StatusOr<Separation> SeparationOf(const IonTrajectory& one, const IonTrajectory& other);

struct LyapunovFit {
  std::vector<double> per_twin;  // 1/ps
  double lambda = 0.0, s = 0.0;  // mean and its standard deviation; s is 0 for a single twin
  std::vector<double> lower;     // Å, where the fit of every twin begins
  double upper = 0.0;
  // Time in which a difference of `resolution` Å grows to `upper`; only for λ > 0.
  double HorizonPs(double resolution) const;
};
// ln Δ against t by least squares, from the first time that Δ exceeds ten times its first value above zero
// (the stretch before is still turning into the fastest direction) to the first that it exceeds `upper` Å. λ
// of each twin; the error is the scatter over twins. FailedPrecondition for a twin that does not cross the
// window on at least four samples.
absl::StatusOr<LyapunovFit> FitLyapunov(const std::vector<Separation>& twins, double upper = 0.1);

}  // namespace superion::analysis
