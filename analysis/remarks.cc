#include "analysis/remarks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/units.h"

namespace superion::analysis {
namespace {

// The power at f = 0 against the mean of its neighbours: F(d, 2dn) exceeds this with a probability below
// 1e-6, also for one component.
constexpr double kMeanCurrent = 40.0;
constexpr int kNeighbours = 16;
// Beyond what any ionic substance has: ions in 1 Å³, charge of all of them in e.
constexpr double kMostIonsPerAngstrom3 = 0.2, kMostCharge = 4.0;

// Å, from the first to the last row; nothing without masses.
Vec3 MotionOfTheWhole(const SpeciesSums& seed) {
  Vec3 moved{};
  double mass = 0.0;
  for (size_t a = 0; a < seed.masses_u.size(); ++a) {
    mass += seed.masses_u[a] * static_cast<double>(seed.counts[a]);
    for (size_t c = 0; c < 3; ++c) {
      const auto& r = seed.displacement[a][c];
      if (!r.empty()) moved[c] += seed.masses_u[a] * (r.back() - r.front());
    }
  }
  return mass > 0.0 ? (1.0 / mass) * moved : Vec3{};
}

}  // namespace

std::vector<std::string> RemarksOnRuns(const std::vector<SpeciesSums>& sums, double temperature_k,
                                       std::optional<double> mean_temperature_k) {
  std::vector<std::string> out;
  for (const auto& seed : sums) {
    if (const double moved = Norm(MotionOfTheWhole(seed)); moved > 1.0)
      out.push_back(fmt::format(
          "{}: the cell as a whole moves by {:.3g} Å; D* is measured relative to the framework, and σ "
          "of a neutral cell does not depend on it",
          seed.origin, moved));
  }
  if (mean_temperature_k && std::abs(*mean_temperature_k / temperature_k - 1.0) > 0.02)
    out.push_back(
        fmt::format("the ions move at {:.1f} K on average, but σ is stated for {:.1f} K, which its value is "
                    "inversely proportional to",
                    *mean_temperature_k, temperature_k));
  return out;
}

std::string RemarkOnUnit(const std::vector<DipoleSeries>& seeds, double volume_angstrom3,
                         double temperature_k) {
  // Per component: N q² kB T/m of independent ions, each no lighter than hydrogen.
  const double allowed = kMostIonsPerAngstrom3 * volume_angstrom3 * kMostCharge * kMostCharge *
                         units::kBoltzmann * temperature_k / units::kMassVelocity2;
  double sum = 0.0, n = 0.0;
  for (const auto& seed : seeds) {
    for (const auto& p : seed.components) {
      for (size_t k = 1; k < p.size(); ++k, n += 1.0)
        sum += (p[k] - p[k - 1]) * (p[k] - p[k - 1]) / (seed.interval_ps * seed.interval_ps);
    }
  }
  if (!(n > 0.0) || sum / n <= allowed) return "";
  return fmt::format(
      "the current is {:.3g} e·Å/ps in the root mean square, more than the thermal motion of any ions in "
      "{:.4g} "
      "Å³ at {:g} K ({:.3g} e·Å/ps): check the unit, the time between lines and the volume",
      std::sqrt(sum / n), volume_angstrom3, temperature_k, std::sqrt(allowed));
}

std::string RemarkOnSpecies(const TracerResult& tracer) {
  std::string still, moving;
  for (const auto& motion : tracer.species) {
    if (!motion.mobile) continue;
    std::string& list = motion.d_angstrom2_per_ps ? moving : still;
    list += (list.empty() ? "" : ",") + motion.species;
  }
  if (still.empty() || moving.empty()) return "";
  return fmt::format(
      "{} was named mobile but shows no diffusion: without it (--mobile {}) it is the framework in whose "
      "frame D* is "
      "measured, and the Nernst-Einstein σ and the Haven ratio can be stated",
      still, moving);
}

std::map<size_t, double> MeanCurrents(const CollectiveResult& collective) {
  std::map<size_t, double> out;
  for (size_t s = 0; s < collective.spectra.size(); ++s) {
    const auto& power = collective.spectra[s].power;
    if (power.size() <= kNeighbours) continue;
    const double near =
        std::accumulate(power.begin() + 1, power.begin() + 1 + kNeighbours, 0.0) / kNeighbours;
    if (power[0] > kMeanCurrent * near) out[s] = near > 0.0 ? std::sqrt(power[0] / near) : 1e9;
  }
  return out;
}

std::vector<std::string> RemarksOnSeries(const CollectiveResult& collective, bool currents) {
  std::vector<std::string> out;
  for (const auto& [s, ratio] : MeanCurrents(collective))
    out.push_back(
        fmt::format("series {}: the current has a mean, {:.3g} times its fluctuations at f -> 0: a drift, a "
                    "field or a charge that is missing, not equilibrium",
                    s + 1, ratio));
  if (!currents || !collective.whittle_lepski) return out;
  double top = 0.0, n = 0.0;
  for (const auto& seed : collective.spectra) {
    for (size_t k = seed.power.size() - seed.power.size() / 20; k < seed.power.size(); ++k, n += 1.0)
      top += seed.power[k];
  }
  if (n == 0.0 || top / n < 0.1 * collective.whittle_lepski->sigma) return out;
  out.push_back(
      fmt::format("the spectrum of the current is {:.2g} σ at its last frequency, {:.4g} THz: currents "
                  "sampled so far apart "
                  "fold what lies beyond onto σ; sample closer, or give the dipole",
                  top / n / collective.whittle_lepski->sigma, 0.5 / collective.interval_ps));
  return out;
}

std::vector<std::string> RemarksOnRelaxations(const CollectiveResult& collective) {
  if (!collective.resolved || !collective.whittle_lepski) return {};
  double longest = 0.0;
  for (const auto& seed : collective.spectra) longest = std::max(longest, seed.duration_ps);
  return {fmt::format(
      "relaxations slower than {:.3g} ps are not resolved by runs of {:.4g} ps: one that changes σ by a "
      "factor of two could stay unseen",
      collective.whittle_lepski->slow.resolved_ps, longest)};
}

}  // namespace superion::analysis
