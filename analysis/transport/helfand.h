// Time-domain estimators of σ (or, with other factors, of D): increments, the covariance-based estimator and
// generalised least squares on the windowed mean-square displacement. conductivity.md, section 3.5.
#pragma once

#include <vector>

#include "analysis/series/series.h"
#include "core/status.h"

namespace superion::analysis {

// By how much a sum of components says less than as many equal Gaussian ones (sampling_error.h).
struct Sampling {
  double components = 0.0;      // effective number; 0: as many as there are
  double event_variance = 0.0;  // of ln σ, from few hops
};

struct IncrementEstimate {
  double sigma = 0.0;
  double s = 0.0;                // of ln σ: sqrt(2/n)
  double n = 0.0;                // degrees of freedom: non-overlapping increments x components
  double low = 0.0, high = 0.0;  // 95 % interval, exact for Gaussian increments
};
// σ = scale sum |dp|²/(2 n τ) over non-overlapping increments of `stride` samples. Biased by +c/(slope τ) by
// a bounded offset and by -τ_J(1-e^{-τ/τ_J})/τ by inertia. FailedPrecondition when no increment fits.
absl::StatusOr<IncrementEstimate> Increments(const std::vector<DipoleSeries>& seeds, double scale,
                                             size_t stride, const Sampling& sampling = {});

struct CovarianceEstimate {
  double sigma = 0.0;
  double s = 0.0;  // of ln σ
};
// Vestergaard, Blainey & Flyvbjerg, Phys. Rev. E 89, 022726 (2014), doi:10.1103/PhysRevE.89.022726: removes a
// bounded offset exactly. FailedPrecondition with fewer than two increments or a value that is not positive.
absl::StatusOr<CovarianceEstimate> CovarianceBased(const std::vector<DipoleSeries>& seeds, double scale,
                                                   size_t stride, const Sampling& sampling = {});

// Covariance of windowed MSD points (one component, all origins) of a Brownian series of n_samples+1 points
// whose increments have variance s²: Cov = 2 s⁴ · (this). Row-major [lags, lags]. By counting overlaps,
// exact.
std::vector<double> WindowedCovariance(const std::vector<size_t>& lags, size_t n_samples);

struct LineFit {
  double slope = 0.0, intercept = 0.0;  // of the MSD summed over components, per ps
  double relative_sd = 0.0;  // of the slope, for Brownian motion of independent components and seeds
};
// Weights of the generalised least-squares fit MSD = slope t + c: slope = sum w_l MSD_l. They depend on the
// lags and the length only, so that every ion, block and seed shares them.
class HelfandFit {
 public:
  // Lags in samples, rising; FailedPrecondition for fewer than 3.
  static absl::StatusOr<HelfandFit> Create(const std::vector<size_t>& lags, double interval_ps,
                                           size_t n_increments);
  // `series`: number of independent series (components x seeds) behind the mean MSD.
  LineFit Fit(const std::vector<double>& msd, double series) const;
  const std::vector<size_t>& lags() const { return lags_; }

 private:
  std::vector<size_t> lags_;
  std::vector<double> slope_weights_, intercept_weights_;
  double unit_variance_ = 0.0;  // variance of the slope of one component with slope 1
};

// 12-20 log-spaced lags from `shortest` to `longest` samples (fewer where they coincide).
std::vector<size_t> HelfandLags(size_t shortest, size_t longest);

// Indices of about 16 of `lags` from `shortest` to `longest` samples; of all up to `longest` when that leaves
// fewer than 3.
std::vector<size_t> FitLagIndices(const std::vector<size_t>& lags, size_t shortest, size_t longest);

}  // namespace superion::analysis
