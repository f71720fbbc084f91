#include "analysis/verdict/verdict.h"

#include <algorithm>
#include <cmath>

namespace superion::analysis {
namespace {

Gate MakeGate(const std::string& id, const std::string& name) {
  Gate gate;
  gate.id = id;
  gate.name = name;
  return gate;
}

// A gate that stays shut because an earlier step gave nothing.
Gate Shut(Gate gate, const std::string& message) {
  gate.passed = false;
  gate.message = message;
  return gate;
}

Gate EquilibratedGate(const Equilibration& e) {
  Gate gate = MakeGate("G1", "equilibrated");
  gate.value = std::abs(e.worst_geweke_z);
  gate.limit = 2.5;
  gate.passed = *gate.value < 2.5;
  gate.message = fmt::format("discarded {:.4g} ps per seed; largest Geweke |z| {:.2f} ({})", e.discarded_ps,
                             *gate.value, e.worst.empty() ? "no series" : e.worst);
  return gate;
}

Gate FrameworkGate(const TracerResult* tracer) {
  Gate gate = MakeGate("G2", "framework");
  gate.limit = 0.2;
  if (tracer == nullptr || !tracer->framework_measured) {
    gate.measured = false;
    gate.passed = true;
    gate.message = tracer == nullptr ? "not measured: needs trajectories of the ions"
                                     : "not measured: needs framework ions and lags beyond 10 ps";
    return gate;
  }
  gate.value = tracer->framework_exponent;
  gate.passed = tracer->framework_stable;
  gate.message = gate.passed ? "the displacement of the framework is bounded"
                             : tracer->framework_note + " (of a melt, name every species as mobile)";
  return gate;
}

// A relaxation nearly as slow as the runs that is more likely there than not.
std::string SlowRelaxationSeen(const CollectiveResult& c) {
  if (!c.whittle_lepski || c.whittle_lepski->slow.probability <= 0.5) return "";
  const SlowRelaxation& slow = c.whittle_lepski->slow;
  return fmt::format(
      "a relaxation of about {:.2g} ps changes sigma by a factor {:.2f} at the lowest frequencies "
      "(probability "
      "{:.2f}); runs many times as long are wanted",
      slow.relaxation_ps, std::exp(slow.log_ratio), slow.probability);
}

Gate DiffusiveGate(const CollectiveResult& c, const TracerResult* tracer, double hop_charge_length) {
  Gate gate = MakeGate("G3", "diffusive");
  gate.limit = 0.05;
  if (c.too_short)
    return Shut(gate,
                fmt::format("too short: lags reach {:.3g} ps (a quarter of a seed); below {} ps vibrations "
                            "look like motion",
                            c.curve.sums.lags.empty() ? 0.0 : c.curve.lag_ps(c.curve.sums.lags.size() - 1),
                            kSlowestVibrationPs));
  if (!c.resolved) return Shut(gate, "the charge displacement never exceeds twice its vibrational plateau");
  // The most trusted value of β: the longest lag with s <= 0.05.
  std::string beta = "beta cannot be resolved yet";
  for (size_t k = 0; k < c.exponent.t_ps.size(); ++k) {
    if (c.exponent.s[k] > 0.05) continue;
    gate.value = std::abs(c.exponent.beta[k] - 1.0);
    beta = fmt::format("beta = {:.3f} +- {:.3f} at {:.3g} ps", c.exponent.beta[k], c.exponent.s[k],
                       c.exponent.t_ps[k]);
  }
  if (c.anomalous())
    return Shut(
        gate, fmt::format("anomalous: the slope of the charge displacement still changes by a factor {:.2f} "
                          "per octave at {:.3g} ps; {}",
                          std::exp(c.slope_change->log_ratio), c.slope_change->t_ps, beta));
  if (!c.tau_c) return Shut(gate, "increments of the dipole stay correlated up to 1/16 of a run; " + beta);
  if (!c.window)
    return Shut(gate, beta + "; |beta-1| <= 0.05 with an error <= 0.05 is wanted over half a decade of lags");
  if (tracer != nullptr) {
    double hops = 0.0;
    bool counted = false;
    for (const auto& motion : tracer->species) {
      if (motion.mobile && motion.hops > 0.0) hops += motion.hops, counted = true;
      if (motion.mobile && motion.alpha2.size() > 8 && motion.alpha2.back() > 0.2 &&
          motion.alpha2.back() >= *std::max_element(motion.alpha2.begin(), motion.alpha2.end()))
        return Shut(gate, "the non-Gaussian parameter of " + motion.species + " still rises");
    }
    if (counted && hops < 100.0) return Shut(gate, fmt::format("{:.0f} hops in all, 100 are wanted", hops));
  }
  if (hop_charge_length > 0.0) {
    const auto mean = c.curve.sums.Mean();
    const auto& lags = c.curve.sums.lags;
    const auto l = static_cast<size_t>(
        std::lower_bound(lags.begin(), lags.end(), static_cast<size_t>(c.window->last_ps / c.interval_ps)) -
        lags.begin());
    if (l < lags.size() && mean[l] < hop_charge_length * hop_charge_length)
      return Shut(gate, "the dipole moves by less than one hop within the fit window");
  }
  if (const std::string slow = SlowRelaxationSeen(c); !slow.empty()) return Shut(gate, slow);
  gate.passed = true;
  gate.message = fmt::format("beta = 1 within 0.05 from {:.3g} to {:.3g} ps; tau_c = {:.3g} ps",
                             c.window->first_ps, c.window->last_ps, c.tau_c_ps());
  return gate;
}

Gate PrecisionGate(const CollectiveResult& c, double target, const AxisPrecision& worst_axis = {}) {
  Gate gate = MakeGate("G4", "precision");
  gate.limit = target;
  if (!c.whittle_lepski) return Shut(gate, c.failure);
  gate.value = c.whittle_lepski->s;
  if (!worst_axis.axis.empty()) gate.value = worst_axis.s_tot;
  gate.passed = *gate.value <= target;
  gate.message = fmt::format("standard deviation of ln sigma{} {:.3f}, target {:.3f}",
                             worst_axis.axis.empty() ? "" : " along " + worst_axis.axis, *gate.value, target);
  const SpectralEstimate& fit = *c.whittle_lepski;
  if (!gate.passed && worst_axis.axis.empty() && fit.s_slow * fit.s_slow > 0.5 * fit.s * fit.s)
    gate.message +=
        fmt::format("; {:.3f} of it since the lowest modes hint at a relaxation of about {:.2g} ps",
                    fit.s_slow, fit.slow.relaxation_ps);
  return gate;
}

// Seeds of at least a fifth of the longest: shorter ones hardly say whether runs agree.
size_t SeedsThatCount(const CollectiveResult& c) {
  double longest = 0.0;
  for (const Periodogram& seed : c.spectra) longest = std::max(longest, seed.duration_ps);
  return static_cast<size_t>(
      std::count_if(c.spectra.begin(), c.spectra.end(),
                    [longest](const Periodogram& seed) { return seed.duration_ps >= 0.2 * longest; }));
}

Gate DataGate(const CollectiveResult& c) {
  Gate gate = MakeGate("G5", "data");
  gate.limit = 1.0;
  if (!c.tau_c || !c.whittle_lepski) return Shut(gate, "no correlation time yet");
  const double tau = c.tau_c_ps(), s = c.whittle_lepski->s, dof = 2.0 / (s * s);
  double worst = 0.0;
  gate.message =
      EnoughData({static_cast<double>(SeedsThatCount(c)), c.total_time_ps, c.shortest_ps, s, tau}, &worst);
  gate.value = worst;
  gate.passed = *gate.value >= 1.0;
  if (gate.passed) {
    gate.message =
        fmt::format("{} seeds, {:.4g} correlation times of {:.3g} ps in all, {:.0f} degrees of freedom",
                    c.n_seeds, c.total_time_ps / tau, tau, dof);
  }
  return gate;
}

Gate SeedsGate(const CollectiveResult& c, const std::string& odd_seed = "") {
  Gate gate = MakeGate("G6", "seeds agree");
  gate.limit = 0.01;
  if (!odd_seed.empty()) {
    if (c.bartlett) gate.value = c.bartlett->p;
    gate.message = odd_seed;
    return gate;
  }
  if (c.n_seeds < 2) {
    gate.measured = false;
    gate.message = "not measured: one seed";
    return gate;
  }
  if (!c.bartlett) {
    gate.measured = false;
    gate.message = "not measured: too few increments that hold several hops";
    return gate;
  }
  gate.value = c.bartlett->p;
  const bool mixed = !c.rhat || *c.rhat <= 1.05;
  gate.passed = c.bartlett->p > 0.01 && mixed;
  gate.message = fmt::format("Bartlett p = {:.3g} for increments over {:.3g} ps; split R-hat {}",
                             c.bartlett->p, c.interval_ps * static_cast<double>(c.homogeneity_stride),
                             c.rhat ? fmt::format("{:.3f} (limit 1.05)", *c.rhat) : "not measured");
  return gate;
}

Gate EstimatorsGate(const CollectiveResult& c) {
  Gate gate = MakeGate("G7", "estimators agree");
  gate.limit = 2.0;
  if (!c.whittle_lepski) return Shut(gate, c.failure);
  struct {
    const char* name;
    std::optional<double> sigma;
    double s;
  } const others[] = {{"GLS-Helfand", c.helfand ? std::optional(c.helfand_sigma()) : std::nullopt,
                       c.helfand ? c.helfand->relative_sd : 0},
                      {"increments", c.increments ? std::optional(c.increments->sigma) : std::nullopt,
                       c.increments ? c.increments->s : 0},
                      {"cepstral", c.cepstral ? std::optional(c.cepstral->sigma) : std::nullopt,
                       c.cepstral ? c.cepstral->s : 0}};
  std::string worst;
  double largest = 0.0;
  int compared = 0;
  for (const auto& other : others) {
    if (!other.sigma || !(*other.sigma > 0.0)) continue;
    ++compared;
    const double z =
        std::abs(std::log(*other.sigma / c.whittle_lepski->sigma)) / std::hypot(other.s, c.whittle_lepski->s);
    if (z >= largest) largest = z, worst = other.name;
  }
  if (compared == 0) return Shut(gate, "no second estimator can be computed yet");
  gate.value = largest;
  gate.passed = largest <= 2.0;
  gate.message =
      fmt::format("{} deviates most from the spectral fit: {:.2f} combined standard deviations ({} compared)",
                  worst, largest, compared);
  return gate;
}

// A rule that stops as soon as a fluctuating s_tot falls below the target stops too early: the same data must
// have passed when there was 25 % less of it.
Gate StableGate(const VerdictInput& input) {
  Gate gate = MakeGate("G8", "stable");
  if (input.earlier == nullptr) return Shut(gate, "not passed yet: the other gates come first");
  gate.passed = PassesAtCheckpoint(*input.earlier, input.target_s_tot, input.hop_charge_length) &&
                input.earlier_worst_axis.s_tot <= input.target_s_tot;
  gate.message = gate.passed ? "also passed with the first 80 % of the data"
                             : "with the first 80 % of the data it would not have passed";
  return gate;
}

// "Li (D* = 1.2e-05 cm²/s)": ions that diffuse; "" when none does or they are not known.
std::string DiffusingIons(const TracerResult* tracer) {
  std::string names;
  if (tracer == nullptr) return names;
  for (const auto& motion : tracer->species) {
    if (!motion.mobile || !motion.d_angstrom2_per_ps) continue;
    names += fmt::format("{}{} (D* = {:.2g} cm²/s)", names.empty() ? "" : ", ", motion.species,
                         1e-4 * *motion.d_angstrom2_per_ps);
  }
  return names;
}

bool Failed(const std::vector<Gate>& gates, const std::string& id) {
  for (const Gate& gate : gates) {
    if (gate.id == id) return gate.measured && !gate.passed;
  }
  return false;
}

}  // namespace

std::string EnoughData(const DataAmount& amount, double* worst) {
  struct {
    double have, want;
    const char* what;
  } const floors[] = {{amount.seeds, static_cast<double>(kWantedSeeds),
                       "independent velocity seeds of at least a fifth of the longest"},
                      {amount.total_time / amount.tau_c, 100.0, "correlation times in all"},
                      {amount.shortest / amount.tau_c, 20.0, "correlation times in the shortest seed"},
                      {2.0 / (amount.s_tot * amount.s_tot), 50.0, "degrees of freedom"}};
  std::string lacking;
  double smallest = 1e300;
  for (const auto& floor : floors) {
    smallest = std::min(smallest, floor.have / floor.want);
    if (floor.have < floor.want)
      lacking += fmt::format("{}{:.4g} {}, {:.4g} are wanted", lacking.empty() ? "" : "; ", floor.have,
                             floor.what, floor.want);
  }
  if (worst != nullptr) *worst = smallest;
  return lacking;
}

bool PassesAtCheckpoint(const CollectiveResult& c, double target, double hop_charge_length) {
  return DiffusiveGate(c, nullptr, hop_charge_length).passed && PrecisionGate(c, target).passed &&
         DataGate(c).passed && SeedsGate(c).passed && EstimatorsGate(c).passed;
}

Verdict Judge(const VerdictInput& input) {
  const CollectiveResult& c = *input.collective;
  Verdict verdict;
  verdict.gates = {EquilibratedGate(input.equilibration),
                   FrameworkGate(input.tracer),
                   DiffusiveGate(c, input.tracer, input.hop_charge_length),
                   PrecisionGate(c, input.target_s_tot, input.worst_axis),
                   DataGate(c),
                   SeedsGate(c, input.odd_seed),
                   EstimatorsGate(c),
                   StableGate(input)};
  if (input.equilibration.mean_temperature_k && input.target_temperature_k > 0.0) {
    Gate gate = MakeGate("G9", "temperature");
    gate.limit = 0.01;
    gate.value = std::abs(*input.equilibration.mean_temperature_k / input.target_temperature_k - 1.0);
    gate.passed = *gate.value <= 0.01;
    gate.message = fmt::format("mean temperature {:.1f} K, wanted {:.1f} K",
                               *input.equilibration.mean_temperature_k, input.target_temperature_k);
    verdict.gates.push_back(gate);
  }
  bool all = true;
  for (const Gate& gate : verdict.gates) {
    // One seed or increments without hops cannot show agreement: G6 blocks although it is not a disagreement.
    const bool blocks = !gate.passed;
    all = all && !blocks;
    if (blocks && verdict.limited_by.empty())
      verdict.limited_by = gate.id + " " + gate.name + ": " + gate.message;
  }
  const bool anomalous = c.anomalous();
  if (c.too_short) {
    verdict.status = input.budget_exhausted ? "BUDGET_EXHAUSTED" : "RUNNING";
    verdict.limited_by = "G3 diffusive: " + verdict.gates[2].message;
  } else if (!c.resolved) {
    verdict.status = "NO_HOPS";
    verdict.limited_by = "G3 diffusive: the charge displacement never exceeds twice its vibrational plateau";
  } else if (Failed(verdict.gates, "G2")) {
    verdict.status = "FRAMEWORK_UNSTABLE";
  } else if (anomalous) {
    verdict.status = "NOT_DIFFUSIVE";
  } else if (Failed(verdict.gates, "G1")) {
    verdict.status = "DRIFTING";
  } else if (Failed(verdict.gates, "G6")) {
    verdict.status = "SEEDS_DISAGREE";
  } else if (c.whittle_lepski && c.helfand && Failed(verdict.gates, "G7")) {
    verdict.status = "ESTIMATORS_DISAGREE";
  } else if (all) {
    verdict.status = "CONVERGED";
  } else {
    verdict.status = input.budget_exhausted ? "BUDGET_EXHAUSTED" : "RUNNING";
  }
  // Where one gate decided the status, that one is named rather than the first shut one.
  const std::pair<const char*, const char*> deciding[] = {{"FRAMEWORK_UNSTABLE", "G2"},
                                                          {"NOT_DIFFUSIVE", "G3"},
                                                          {"SEEDS_DISAGREE", "G6"},
                                                          {"ESTIMATORS_DISAGREE", "G7"}};
  for (const auto& [status, id] : deciding) {
    for (const Gate& gate : verdict.gates) {
      if (verdict.status == status && gate.id == id)
        verdict.limited_by = gate.id + " " + gate.name + ": " + gate.message;
    }
  }
  verdict.stated = c.resolved && !anomalous && c.whittle_lepski.has_value();
  verdict.needs = PlanFurther(c, input.target_s_tot, input.worst_axis);
  if (const auto ions = DiffusingIons(input.tracer); verdict.status == "NO_HOPS" && !ions.empty()) {
    verdict.limited_by = fmt::format(
        "G3 diffusive: {} diffuse, but the sum of their displacements stays within twice its "
        "vibrational plateau: what one ion carries, others carry back",
        ions);
    verdict.needs.message =
        "ions hop, but no charge was seen to move: a longer run is needed, no forecast is possible; where a "
        "simulation holds the sum of the displacements fixed, it says nothing about σ";
  }
  if (verdict.needs.message.empty() && !all)
    NameWhatIsOpen(verdict.limited_by, c.total_time_ps, &verdict.needs);
  return verdict;
}

}  // namespace superion::analysis
