// Where the straight part of a mean-square displacement begins: the lags from which D* is fitted.
#pragma once

#include <vector>

#include "analysis/series/displacement.h"
#include "analysis/transport/helfand.h"
#include "core/status.h"

namespace superion::analysis {

// A straight line through some of the lags that the displacements of all species share.
struct TracerWindow {
  HelfandFit fit;
  std::vector<size_t> indices;  // into the lags

  double Slope(const std::vector<double>& msd) const;            // per ps
  std::vector<double> LogSlopes(const BlockedSums& sums) const;  // [block] without that block
};

struct TracerWindowChoice {
  TracerWindow window;
  std::vector<double>
      shift;  // [species] change of ln slope over the last half octave, or octave, of the start
};

// The earliest start, at or after `first` samples, from which no later start gives another slope, after
// Lepski's rule (Lepskii, Theory Probab. Appl. 35, 454 (1991), doi:10.1137/1135065): for every species ln
// slope falls by at most 2.3, or rises by at most 3, standard deviations of the difference (jackknife over
// blocks). Then half an octave later. `shift` belongs into the error: over that step, or over an octave where
// fewer than two later starts are left. `last`: longest lag, samples; `species`: not empty, with the same
// lags. FailedPrecondition when the lags are too few for a line.
absl::StatusOr<TracerWindowChoice> ChooseTracerWindow(const std::vector<const BlockedSums*>& species,
                                                      double interval_ps, size_t n_increments, size_t first,
                                                      size_t last);

}  // namespace superion::analysis
