// Vibrational density of states from the velocity autocorrelation (conductivity.md, section 10).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace superion::analysis {

// g(ω_k), k = 0 .. K, at ω_k = k · step; the integral by the trapezoidal rule is the number of modes.
struct ModeDensity {
  double step = 0.0;      // rad/ps
  std::vector<double> g;  // modes per rad/ps

  double omega(size_t k) const { return step * static_cast<double>(k); }
  // Integral of f(ω) g(ω) over 0 .. omega_max (0: all).
  double Integral(double omega_max = 0.0) const;
};

struct SpectrumOptions {
  double interval_ps = 0.0;
  // The velocities were differences of positions one interval apart: g is divided by [sin(ωh/2)/(ωh/2)]², by
  // which such differences weaken a mode.
  bool from_positions = false;
};

// g(ω) = (2/(π kB T)) ∫_0^∞ Σ m <v(0)·v(t)> cos(ωt) dt, the correlation (u Å²/ps², lags 0 .. n-1) times a
// Hann window cos²(π t/(2 t_max)): 3N modes when the velocities are those of temperature T. Points t_max
// apart by π/t_max in ω.
ModeDensity DensityOfStates(std::span<const double> correlation, double kt_ev,
                            const SpectrumOptions& options);

// Factor by which g of velocities from positions one interval apart must be divided.
double DifferenceResponse(double omega, double interval_ps);

// ∫ g ω dω/∫ g dω over 0 .. omega_max (0: all), rad/ps.
double BandCentre(const ModeDensity& density, double omega_max = 0.0);

// <ω²> = ∫ g ω² dω/∫ g dω, rad²/ps²: <F²>/(3 N m kB T) of any classical system.
double MeanSquareFrequency(const ModeDensity& density);

// D = π kB T g(0)/(6 m N), Å²/ps, at the resolution of the spectrum.
double DiffusionOfZeroFrequency(const ModeDensity& density, double atoms, double mass_u, double kt_ev);

constexpr double kWavenumberPerThz = 33.35640951981521;  // cm⁻¹
double Wavenumber(double omega);                         // cm⁻¹ of rad/ps
double Omega(double wavenumber);                         // rad/ps of cm⁻¹

}  // namespace superion::analysis
