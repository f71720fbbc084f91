#include <algorithm>
#include <cmath>

#include "analysis/analyze.h"
#include "analysis/series/distributions.h"
#include "analysis/transport/collective.h"
#include "analysis/transport/nemd.h"

namespace superion::analysis {
namespace {

constexpr double kCm2PerSecond = 1e-4;  // 1 Å²/ps

// Fields along one line share an entry; its unit vector has a positive first component.
struct Line {
  Vec3 unit{};
  std::vector<FieldRun> runs;
};

Vec3 UnitOf(const Vec3& field) {
  Vec3 unit = (1.0 / Norm(field)) * field;
  for (const double c : unit) {
    if (std::abs(c) < 1e-9) continue;
    return c < 0.0 ? -1.0 * unit : unit;
  }
  return unit;
}

std::string LabelOf(const Vec3& unit) {
  static const char* const kNames[] = {"x", "y", "z"};
  for (size_t c = 0; c < 3; ++c) {
    if (unit[c] > 1.0 - 1e-9) return kNames[c];
  }
  return fmt::format("[{:.4g},{:.4g},{:.4g}]", unit[0], unit[1], unit[2]);
}

Line& LineOf(const Vec3& unit, std::vector<Line>* lines) {
  for (Line& line : *lines) {
    if (Norm(line.unit - unit) < 1e-6) return line;
  }
  lines->push_back({unit, {}});
  return lines->back();
}

std::vector<double> Along(const DipoleSeries& dipole, const Vec3& unit) {
  std::vector<double> p(dipole.size());
  for (size_t c = 0; c < 3; ++c) {
    for (size_t k = 0; k < p.size(); ++k) p[k] += unit[c] * dipole.components[c][k];
  }
  return p;
}

absl::Status CheckFieldCharges(const SpeciesSums& run, const std::map<std::string, double>& charges) {
  for (const auto& [species, q] : run.field_charges) {
    const auto found = charges.find(species);
    if (found != charges.end() && std::abs(found->second - q) > 1e-9)
      return InvalidArgument(
          "charges: {} e was given for {}, but the field of {} acted on {} e: current and force need the "
          "same",
          found->second, species, run.origin, q);
  }
  return absl::OkStatus();
}

double AtomsOf(const SpeciesSums& sums) {
  double n = 0.0;
  for (const int64_t count : sums.counts) n += static_cast<double>(count);
  return n;
}

Json PointJson(const FieldPoint& p) {
  return {{"field_v_per_angstrom", p.field},
          {"paired", p.paired},
          {"runs", p.runs},
          {"time_ps", p.time_ps},
          {"current_e_per_angstrom2_ps", p.current},
          {"s_current", p.s},
          {"even_current_e_per_angstrom2_ps", p.paired ? Json(p.even) : Json(nullptr)},
          {"sigma_s_per_m", kCurrentPerField * p.current / p.field},
          {"s_sigma", kCurrentPerField * p.s / p.field},
          {"dof", p.dof},
          {"p_seeds", p.p_seeds},
          {"noise_temperature_k", p.noise_temperature_k},
          {"tau_c_ps", p.tau_c_ps},
          {"steady", p.steady}};
}

Json FitJson(const PowerFit& fit) {
  return {{"sigma_s_per_m", fit.sigma}, {"s", fit.s_sigma}, {"sigma3", fit.sigma3},
          {"s_sigma3", fit.s_sigma3},   {"chi2", fit.chi2}, {"dof", fit.dof}};
}

struct Reference {
  double sigma = 0.0, s = 0.0, tau_c_ps = 0.0;  // s of σ, S/m
};

// σ along the line from the runs without a field.
std::optional<Reference> EquilibriumAlong(const std::vector<DipoleSeries>& dipoles, const Vec3& unit,
                                          double scale) {
  std::vector<DipoleSeries> along;
  for (const auto& dipole : dipoles) along.push_back({dipole.interval_ps, {Along(dipole, unit)}});
  if (along.empty()) return std::nullopt;
  const auto result = AnalyzeCollective(along, scale, 0.0);
  if (!result.ok() || !result->whittle_lepski || !result->resolved || result->anomalous())
    return std::nullopt;
  const SpectralEstimate& wl = *result->whittle_lepski;
  return Reference{wl.sigma, wl.s * wl.sigma, result->tau_c_ps()};
}

struct System {
  double volume = 0.0, temperature_k = 0.0, n_atoms = 0.0;
};

// What does not fit, in words of the contract.
Json Flags(const std::vector<FieldPoint>& points, double break_even) {
  Json flags = Json::array();
  const auto any = [&](const char* flag, auto&& test) {
    if (std::any_of(points.begin(), points.end(), test)) flags.push_back(flag);
  };
  any("UNPAIRED", [](const FieldPoint& p) { return !p.paired; });
  any("NOT_STEADY", [](const FieldPoint& p) { return !p.steady; });
  any("SHORT_RUNS", [](const FieldPoint& p) { return !p.uncorrelated; });
  any("SEEDS_DISAGREE", [](const FieldPoint& p) { return p.p_seeds < 0.01; });
  any("EVEN_CURRENT", [](const FieldPoint& p) { return p.paired && std::abs(p.even) > 3.0 * p.s; });
  if (!points.empty() && points.back().field < break_even) flags.push_back("BELOW_BREAK_EVEN");
  return flags;
}

absl::StatusOr<Json> LineJson(const Line& line, const System& system,
                              const std::optional<Reference>& reference) {
  SUPERION_ASSIGN_OR_RETURN(const auto points, PoolFields(line.runs, system.volume));
  SUPERION_ASSIGN_OR_RETURN(const NemdFit fit, FitCurrent(points));
  const PowerFit& best = fit.best();
  double dof = 0.0;
  for (const auto& p : points) dof += p.dof;
  const double t = StudentQuantile(0.975, dof), field = points.back().field;
  const double tau = reference && reference->tau_c_ps > 0.0 ? reference->tau_c_ps : points.front().tau_c_ps;
  const double scale_sigma = fit.linear.sigma > 0.0 ? fit.linear.sigma : fit.linear.s_sigma;
  const double break_even = BreakEvenField(scale_sigma, system.volume, system.temperature_k, tau);
  Json out = {{"label", LabelOf(line.unit)},
              {"direction", line.unit},
              {"sigma_s_per_m", best.sigma},
              {"s_sigma_s_per_m", best.s_sigma},
              {"ci95_s_per_m", {best.sigma - t * best.s_sigma, best.sigma + t * best.s_sigma}},
              {"linearity", LinearityName(fit.linearity)},
              {"nonlinearity", fit.cubic ? Json(fit.nonlinearity) : Json(nullptr)},
              {"s_nonlinearity", fit.cubic ? Json(fit.s_nonlinearity) : Json(nullptr)},
              {"linear_fit", FitJson(fit.linear)},
              {"cubic_fit", fit.cubic ? FitJson(*fit.cubic) : Json(nullptr)},
              {"sinh_fit", nullptr},
              {"break_even_field_v_per_angstrom", break_even},
              {"joule_power_w_per_m3", JoulePower(scale_sigma, field)},
              {"heating_k_per_ns", HeatingRate(scale_sigma, field, system.volume, system.n_atoms)},
              {"equilibrium", nullptr},
              {"points", Json::array()}};
  if (fit.sinh) {
    out["sinh_fit"] = {{"sigma_s_per_m", fit.sinh->sigma},
                       {"s", fit.sinh->s_sigma},
                       {"charge_length_e_angstrom", fit.sinh->charge_length(system.temperature_k)},
                       {"s_charge_length", 2.0 * units::kBoltzmann * system.temperature_k * fit.sinh->s_b},
                       {"chi2", fit.sinh->chi2}};
  }
  Json flags = Flags(points, break_even);
  if (reference) {
    const double z = (best.sigma - reference->sigma) / std::hypot(best.s_sigma, reference->s);
    out["equilibrium"] = {
        {"sigma_s_per_m", reference->sigma}, {"s", reference->s}, {"z", z}, {"agrees", std::abs(z) <= 2.0}};
    if (std::abs(z) > 2.0) flags.push_back("EQUILIBRIUM_DISAGREES");
  }
  out["flags"] = std::move(flags);
  for (const auto& p : points) out["points"].push_back(PointJson(p));
  return out;
}

struct IonGroup {
  Vec3 unit{};
  double field = 0.0;
  std::vector<IonTrajectory> seeds;
};

// Trajectories of one line and strength, without their drift.
std::vector<IonGroup> GroupIons(std::vector<IonTrajectory> ions) {
  std::vector<IonGroup> groups;
  for (auto& trajectory : ions) {
    const double strength = Norm(trajectory.field);
    const Vec3 unit = strength > 0.0 ? UnitOf(trajectory.field) : Vec3{};
    auto found = std::find_if(groups.begin(), groups.end(), [&](const IonGroup& g) {
      return Norm(g.unit - unit) < 1e-6 && std::abs(g.field - strength) <= 1e-6 * strength;
    });
    if (found == groups.end()) found = groups.insert(groups.end(), {unit, strength, {}});
    if (strength > 0.0) RemoveDrift(&trajectory);
    found->seeds.push_back(std::move(trajectory));
  }
  return groups;
}

absl::StatusOr<Json> TracerJson(const std::vector<IonGroup>& groups, const TracerOptions& options) {
  Json out = Json::array();
  for (const auto& group : groups) {
    const auto tracer = AnalyzeTracer(group.seeds, options);
    if (!tracer.ok()) return tracer.status();
    for (const auto& motion : tracer->species) {
      if (!motion.mobile) continue;
      Json entry = {{"species", motion.species},
                    {"field_v_per_angstrom", group.field},
                    {"direction", group.field > 0.0 ? Json(LabelOf(group.unit)) : Json(nullptr)},
                    {"value", nullptr},
                    {"s_ln", nullptr},
                    {"note", motion.note}};
      if (motion.d_angstrom2_per_ps) {
        entry["value"] = kCm2PerSecond * *motion.d_angstrom2_per_ps;
        entry["s_ln"] = motion.s_d;
      }
      out.push_back(std::move(entry));
    }
  }
  return out;
}

// Charges of the fields where none were given.
absl::Status CompleteCharges(const std::vector<SpeciesSums>& sums, AnalysisOptions* options) {
  for (const auto& run : sums) {
    SUPERION_RETURN_IF_ERROR(CheckFieldCharges(run, options->charges));
    options->charges.insert(run.field_charges.begin(), run.field_charges.end());
  }
  for (const auto& run : sums) SUPERION_RETURN_IF_ERROR(CheckCharges(run, options->charges));
  if (!options->mobile.empty()) return absl::OkStatus();
  std::map<std::string, double> present;
  for (const auto& name : sums[0].species) present[name] = options->charges.at(name);
  SUPERION_ASSIGN_OR_RETURN(options->mobile, MobileSpecies(present));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Line>> Lines(const std::vector<SpeciesSums>& sums, const AnalysisOptions& options,
                                        std::vector<DipoleSeries>* equilibrium) {
  std::vector<Line> lines;
  for (const auto& run : sums) {
    const DipoleSeries dipole = DipoleOf(run, options.charges);
    if (run.field == Vec3{}) {
      equilibrium->push_back(dipole);
      continue;
    }
    const Vec3 unit = UnitOf(run.field);
    auto current = AnalyzeSteadyCurrent(Along(dipole, unit), dipole.interval_ps);
    if (!current.ok()) return FailedPrecondition("{}: {}", run.origin, current.status().message());
    LineOf(unit, &lines).runs.push_back({Dot(run.field, unit), *std::move(current)});
  }
  if (lines.empty()) return FailedPrecondition("nemd: none of the {} runs is in a field", sums.size());
  return lines;
}

}  // namespace

absl::StatusOr<Json> AnalyzeNemd(AnalysisInput input, const AnalysisOptions& given) {
  if (input.sums.empty()) return InvalidArgument("nemd: no stream was given");
  AnalysisOptions options = given;
  SUPERION_RETURN_IF_ERROR(CheckSameSystem(input.sums));
  SUPERION_RETURN_IF_ERROR(CompleteCharges(input.sums, &options));
  System system{0.0, options.temperature_k, AtomsOf(input.sums[0])};
  for (const auto& run : input.sums) {
    system.volume += run.volume_angstrom3 / static_cast<double>(input.sums.size());
    if (system.temperature_k <= 0.0) system.temperature_k = run.temperature_k;
  }
  if (system.temperature_k <= 0.0)
    return InvalidArgument("temperature_k: neither given nor in {}", input.sums[0].origin);
  const double scale = ConductivityScale(system.volume, system.temperature_k);
  std::vector<DipoleSeries> equilibrium;
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Line> lines, Lines(input.sums, options, &equilibrium));
  Json out = {{"temperature_k", system.temperature_k},
              {"volume_angstrom3", system.volume},
              {"charges", options.charges},
              {"mobile", options.mobile},
              {"runs", input.sums.size()},
              {"equilibrium_runs", equilibrium.size()},
              {"directions", Json::array()},
              {"d_tracer_cm2_per_s", Json::array()}};
  for (size_t a = 0; a < input.sums[0].species.size(); ++a)
    out["composition"][input.sums[0].species[a]] = input.sums[0].counts[a];
  for (const Line& line : lines) {
    SUPERION_ASSIGN_OR_RETURN(Json entry,
                              LineJson(line, system, EquilibriumAlong(equilibrium, line.unit, scale)));
    out["directions"].push_back(std::move(entry));
  }
  if (!input.ions.empty()) {
    const double spacing = std::cbrt(system.volume / system.n_atoms);
    const TracerOptions tracing{options.charges, options.mobile, spacing, scale, 0.0, options.threads};
    SUPERION_ASSIGN_OR_RETURN(out["d_tracer_cm2_per_s"],
                              TracerJson(GroupIons(std::move(input.ions)), tracing));
  }
  return out;
}

}  // namespace superion::analysis
