// Is the motion diffusive? Tests on the windowed mean-square displacement and on increments (conductivity.md,
// section 4).
#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include "analysis/series/displacement.h"
#include "analysis/series/series.h"

namespace superion::analysis {

inline constexpr double kLagsPerDecade = 24.0;

// Windowed displacements of several seeds with the same interval; the blocks of the seeds stand one after the
// other.
struct DisplacementCurve {
  double interval_ps = 0.0;
  double total_time_ps = 0.0;  // over seeds
  double dimension = 0.0;      // Cartesian components in the sums
  BlockedSums sums;

  double lag_ps(size_t l) const { return interval_ps * static_cast<double>(sums.lags[l]); }
};
// Lags up to a quarter of the longest seed; at least 16 blocks of origins in all.
DisplacementCurve ChargeDisplacementCurve(const std::vector<DipoleSeries>& seeds);
// Blocks per seed that the curve uses.
size_t BlocksPerSeed(size_t n_seeds);
// Sets one behind the other: the blocks of all of them, for the same lags.
BlockedSums Concatenate(const std::vector<BlockedSums>& parts);

// β(t) = d ln MSD/d ln t by a local quadratic over ±0.15 decades; s by jackknife over blocks, not below the
// value for Brownian motion of independent components.
struct LocalExponent {
  std::vector<double> t_ps, beta, s;
};
// `model_floor`: false where the components are many correlated ions, for which the jackknife stands alone.
LocalExponent ComputeLocalExponent(const DisplacementCurve& curve, bool model_floor = true);

struct Window {
  double first_ps = 0.0, last_ps = 0.0;
};
// Longest stretch, at least half a decade, where |β-1| <= 0.05 and s <= 0.05; nothing when there is none.
std::optional<Window> DiffusiveWindow(const LocalExponent& exponent);

// Below this lag a displacement that grows may be a vibration: the slowest optical modes of crystals take
// about 1.5 ps (0.7 THz).
inline constexpr double kSlowestVibrationPs = 1.5;
// False where no lag reaches so far (a quarter of a seed): nothing can be said about motion.
bool LongEnough(const DisplacementCurve& curve);

// False when the displacement never exceeds twice its vibrational plateau: no diffusion resolved.
bool DiffusionResolved(const DisplacementCurve& curve);

// Change of slope of the MSD from [t, 2t] to [2t, 4t], ln ratio and its standard deviation, at the longest t
// where the latter is at most 0.07. Zero for diffusion with any bounded offset, (2H-1) ln 2 for fractional
// Brownian motion.
struct SlopeChange {
  double t_ps = 0.0, log_ratio = 0.0, s = 0.0;
  double earlier = 0.0;  // the same at t/3
  // A power law has one ratio at all times, at most ln 2; vibrations and cages that are still relaxing have
  // not.
  bool power_law() const {
    return std::abs(log_ratio) > 0.05 + 3.0 * s && std::abs(log_ratio) < 0.8 &&
           std::abs(log_ratio - earlier) < 0.2 + 3.0 * s;
  }
};
std::optional<SlopeChange> ComputeSlopeChange(const DisplacementCurve& curve);

// Variance ratio of increments over `stride` samples and its z, m = 2, 4, 8 (Lo & MacKinlay, Rev. Financ.
// Stud. 1, 41 (1988), doi:10.1093/rfs/1.1.41).
struct VarianceRatio {
  double ratio = 1.0, z = 0.0;
};
VarianceRatio ComputeVarianceRatio(const std::vector<DipoleSeries>& seeds, size_t stride, size_t m);
// Smallest power of two, in samples, beyond which increments are uncorrelated: |z| < 2.5 for all m. Nothing
// when that is not reached while every seed has 16 increments.
std::optional<size_t> UncorrelatedStride(const std::vector<DipoleSeries>& seeds);

}  // namespace superion::analysis
