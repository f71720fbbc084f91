#include "analysis/analyze.h"

#include <algorithm>
#include <cmath>

#include "analysis/document.h"
#include "analysis/preparation.h"
#include "analysis/verdict/verdict.h"

namespace superion::analysis {
namespace {

// Assumed length of a hop where no ion is known.
constexpr double kDefaultHop = 3.0;
// Below this a mean-square displacement has no slope.
constexpr size_t kFewestFrames = 8;

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

}  // namespace

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
