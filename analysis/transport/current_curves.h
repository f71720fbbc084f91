// Curves for display: autocorrelation of the current, its running Green-Kubo integral, σ(ω), and the velocity
// autocorrelation of single ions. No value is taken from them. conductivity.md, sections 2.5 and 2.6.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "analysis/series/displacement.h"
#include "analysis/series/series.h"

namespace superion::analysis {

// Autocorrelation <j(0)·j(t)>/d per component of block-averaged currents j_i = (p_{i+1}-p_i)/h at t = k h,
// k = 0 .. longest; mean over all origins and seeds weighted by their number of origins. e² Å²/ps².
std::vector<double> CurrentAutocorrelation(const std::vector<DipoleSeries>& seeds, size_t longest);

// Running Green-Kubo integral at t = (k + 1/2) h: scale h (C_0/2 + C_1 + … + C_k), in S/m, from the
// autocorrelation C_k. It equals scale [MSD((k+1)h) - MSD(kh)]/(2 d h): Green-Kubo is Helfand's slope.
std::vector<double> RunningIntegral(const std::vector<double>& autocorrelation, double interval_ps,
                                    double scale);

// Standard deviation of the running integral at time t for an uncorrelated current of conductivity σ: σ
// sqrt(4 t/(d S T)) (variance of a truncated periodogram: Priestley, Spectral Analysis and Time Series, 1981,
// eq. 6.2.110).
double RunningIntegralSd(double sigma, double t_ps, double dimension, double total_time_ps);

// σ(ω) = (1/V kB T) ∫_0^∞ <j(0) j(t)> e^{iωt} dt at ω_k = 2π k/(2 n h), k = 0 .. n, from an autocorrelation
// of n values that a Hann window takes to zero (resolution about 1/(n h)); the factor sinc²(ωh/2) of the
// block averages is divided out. Classical: valid for ħω << kB T. Units of `scale` times the integral.
std::vector<std::complex<double>> ComplexConductivity(const std::vector<double>& autocorrelation,
                                                      double interval_ps, double scale);

// Sum over the given ions of <v(0)·v(t)>, v the difference of consecutive positions over the interval, for t
// = k h, k = 0 .. longest < n_frames - 1. `positions`: [3 n_ions][n_frames] Å. Å²/ps².
std::vector<double> VelocityAutocorrelation(std::span<const std::span<const double>> positions,
                                            double interval_ps, size_t longest);

}  // namespace superion::analysis
