#include "analysis/preparation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/series/distributions.h"
#include "analysis/verdict/equilibration.h"
#include "analysis/verdict/odd_seed.h"

namespace superion::analysis {
namespace {

bool Contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// |z| of the largest of n independent tests, as if it were one.
double OneOfMany(double z, double n) {
  const double single = 2.0 * (1.0 - NormalCdf(std::abs(z)));
  const double p = -std::expm1(n * std::log1p(-single));
  if (p < 1e-14) return std::abs(z);
  return p >= 1.0 ? 0.0 : NormalQuantile(1.0 - 0.5 * p);
}

std::vector<double> SquaredIncrements(const DipoleSeries& dipole) {
  const size_t stride = std::max<size_t>(1, (dipole.size() - 1) / 400);
  std::vector<double> out;
  for (size_t i = 0; i + stride < dipole.size(); i += stride) {
    double square = 0.0;
    for (const auto& p : dipole.components) square += (p[i + stride] - p[i]) * (p[i + stride] - p[i]);
    out.push_back(square);
  }
  return out;
}

std::string NamesOf(const std::map<std::string, double>& charges) {
  std::string names;
  for (const auto& [name, q] : charges) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

constexpr const char* kScalars[] = {"potential_energy_ev", "temperature_k", "volume_angstrom3"};

// Two samples always stay.
void DropFirst(size_t n, std::vector<double>* series) {
  const size_t kept = std::min<size_t>(2, series->size());
  series->erase(series->begin(),
                series->begin() + static_cast<std::ptrdiff_t>(std::min(n, series->size() - kept)));
}

// Geweke's z of every scalar, and of the squared dipole increments of seeds without scalars.
void TestStationarity(const std::vector<SpeciesSums>& sums, const std::vector<DipoleSeries>& dipoles,
                      Equilibration* out) {
  double tests = 0.0, temperature = 0.0, n_temperature = 0.0;
  auto test = [&](const std::vector<double>& series, const std::string& name) {
    const double z = GewekeZ(series);
    tests += 1.0;
    if (std::abs(z) > std::abs(out->worst_geweke_z) || out->worst.empty())
      out->worst_geweke_z = z, out->worst = name;
  };
  for (size_t s = 0; s < dipoles.size(); ++s) {
    bool scalars = false;
    for (const char* name : kScalars) {
      if (s >= sums.size() || !sums[s].scalars.count(name)) continue;
      const auto& series = sums[s].scalars.at(name);
      test(series, fmt::format("{} of seed {}", name, s + 1));
      scalars = true;
      if (name != std::string("temperature_k")) continue;
      for (double v : series) temperature += v;
      n_temperature += static_cast<double>(series.size());
    }
    if (!scalars)
      test(SquaredIncrements(dipoles[s]), fmt::format("squared dipole increments of seed {}", s + 1));
  }
  if (tests > 0.0) out->worst_geweke_z = OneOfMany(out->worst_geweke_z, tests);
  if (n_temperature > 0.0) out->mean_temperature_k = temperature / n_temperature;
}

}  // namespace

absl::Status CheckCharges(const SpeciesSums& sums, const std::map<std::string, double>& charges) {
  double total = 0.0, largest = 0.0;
  std::string composition, balanced;
  for (size_t a = 0; a < sums.species.size(); ++a) {
    const auto found = charges.find(sums.species[a]);
    if (found == charges.end())
      return InvalidArgument("charges: no charge was given for {} ({}); there are charges for {}",
                             sums.species[a], sums.origin, NamesOf(charges));
    total += found->second * static_cast<double>(sums.counts[a]);
    largest = std::max(largest, std::abs(found->second) * static_cast<double>(sums.counts[a]));
    composition +=
        fmt::format("{}{}{} x {:+g}", a == 0 ? "" : ", ", sums.counts[a], sums.species[a], found->second);
  }
  // Columns of charges are rounded.
  if (std::abs(total) <= 2e-5 * std::max(1.0, largest)) return absl::OkStatus();
  for (size_t a = 0; a < sums.species.size(); ++a) {
    const auto count = static_cast<double>(sums.counts[a]);
    const double q = charges.at(sums.species[a]);
    if (std::abs(q) * count == largest)
      balanced = fmt::format("{} = {:.7g}", sums.species[a], q - total / count);
  }
  return InvalidArgument(
      "charges: the cell must be neutral, but {} make {:+g} e. Where the formula allows no other charges, {} "
      "of the "
      "framework makes it neutral",
      composition, total, balanced);
}

DipoleSeries DipoleOf(const SpeciesSums& sums, const std::map<std::string, double>& charges) {
  DipoleSeries dipole{sums.interval_ps, Components(3, std::vector<double>(sums.steps.size(), 0.0))};
  for (size_t a = 0; a < sums.species.size(); ++a) {
    const double q = charges.at(sums.species[a]);
    for (size_t c = 0; c < 3; ++c) {
      for (size_t k = 0; k < sums.steps.size(); ++k)
        dipole.components[c][k] += q * sums.displacement[a][c][k];
    }
  }
  return dipole;
}

Equilibration Equilibrate(std::vector<SpeciesSums>* sums, std::vector<DipoleSeries>* dipoles) {
  Equilibration out;
  for (const auto& seed : *sums) {
    for (const char* name : kScalars) {
      const auto found = seed.scalars.find(name);
      if (found == seed.scalars.end()) continue;
      out.discarded_ps = std::max(out.discarded_ps,
                                  seed.interval_ps * static_cast<double>(EquilibrationIndex(found->second)));
    }
  }
  for (auto& seed : *sums) {
    const auto first = static_cast<size_t>(std::llround(out.discarded_ps / seed.interval_ps));
    for (auto& [name, series] : seed.scalars) DropFirst(first, &series);
    for (auto& r : seed.displacement) {
      for (auto& component : r) DropFirst(first, &component);
    }
    DropFirst(first, &seed.steps);
    for (auto& p : (*dipoles)[static_cast<size_t>(&seed - sums->data())].components) DropFirst(first, &p);
  }
  TestStationarity(*sums, *dipoles, &out);
  return out;
}

absl::Status CheckSameSystem(const std::vector<SpeciesSums>& sums) {
  for (const auto& seed : sums) {
    if (seed.species != sums[0].species || seed.counts != sums[0].counts)
      return InvalidArgument("{} and {} hold different ions: they are not seeds of one system", seed.origin,
                             sums[0].origin);
    if (seed.temperature_k > 0.0 && sums[0].temperature_k > 0.0 &&
        std::abs(seed.temperature_k - sums[0].temperature_k) > 0.5)
      return InvalidArgument("{} is at {} K, {} at {} K: analyse one temperature at a time", seed.origin,
                             seed.temperature_k, sums[0].origin, sums[0].temperature_k);
    if (std::abs(seed.volume_angstrom3 / sums[0].volume_angstrom3 - 1.0) > 0.02)
      return InvalidArgument("{} has a volume of {:.6g} Å3, {} of {:.6g} Å3", seed.origin,
                             seed.volume_angstrom3, sums[0].origin, sums[0].volume_angstrom3);
  }
  return absl::OkStatus();
}

std::string OddPhase(const std::vector<SpeciesSums>& sums, double temperature_k) {
  std::vector<std::vector<double>> energies;
  for (const auto& seed : sums) {
    if (const auto found = seed.scalars.find("potential_energy_ev"); found != seed.scalars.end())
      energies.push_back(found->second);
  }
  if (energies.size() != sums.size()) return "";
  const auto atoms =
      static_cast<double>(std::accumulate(sums[0].counts.begin(), sums[0].counts.end(), int64_t{0}));
  const auto odd = FindOddSeed(energies, atoms, temperature_k);
  if (!odd || !odd->differs) return "";
  return fmt::format(
      "seed {} ({}) has a mean potential energy {:+.2f} meV per atom from the others (standard error "
      "{:.2f}): "
      "another phase, or not equilibrated",
      odd->seed + 1, sums[odd->seed].origin, 1e3 * odd->difference_ev, 1e3 * odd->standard_error_ev);
}

double SiteDistance(const AnalysisInput& input, const std::vector<std::string>& mobile, double volume,
                    double n_mobile) {
  if (!input.ions.empty() && !input.cells.empty()) {
    const auto& ions = input.ions[0];
    std::vector<Vec3> positions;
    for (size_t i = 0; i < ions.species.size(); ++i) {
      if (!Contains(mobile, ions.species[i])) continue;
      if (const auto start = ions.Start(i); start.ok()) positions.push_back(*start);
    }
    if (const double a = MeanNearestDistance(positions, input.cells[0]); a > 0.5) return a;
  }
  // The mean spacing of the mobile ions: no hop is much longer.
  return std::cbrt(volume / std::max(1.0, n_mobile));
}

void DiscardFrames(double discarded_ps, std::vector<IonTrajectory>* ions) {
  for (auto& seed : *ions) {
    seed.DropFront(static_cast<size_t>(std::max(0.0, std::ceil(discarded_ps / seed.interval_ps - 1e-9))));
  }
}

absl::StatusOr<std::vector<std::string>> MobileSpecies(const std::map<std::string, double>& charges) {
  double smallest = 0.0;
  for (const auto& [species, q] : charges) {
    const bool nearer = std::abs(q) < std::abs(smallest) || (q > 0.0 && q == -smallest);
    if (q != 0.0 && (smallest == 0.0 || nearer)) smallest = q;
  }
  if (smallest == 0.0) return InvalidArgument("charges: all are zero, there is no mobile ion");
  std::vector<std::string> mobile;
  for (const auto& [species, q] : charges) {
    if (q == smallest) mobile.push_back(species);
  }
  return mobile;
}

}  // namespace superion::analysis
