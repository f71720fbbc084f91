#include "analysis/vibration/entropy.h"

#include <algorithm>
#include <cmath>

#include "core/units.h"

namespace superion::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kHbar = 6.582119569e-4;  // eV ps

}  // namespace

double OscillatorEntropy(double x) { return x / std::expm1(x) - std::log(-std::expm1(-x)); }

double HarmonicEntropy(const ModeDensity& density, double kt_ev) {
  const double unit = kHbar / kt_ev;
  const size_t last = density.g.size() - 1;
  // Mean over 0 .. ω of 1 - ln x + O(x²) is 2 - ln x.
  const double first = 2.0 - std::log(0.5 * unit * density.step);
  double sum = 0.5 * density.g[0] * first;
  for (size_t k = 1; k <= last; ++k)
    sum += (k == last ? 0.5 : 1.0) * density.g[k] * OscillatorEntropy(unit * density.omega(k));
  return sum * density.step;
}

double Fluidicity(double delta) {
  const double d = std::pow(delta, -1.5);
  const auto f_of = [&](double f) {
    return 2.0 * d * d * d * std::pow(f, 7.5) - 6.0 * d * d * std::pow(f, 5) - d * std::pow(f, 3.5) +
           6.0 * d * std::pow(f, 2.5) + 2.0 * f - 2.0;
  };
  double low = 0.0, high = 1.0;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    (f_of(middle) < 0.0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

TwoPhase SplitTwoPhase(const ModeDensity& density, double atoms, double mass_u, double volume_angstrom3,
                       double kt_ev) {
  TwoPhase out;
  out.gas = out.solid = density;
  const double mass = mass_u * units::kMassVelocity2;         // eV ps²/Å²
  const double s0 = 2.0 * kPi * std::max(0.0, density.g[0]);  // modes per THz at zero
  const double delta = 2.0 * s0 / (9.0 * atoms) * std::sqrt(kPi * kt_ev / mass) *
                       std::cbrt(atoms / volume_angstrom3) * std::pow(6.0 / kPi, 2.0 / 3.0);
  if (delta > 1e-12) out.fluidicity = Fluidicity(delta);
  const double f = out.fluidicity;
  for (size_t k = 0; k < density.g.size(); ++k) {
    const double nu = density.omega(k) / (2.0 * kPi);
    const double lorentz = f > 0.0 ? kPi * s0 * nu / (6.0 * f * atoms) : 0.0;
    out.gas.g[k] = f > 0.0 ? density.g[0] / (1.0 + lorentz * lorentz) : 0.0;
    out.solid.g[k] = density.g[k] - out.gas.g[k];
  }
  out.solid_entropy = HarmonicEntropy(out.solid, kt_ev);
  if (f <= 0.0) return out;
  const double y = out.packing = std::pow(f, 2.5) / std::pow(delta, 1.5);
  const double wavelength2 = 2.0 * kPi * kHbar * kHbar / (mass * kt_ev);  // thermal de Broglie, Å²
  const double ideal = 2.5 + std::log(volume_angstrom3 / (f * atoms * std::pow(wavelength2, 1.5)));
  const double excess = y * (3.0 * y - 4.0) / ((1.0 - y) * (1.0 - y));
  const double z = (1.0 + y + y * y - y * y * y) / std::pow(1.0 - y, 3);
  out.gas_entropy = f * atoms * (ideal + excess);
  out.published_gas_entropy = f * atoms * (ideal + excess + std::log(z));
  return out;
}

}  // namespace superion::analysis
