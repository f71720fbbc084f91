#include "analysis/analyze.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "analysis/document.h"
#include "analysis/series/distributions.h"
#include "analysis/verdict/equilibration.h"
#include "analysis/verdict/odd_seed.h"
#include "analysis/verdict/verdict.h"

namespace superion::analysis {
namespace {

// Assumed length of a hop where no ion is known.
constexpr double kDefaultHop = 3.0;
// Below this a mean-square displacement has no slope.
constexpr size_t kFewestFrames = 8;

bool Contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

absl::Status CheckCharges(const SpeciesSums& sums, const std::map<std::string, double>& charges) {
  double total = 0.0, largest = 0.0;
  std::string composition;
  for (size_t a = 0; a < sums.species.size(); ++a) {
    const auto found = charges.find(sums.species[a]);
    if (found == charges.end())
      return InvalidArgument("charges: no charge was given for {} ({})", sums.species[a], sums.origin);
    total += found->second * static_cast<double>(sums.counts[a]);
    largest = std::max(largest, std::abs(found->second) * static_cast<double>(sums.counts[a]));
    composition +=
        fmt::format("{}{}{} x {:+g}", a == 0 ? "" : ", ", sums.counts[a], sums.species[a], found->second);
  }
  if (std::abs(total) > 1e-6 * std::max(1.0, largest))
    return InvalidArgument("charges: the cell must be neutral, but {} make {:+g} e", composition, total);
  return absl::OkStatus();
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

// Discards the start of every seed up to the time found from its scalars; tests what is left for drift.
Equilibration Equilibrate(std::vector<SpeciesSums>* sums, std::vector<DipoleSeries>* dipoles) {
  Equilibration out;
  static const char* const kScalars[] = {"potential_energy_ev", "temperature_k", "volume_angstrom3"};
  for (const auto& seed : *sums) {
    for (const char* name : kScalars) {
      const auto found = seed.scalars.find(name);
      if (found == seed.scalars.end()) continue;
      out.discarded_ps = std::max(out.discarded_ps,
                                  seed.interval_ps * static_cast<double>(EquilibrationIndex(found->second)));
    }
  }
  double tests = 0.0, temperature = 0.0, n_temperature = 0.0;
  auto test = [&](const std::vector<double>& series, const std::string& name) {
    const double z = GewekeZ(series);
    tests += 1.0;
    if (std::abs(z) > std::abs(out.worst_geweke_z) || out.worst.empty())
      out.worst_geweke_z = z, out.worst = name;
  };
  for (size_t s = 0; s < dipoles->size(); ++s) {
    bool scalars = false;
    if (s < sums->size()) {
      const auto first = static_cast<std::ptrdiff_t>(std::llround(out.discarded_ps / (*sums)[s].interval_ps));
      for (auto& p : (*dipoles)[s].components)
        p.erase(p.begin(),
                p.begin() + std::min<std::ptrdiff_t>(first, static_cast<std::ptrdiff_t>(p.size()) - 2));
      for (auto& [name, series] : (*sums)[s].scalars) {
        series.erase(
            series.begin(),
            series.begin() + std::min<std::ptrdiff_t>(first, static_cast<std::ptrdiff_t>(series.size()) - 2));
        if (name == "temperature_k") {
          for (double v : series) temperature += v;
          n_temperature += static_cast<double>(series.size());
        }
        if (std::find_if(std::begin(kScalars), std::end(kScalars),
                         [&](const char* k) { return name == k; }) == std::end(kScalars))
          continue;
        test(series, fmt::format("{} of seed {}", name, s + 1));
        scalars = true;
      }
    }
    if (!scalars)
      test(SquaredIncrements((*dipoles)[s]), fmt::format("squared dipole increments of seed {}", s + 1));
  }
  if (tests > 0.0) out.worst_geweke_z = OneOfMany(out.worst_geweke_z, tests);
  if (n_temperature > 0.0) out.mean_temperature_k = temperature / n_temperature;
  return out;
}

struct Judged {
  CollectiveResult collective;
  Verdict verdict;
};

// The collective part and the verdict, once the dipoles are there.
absl::StatusOr<Judged> JudgeDipoles(const std::vector<DipoleSeries>& dipoles, double scale,
                                    const TracerResult* tracer, VerdictInput input) {
  Judged out;
  SUPERION_ASSIGN_OR_RETURN(out.collective, AnalyzeCollective(dipoles, scale, input.hop_charge_length));
  input.collective = &out.collective;
  input.tracer = tracer;
  std::vector<DipoleSeries> part;
  for (const auto& dipole : dipoles) part.push_back(Truncated(dipole, dipole.size() * 4 / 5));
  absl::StatusOr<CollectiveResult> earlier = InvalidArgument("not tried");
  // Only what passes now can have passed before: the work is saved for the others.
  if (PassesAtCheckpoint(out.collective, input.target_s_tot, input.hop_charge_length))
    earlier = AnalyzeCollective(part, scale, input.hop_charge_length);
  if (earlier.ok()) input.earlier = &*earlier;
  out.verdict = Judge(input);
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

// Which seed is in another phase by its energy; "" when none is or no energies are there.
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

// The trajectories without what was discarded.
void DiscardFrames(double discarded_ps, std::vector<IonTrajectory>* ions) {
  for (auto& seed : *ions) {
    seed.DropFront(static_cast<size_t>(std::max(0.0, std::ceil(discarded_ps / seed.interval_ps - 1e-9))));
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> MobileSpecies(const std::map<std::string, double>& charges) {
  double smallest = 0.0;
  for (int sign : {1, -1}) {
    for (const auto& [species, q] : charges) {
      if (q * sign > 0.0 && (smallest == 0.0 || q * sign < std::abs(smallest))) smallest = q;
    }
    if (smallest != 0.0) break;
  }
  if (smallest == 0.0) return InvalidArgument("charges: all are zero, there is no mobile ion");
  std::vector<std::string> mobile;
  for (const auto& [species, q] : charges) {
    if (q == smallest) mobile.push_back(species);
  }
  return mobile;
}

absl::StatusOr<Json> AnalyzeIons(AnalysisInput input, const AnalysisOptions& options) {
  if (input.sums.empty()) return InvalidArgument("analyze: no stream or trajectory was given");
  SUPERION_RETURN_IF_ERROR(CheckSameSystem(input.sums));
  const SpeciesSums& first = input.sums[0];
  SUPERION_RETURN_IF_ERROR(CheckCharges(first, options.charges));
  std::map<std::string, double> present;
  for (const auto& name : first.species) present[name] = options.charges.at(name);
  std::vector<std::string> mobile = options.mobile;
  if (mobile.empty()) {
    SUPERION_ASSIGN_OR_RETURN(mobile, MobileSpecies(present));
  }
  double n_mobile = 0.0, z = 0.0;
  for (const auto& name : mobile) {
    const auto at = std::find(first.species.begin(), first.species.end(), name);
    if (at == first.species.end()) return InvalidArgument("mobile: there is no {} in {}", name, first.origin);
    n_mobile += static_cast<double>(first.counts[static_cast<size_t>(at - first.species.begin())]);
    z = std::max(z, std::abs(present.at(name)));
  }
  std::vector<DipoleSeries> dipoles;
  double volume = 0.0;
  for (const auto& seed : input.sums) {
    dipoles.push_back(DipoleOf(seed, options.charges));
    volume += seed.volume_angstrom3 / static_cast<double>(input.sums.size());
  }
  VerdictInput verdict;
  verdict.equilibration = Equilibrate(&input.sums, &dipoles);
  verdict.target_s_tot = options.target_s_tot;
  verdict.budget_exhausted = options.budget_exhausted;
  verdict.target_temperature_k = first.temperature_k;
  double temperature = options.temperature_k > 0.0 ? options.temperature_k : first.temperature_k;
  if (temperature <= 0.0 && verdict.equilibration.mean_temperature_k)
    temperature = *verdict.equilibration.mean_temperature_k;
  if (temperature <= 0.0) return InvalidArgument("temperature_k: neither given nor in {}", first.origin);
  verdict.odd_seed = OddPhase(input.sums, temperature);
  const double scale = ConductivityScale(volume, temperature);
  verdict.site_distance_angstrom = SiteDistance(input, mobile, volume, n_mobile);
  verdict.hop_charge_length = z * verdict.site_distance_angstrom;

  std::optional<TracerResult> tracer;
  std::string tracer_note;
  DiscardFrames(verdict.equilibration.discarded_ps, &input.ions);
  for (const auto& seed : input.ions) {
    if (seed.n_frames() < kFewestFrames)
      tracer_note = fmt::format("not measured: {} has {} frames after equilibration, {} are needed",
                                seed.origin, seed.n_frames(), kFewestFrames);
  }
  if (!input.ions.empty() && tracer_note.empty()) {
    double tau = 0.0;
    if (const auto stride = UncorrelatedStride(dipoles))
      tau = dipoles[0].interval_ps * static_cast<double>(*stride);
    const TracerOptions tracing{options.charges, mobile, verdict.site_distance_angstrom,
                                scale,           tau,    options.threads};
    auto result = AnalyzeTracer(input.ions, tracing);
    if (!result.ok()) return result.status();
    tracer = *std::move(result);
  }
  SUPERION_ASSIGN_OR_RETURN(const Judged judged,
                            JudgeDipoles(dipoles, scale, tracer ? &*tracer : nullptr, verdict));
  DocumentInput document{&judged.collective, tracer ? &*tracer : nullptr, &judged.verdict, temperature,
                         volume};
  document.no_hop_bound = NoHopUpperBound(dipoles, scale, verdict.hop_charge_length);
  document.discarded_ps = verdict.equilibration.discarded_ps;
  Json out = MakeDocument(document);
  if (!tracer_note.empty()) out["tracer_note"] = tracer_note;
  out["mobile"] = mobile;
  out["charges"] = present;
  out["site_distance_angstrom"] = verdict.site_distance_angstrom;
  return out;
}

absl::StatusOr<Json> AnalyzeDipoles(const std::vector<DipoleSeries>& seeds, double volume_angstrom3,
                                    const AnalysisOptions& options) {
  if (!(volume_angstrom3 > 0.0))
    return InvalidArgument("volume_angstrom3: expected > 0, found {}", volume_angstrom3);
  if (!(options.temperature_k > 0.0))
    return InvalidArgument("temperature_k: expected > 0, found {}", options.temperature_k);
  std::vector<DipoleSeries> dipoles = seeds;
  std::vector<SpeciesSums> none;
  VerdictInput verdict;
  verdict.equilibration = Equilibrate(&none, &dipoles);
  verdict.target_s_tot = options.target_s_tot;
  verdict.budget_exhausted = options.budget_exhausted;
  const double scale = ConductivityScale(volume_angstrom3, options.temperature_k);
  SUPERION_ASSIGN_OR_RETURN(const Judged judged, JudgeDipoles(dipoles, scale, nullptr, verdict));
  DocumentInput document{&judged.collective, nullptr, &judged.verdict, options.temperature_k,
                         volume_angstrom3};
  document.no_hop_bound = NoHopUpperBound(dipoles, scale, kDefaultHop);
  Json out = MakeDocument(document);
  out["tracer_note"] = "not measured: the ions are not known from a current";
  if (!judged.collective.resolved)
    out["bound_note"] = fmt::format("the bound assumes ions of charge 1 e that hop {} Å", kDefaultHop);
  return out;
}

}  // namespace superion::analysis
