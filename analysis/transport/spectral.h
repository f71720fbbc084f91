// Zero-frequency estimators from the spectrum of the current: the Whittle-Lepski fit (primary) and the
// cepstral estimator (cross-check). conductivity.md, sections 3.3 and 3.4.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "analysis/series/series.h"
#include "core/status.h"

namespace superion::analysis {

// I_k = h scale/(2N) |FFT_k(j)|² averaged over the components, j_i = (p_{i+1}-p_i)/h, k = 0 .. N/2: a
// spectrum whose value at f -> 0 is σ. I_k ~ Gamma(shape α_k, mean μ(f_k)), α = d inside and d/2 at both
// ends.
struct Periodogram {
  double duration_ps = 0.0;   // N h; f_k = k / duration
  double dimension = 0.0;     // d, or fewer where the components are unequal (sampling_error.h)
  std::vector<double> power;  // S/m
  double shape(size_t k) const { return k == 0 ? 0.5 * dimension : dimension; }
  double frequency_thz(size_t k) const { return static_cast<double>(k) / duration_ps; }
};
Periodogram ComputePeriodogram(const DipoleSeries& dipole, double scale);
// Fourier transforms of the increments of all components of one seed.
struct DipoleTransform {
  double duration_ps = 0.0;
  std::vector<std::vector<std::complex<double>>> components;
};
DipoleTransform TransformIncrements(const DipoleSeries& dipole);
// Fourier transform of the increments of one component, k = 0 .. N/2; and the periodogram of such transforms.
std::vector<std::complex<double>> IncrementTransform(const std::vector<double>& p);
Periodogram PeriodogramOf(std::span<const std::vector<std::complex<double>>> transforms, double duration_ps,
                          double scale);

struct WhittleLepskiOptions {
  double kappa = 2.0;      // Lepski's threshold
  int step_back = 4;       // grid points between the largest accepted band and the one that is used
  double first_band = 10;  // smallest band, in Fourier frequencies of the longest seed
  double ratio = 1.25;     // between bands
  bool slow = true;        // widen by slow relaxations; false where the modes at f = 0 are not random
};

// What the lowest modes say of relaxations nearly as slow as the runs (slow_relaxation.h).
struct SlowRelaxation {
  double probability = 0.0;    // that there is one
  double relaxation_ps = 0.0;  // of the most probable one
  double log_ratio = 0.0;      // ln of σ with it over σ without
  double s = 0.0;              // root of the mean square by which ln σ may be off for it
  double resolved_ps = 0.0;    // slower relaxations may change σ by a factor of two unseen
};

struct SpectralEstimate {
  double sigma = 0.0;      // S/m
  double s = 0.0;          // standard deviation of ln σ (s_tot)
  double s_fit = 0.0;      // the part from the fit in the chosen band
  double s_slow = 0.0;     // the part from relaxations nearly as slow as the runs
  double s_events = 0.0;   // the part from few hops (sampling_error.h); of collective fits only
  double curvature = 0.0;  // b2 of ln μ = b0 + b2 (f/f_K)²
  double band_thz = 0.0;   // f_K of the band used
  double accepted_band_thz = 0.0;
  SlowRelaxation slow;
};

// ln μ(f) = b0 + b2 (f/f_K)² by a Gamma GLM with log link, the band by Lepski's rule (Lepskii 1991) and some
// points back; σ = exp(b0). FailedPrecondition when a seed has fewer than 40 increments or the spectrum is
// zero.
absl::StatusOr<SpectralEstimate> WhittleLepski(const std::vector<Periodogram>& seeds,
                                               const WhittleLepskiOptions& options = {});

struct CepstralEstimate {
  double sigma = 0.0;
  double s = 0.0;  // of ln σ, 1.5 times the AIC value, which ignores the choice of K
  double s_aic = 0.0;
  size_t coefficients = 0;  // K*
  double cutoff_thz = 0.0;  // f*, the Nyquist frequency after decimation
};

// Ercole, Marcolongo & Baroni, Sci. Rep. 7, 15835 (2017), doi:10.1038/s41598-017-15843-2, after a boxcar of
// `width` samples and decimation by it. Seeds are cut to the shortest. `components`: effective number of
// equal ones (sampling_error.h), 0: as many as there are. FailedPrecondition below 16 frequencies.
absl::StatusOr<CepstralEstimate> Cepstral(const std::vector<DipoleSeries>& seeds, double scale, size_t width,
                                          double components = 0.0);

// The same of the main current at constant auxiliary currents: 1/[S⁻¹]_00 of their cross-spectral matrix in
// place of the spectrum, l-M+1 in place of the l series for M currents (Bertossa et al., Phys. Rev. Lett.
// 122, 255901 (2019), doi:10.1103/PhysRevLett.122.255901). For white currents σ_00 - σ_01²/σ_11. `auxiliary`:
// [M-1][seeds], sampled as `seeds`. All components count as equal. InvalidArgument for shapes that differ or
// fewer series than currents.
absl::StatusOr<CepstralEstimate> MultiCurrentCepstral(const std::vector<DipoleSeries>& seeds,
                                                      const std::vector<std::vector<DipoleSeries>>& auxiliary,
                                                      double scale, size_t width);

// The core of it on a power spectrum psd[0..N/2] that is a mean over `n_series` equivalent series of even
// length N.
CepstralEstimate CepstralFromSpectrum(const std::vector<double>& psd, double n_series);

}  // namespace superion::analysis
