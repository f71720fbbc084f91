#include "analysis/vibration/spectrum.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/fft.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Trapezoidal sum of f(k) g_k over the points up to omega_max.
template <typename F>
double Sum(const ModeDensity& density, double omega_max, const F& f) {
  double sum = 0.0;
  const size_t last = density.g.size() - 1;
  for (size_t k = 0; k <= last; ++k) {
    if (omega_max > 0.0 && density.omega(k) > omega_max) break;
    sum += (k == 0 || k == last ? 0.5 : 1.0) * density.g[k] * f(density.omega(k));
  }
  return sum * density.step;
}

}  // namespace

double Wavenumber(double omega) { return omega / (2.0 * kPi) * kWavenumberPerThz; }
double Omega(double wavenumber) { return wavenumber * 2.0 * kPi / kWavenumberPerThz; }

double ModeDensity::Integral(double omega_max) const {
  return Sum(*this, omega_max, [](double) { return 1.0; });
}

double DifferenceResponse(double omega, double interval_ps) {
  const double x = 0.5 * omega * interval_ps;
  const double ratio = x < 1e-6 ? 1.0 - x * x / 6.0 : std::sin(x) / x;
  return ratio * ratio;
}

ModeDensity DensityOfStates(std::span<const double> correlation, double kt_ev,
                            const SpectrumOptions& options) {
  const size_t n = correlation.size();
  ModeDensity out;
  out.step = kPi / (static_cast<double>(n - 1) * options.interval_ps);
  std::vector<double> windowed(n);
  for (size_t m = 0; m < n; ++m) {
    const double hann = std::cos(0.5 * kPi * static_cast<double>(m) / static_cast<double>(n - 1));
    windowed[m] = hann * hann * correlation[m];
  }
  out.g = CosineTransform(windowed);  // twice the trapezoidal sum over t
  const double scale = 2.0 / (kPi * kt_ev) * units::kMassVelocity2 * 0.5 * options.interval_ps;
  for (size_t k = 0; k < n; ++k) {
    out.g[k] *= scale;
    if (options.from_positions) out.g[k] /= DifferenceResponse(out.omega(k), options.interval_ps);
  }
  return out;
}

double BandCentre(const ModeDensity& density, double omega_max) {
  return Sum(density, omega_max, [](double w) { return w; }) / density.Integral(omega_max);
}

double MeanSquareFrequency(const ModeDensity& density) {
  return Sum(density, 0.0, [](double w) { return w * w; }) / density.Integral();
}

double DiffusionOfZeroFrequency(const ModeDensity& density, double atoms, double mass_u, double kt_ev) {
  return kPi * kt_ev * density.g[0] / (6.0 * mass_u * units::kMassVelocity2 * atoms);
}

}  // namespace superion::analysis
