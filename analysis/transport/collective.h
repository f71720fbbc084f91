// Everything that the collective dipole alone can say: the estimators of σ and the tests that decide whether
// it may be called a conductivity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/series/series.h"
#include "analysis/transport/helfand.h"
#include "analysis/transport/spectral.h"
#include "analysis/verdict/homogeneity.h"
#include "analysis/verdict/regime.h"

namespace superion::analysis {

struct CollectiveResult {
  double scale = 0.0;  // S/m per e² Å²/ps, see ConductivityScale
  size_t n_seeds = 0;
  double total_time_ps = 0.0, shortest_ps = 0.0;
  double dimension = 0.0;
  Sampling sampling;  // the effective components, and what few hops add to every estimator's variance

  DisplacementCurve curve;  // charge MSD, e² Å²
  LocalExponent exponent;
  std::optional<Window> window;  // where β = 1
  std::optional<SlopeChange> slope_change;
  bool too_short = false;       // no lag is longer than a vibration
  bool resolved = false;        // false: the dipole never left its vibrational plateau, or too_short
  std::optional<size_t> tau_c;  // samples
  double interval_ps = 0.0;

  std::vector<Periodogram> spectra;
  std::optional<SpectralEstimate> whittle_lepski;
  std::optional<CepstralEstimate> cepstral;
  std::optional<IncrementEstimate> increments;   // at 2 τ_c
  std::optional<CovarianceEstimate> covariance;  // at τ_c
  std::optional<LineFit> helfand;                // slope in e² Å²/ps summed over components
  std::vector<size_t> helfand_lags;
  std::string failure;  // why there is no primary estimate, when there is none

  size_t homogeneity_stride = 0;
  std::optional<BartlettTest> bartlett;
  std::optional<double> rhat;

  // Increments never become uncorrelated and the displacement is a power law other than t: no σ exists.
  bool anomalous() const { return !tau_c && slope_change && slope_change->power_law(); }
  double tau_c_ps() const { return tau_c ? interval_ps * static_cast<double>(*tau_c) : 0.0; }
  double helfand_sigma() const { return scale * helfand->slope / (2.0 * dimension); }
};

// Samples over which the cepstral estimators average: their band is four times that in which the spectrum is
// flat to the accuracy of the data, or `cutoff_thz` (f* of the literature) where that is given.
size_t CepstralWidth(const CollectiveResult& collective, double cutoff_thz = 0.0);

// `hop_charge_length`: z a, charge times hop distance in e Å, or 0 where it is not known: seeds are compared
// on increments that hold at least four hops. InvalidArgument for no seed, unequal intervals or dimensions,
// or a seed of fewer than 2 samples.
absl::StatusOr<CollectiveResult> AnalyzeCollective(const std::vector<DipoleSeries>& seeds, double scale,
                                                   double hop_charge_length);

// Upper bound (95 %) of σ when no diffusion was resolved: the larger of the chi-square bound of the
// increments over the whole runs and of what a Poisson process that gave no hop allows, rate <
// chi2_{2,0.95}/(2 S T) per cell.
double NoHopUpperBound(const std::vector<DipoleSeries>& seeds, double scale, double hop_charge_length);

}  // namespace superion::analysis
