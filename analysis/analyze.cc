#include "analysis/analyze.h"

#include <algorithm>
#include <cmath>
#include <future>

#include "analysis/axis_verdicts.h"
#include "analysis/document.h"
#include "analysis/preparation.h"
#include "analysis/recipe/transport_recipe.h"
#include "analysis/remarks.h"
#include "analysis/short_seeds.h"
#include "analysis/transport/repeated_runs.h"
#include "analysis/transport_sections.h"
#include "analysis/verdict/verdict.h"

namespace superion::analysis {
namespace {

// Assumed length of a hop where no ion is known.
constexpr double kDefaultHop = 3.0;
// Below this a mean-square displacement has no slope.
constexpr size_t kFewestFrames = 8;

struct Judged {
  CollectiveResult collective;
  std::optional<TensorResult> tensor;  // of three components only
  std::vector<Json> axis_verdicts;
  Verdict verdict;
};

// Stages that do not need each other run side by side where there are two threads.
std::launch Policy(const AnalysisOptions& options) {
  return options.threads > 1 ? std::launch::async : std::launch::deferred;
}

std::vector<DipoleSeries> FirstPart(const std::vector<DipoleSeries>& dipoles) {
  std::vector<DipoleSeries> part;
  part.reserve(dipoles.size());
  for (const auto& dipole : dipoles) part.push_back(Truncated(dipole, dipole.size() * 4 / 5));
  return part;
}

// The collective part, the tensor and the verdict, once the dipoles are there.
absl::StatusOr<Judged> JudgeDipoles(const std::vector<DipoleSeries>& dipoles, double scale,
                                    const AnalysisOptions& options, VerdictInput input) {
  Judged out;
  const bool per_axis = options.per_axis, three = dipoles[0].dimension() == 3;
  if (per_axis && !three)
    return InvalidArgument("per_axis: three components are needed, the current has {}",
                           dipoles[0].dimension());
  auto tensor = std::async(Policy(options), [&]() -> absl::StatusOr<TensorResult> {
    return three ? AnalyzeTensor(dipoles, scale, input.hop_charge_length) : TensorResult();
  });
  SUPERION_ASSIGN_OR_RETURN(out.collective, AnalyzeCollective(dipoles, scale, input.hop_charge_length));
  // As published ones are made: every component counts as one in the value. In the error it does not.
  if (options.cepstral_cutoff_thz > 0.0) {
    const size_t width = CepstralWidth(out.collective, options.cepstral_cutoff_thz);
    SUPERION_ASSIGN_OR_RETURN(out.collective.cepstral, Cepstral(dipoles, scale, width));
    double& s = out.collective.cepstral->s;
    s = std::sqrt(s * s * out.collective.dimension / out.collective.sampling.components +
                  out.collective.sampling.event_variance);
  }
  input.collective = &out.collective;
  absl::StatusOr<CollectiveResult> earlier = InvalidArgument("not tried");
  // Only what passes now can have passed before: the work is saved for the others.
  if (PassesAtCheckpoint(out.collective, input.target_s_tot, input.hop_charge_length)) {
    const auto part = FirstPart(dipoles);
    earlier = AnalyzeCollective(part, scale, input.hop_charge_length);
    if (per_axis) {
      SUPERION_ASSIGN_OR_RETURN(const TensorResult then, AnalyzeTensor(part, scale));
      input.earlier_worst_axis = WorstAxis(then);
    }
  }
  if (earlier.ok()) input.earlier = &*earlier;
  SUPERION_ASSIGN_OR_RETURN(TensorResult result, tensor.get());
  if (three) out.tensor = std::move(result);
  if (per_axis) input.worst_axis = WorstAxis(*out.tensor);
  out.verdict = Judge(input);
  if (per_axis) out.axis_verdicts = AxisVerdicts(dipoles, scale, input);
  return out;
}

// The sections that follow from the dipoles, the ions or both.
void AddSections(const Judged& judged, const TransportInput& input, const PointGroup* symmetry,
                 const Mat3& cell, std::launch policy, Json* document) {
  Json& out = *document;
  out["tensor"] = out["partial_conductivities"] = out["block_method"] = nullptr;
  auto curves = std::async(policy, [&input, curves = &out["curves"]] { AddCurrentCurves(input, curves); });
  if (!judged.verdict.stated) return curves.get();
  if (judged.tensor)
    out["tensor"] = TensorJson({&*judged.tensor, symmetry, judged.axis_verdicts, cell, input.target_s_tot});
  if (input.sums != nullptr) out["partial_conductivities"] = PartialJson(input);
  out["block_method"] = BlockMethodJson(input);
  curves.get();
}

// The group that was given, or else that of the framework; nothing where neither is known.
absl::StatusOr<std::optional<PointGroup>> SymmetryOf(const AnalysisInput& input, const Mat3& cell,
                                                     const std::vector<std::string>& mobile,
                                                     const AnalysisOptions& options) {
  if (!options.rotations.empty()) return GroupOf(options.rotations);
  if (!options.find_symmetry || input.ions.empty()) return std::nullopt;
  const auto found = FrameworkPointGroup(input.ions[0], cell, mobile, options.symmetry_tolerance_angstrom);
  return found.ok() ? std::optional(*found) : std::nullopt;
}

void Append(std::vector<std::string> more, std::vector<std::string>* out) {
  out->insert(out->end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

absl::StatusOr<Json> AnalyzeIons(AnalysisInput input, const AnalysisOptions& options) {
  if (input.sums.empty()) return InvalidArgument("analyze: no stream or trajectory was given");
  SUPERION_RETURN_IF_ERROR(CheckSameSystem(input.sums));
  std::vector<std::string> left_out;
  std::vector<DipoleSeries> dipoles;
  LeaveOutShortSeeds(&input, &dipoles, &left_out);
  const SpeciesSums& first = input.sums[0];
  for (const auto& seed : input.sums) {
    if (seed.field != Vec3{})
      return InvalidArgument(
          "{} is a run in an electric field of ({}) V/Å, not of equilibrium: give such runs to the kind nemd",
          seed.origin, fmt::join(seed.field, ", "));
  }
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
  double volume = 0.0;
  for (const auto& seed : input.sums) {
    dipoles.push_back(DipoleOf(seed, options.charges));
    volume += seed.volume_angstrom3 / static_cast<double>(input.sums.size());
  }
  VerdictInput verdict;
  verdict.site_distance_angstrom = SiteDistance(input, mobile, volume, n_mobile);
  verdict.hop_charge_length = z * verdict.site_distance_angstrom;
  verdict.equilibration = Equilibrate(&input.sums, &dipoles);
  DiscardFrames(verdict.equilibration.discarded_ps, &input.ions);
  LeaveOutShortSeeds(&input, &dipoles, &left_out);
  verdict.target_s_tot = options.target_s_tot;
  verdict.budget_exhausted = options.budget_exhausted;
  double temperature = options.temperature_k > 0.0 ? options.temperature_k : first.temperature_k;
  if (temperature <= 0.0 && verdict.equilibration.mean_temperature_k)
    temperature = *verdict.equilibration.mean_temperature_k;
  if (temperature <= 0.0)
    return InvalidArgument(
        "no temperature: give --temperature-k (temperature_k); {} holds neither it nor velocities in known "
        "units",
        first.origin);
  if (options.temperature_k > 0.0 && first.temperature_k > 0.0 &&
      std::abs(options.temperature_k / first.temperature_k - 1.0) > 0.02)
    return InvalidArgument("temperature_k: {} K was given, but {} was run at {} K", options.temperature_k,
                           first.origin, first.temperature_k);
  verdict.target_temperature_k = temperature;
  verdict.odd_seed = OddPhase(input.sums, temperature);
  const double scale = ConductivityScale(volume, temperature);

  std::optional<TracerResult> tracer;
  std::string tracer_note;
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
  if (tracer) verdict.tracer = &*tracer;
  std::vector<std::string> origins;
  for (const auto& seed : input.sums) origins.push_back(seed.origin);
  SUPERION_RETURN_IF_ERROR(CheckNoneRepeats(dipoles, options.threads, origins));
  SUPERION_ASSIGN_OR_RETURN(const Judged judged, JudgeDipoles(dipoles, scale, options, verdict));
  DocumentInput document{&judged.collective, tracer ? &*tracer : nullptr, &judged.verdict, temperature,
                         volume};
  document.no_hop_bound = NoHopUpperBound(dipoles, scale, verdict.hop_charge_length);
  document.discarded_ps = verdict.equilibration.discarded_ps;
  Json out = MakeDocument(document);
  out["mobile"] = mobile;
  for (size_t a = 0; a < first.species.size(); ++a) out["composition"][first.species[a]] = first.counts[a];
  if (!tracer_note.empty()) out["tracer_note"] = tracer_note;
  auto notes = RemarksOnRuns(input.sums, temperature, verdict.equilibration.mean_temperature_k);
  Append(left_out, &notes);
  if (tracer) {
    if (const std::string still = RemarkOnSpecies(*tracer); !still.empty()) notes.push_back(still);
  }
  if (judged.verdict.stated) Append(RemarksOnRelaxations(judged.collective), &notes);
  if (!notes.empty()) out["notes"] = notes;
  const Mat3 cell = Determinant(first.cell) == 0.0 && !input.cells.empty() ? input.cells[0] : first.cell;
  SUPERION_ASSIGN_OR_RETURN(const auto symmetry, SymmetryOf(input, cell, mobile, options));
  const TransportInput transport{&dipoles,    &judged.collective,   &input.sums,
                                 &input.ions, verdict.tracer,       options.charges,
                                 mobile,      options.target_s_tot, options.block_ps};
  AddSections(judged, transport, symmetry ? &*symmetry : nullptr, cell, Policy(options), &out);
  if (!options.recipe.empty()) out["recipe"] = TransportRecipe(options.recipe, transport, out);
  out["charges"] = present;
  out["site_distance_angstrom"] = verdict.site_distance_angstrom;
  return out;
}

namespace {

// The auxiliary currents are cut as the main one was at its start.
absl::StatusOr<Json> MultiCurrentJson(const std::vector<DipoleSeries>& main,
                                      std::vector<std::vector<DipoleSeries>> auxiliary,
                                      const CollectiveResult& collective, double cutoff_thz) {
  for (auto& current : auxiliary) {
    for (size_t s = 0; s < current.size(); ++s) {
      for (auto& x : current[s].components)
        x.erase(x.begin(),
                x.begin() + static_cast<std::ptrdiff_t>(x.size() - std::min(x.size(), main[s].size())));
    }
  }
  const auto estimate =
      MultiCurrentCepstral(main, auxiliary, collective.scale, CepstralWidth(collective, cutoff_thz));
  if (!estimate.ok()) return Json{{"message", std::string(estimate.status().message())}};
  return Json{{"sigma_s_per_m", estimate->sigma},       {"s", estimate->s},
              {"currents", auxiliary.size() + 1},       {"s_aic", estimate->s_aic},
              {"coefficients", estimate->coefficients}, {"cutoff_thz", estimate->cutoff_thz}};
}

}  // namespace

absl::StatusOr<Json> AnalyzeDipoles(const DipoleInput& given, double volume_angstrom3,
                                    const AnalysisOptions& options) {
  if (!(volume_angstrom3 > 0.0))
    return InvalidArgument("volume_angstrom3: expected > 0, found {}", volume_angstrom3);
  if (!(options.temperature_k > 0.0))
    return InvalidArgument("temperature_k: expected > 0, found {}", options.temperature_k);
  SUPERION_RETURN_IF_ERROR(CheckNoneRepeats(given.seeds, options.threads));  // counted as they were given
  DipoleInput input = given;
  std::vector<std::string> left_out;
  LeaveOutShortSeeds(&input, &left_out);
  std::vector<DipoleSeries> dipoles = std::move(input.seeds);
  std::vector<SpeciesSums> scalars(input.temperatures_k.size());
  for (size_t s = 0; s < scalars.size(); ++s) {
    scalars[s].interval_ps = dipoles[s].interval_ps;
    scalars[s].scalars["temperature_k"] = input.temperatures_k[s];
  }
  VerdictInput verdict;
  verdict.equilibration = Equilibrate(&scalars, &dipoles);
  verdict.target_temperature_k = options.temperature_k;
  verdict.target_s_tot = options.target_s_tot;
  verdict.budget_exhausted = options.budget_exhausted;
  const double scale = ConductivityScale(volume_angstrom3, options.temperature_k);
  SUPERION_ASSIGN_OR_RETURN(const Judged judged, JudgeDipoles(dipoles, scale, options, verdict));
  DocumentInput document{&judged.collective, nullptr, &judged.verdict, options.temperature_k,
                         volume_angstrom3};
  document.no_hop_bound = NoHopUpperBound(dipoles, scale, kDefaultHop);
  Json out = MakeDocument(document);
  out["tracer_note"] = "not measured: the ions are not known from a current";
  TransportInput transport;
  transport.dipoles = &dipoles;
  transport.collective = &judged.collective;
  transport.target_s_tot = options.target_s_tot;
  transport.block_ps = options.block_ps;
  std::optional<PointGroup> symmetry;
  if (!options.rotations.empty()) {
    SUPERION_ASSIGN_OR_RETURN(symmetry, GroupOf(options.rotations));
  }
  AddSections(judged, transport, symmetry ? &*symmetry : nullptr, Mat3{}, Policy(options), &out);
  if (!options.recipe.empty()) out["recipe"] = TransportRecipe(options.recipe, transport, out);
  auto notes = RemarksOnRuns({}, options.temperature_k, verdict.equilibration.mean_temperature_k);
  Append(left_out, &notes);
  Append(RemarksOnSeries(judged.collective, input.currents), &notes);
  if (!judged.verdict.stated && !MeanCurrents(judged.collective).empty())
    out["needs"] = {{"total_time_ps", nullptr},
                    {"seeds", judged.verdict.needs.seeds},
                    {"message", "no forecast: longer runs do not take a mean out of the current"}};
  if (std::string unit = RemarkOnUnit(dipoles, volume_angstrom3, options.temperature_k); !unit.empty())
    notes.push_back(std::move(unit));
  if (judged.verdict.stated) Append(RemarksOnRelaxations(judged.collective), &notes);
  if (!input.auxiliary.empty() && judged.verdict.stated) {
    SUPERION_ASSIGN_OR_RETURN(
        out["estimators"]["cepstral_multi_current"],
        MultiCurrentJson(dipoles, input.auxiliary, judged.collective, options.cepstral_cutoff_thz));
  }
  if (!notes.empty()) out["notes"] = notes;
  if (!judged.collective.resolved)
    out["bound_note"] = fmt::format("the bound assumes ions of charge 1 e that hop {} Å", kDefaultHop);
  return out;
}

}  // namespace superion::analysis
