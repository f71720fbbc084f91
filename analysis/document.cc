#include "analysis/document.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/distributions.h"

namespace superion::analysis {
namespace {

constexpr double kCm2PerS = 1e-4;  // of one Å²/ps
constexpr size_t kCurvePoints = 200;

// null for numbers that JSON cannot hold.
Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json LogInterval(double value, double s, double factor = 1.96) {
  return {Number(value * std::exp(-factor * s)), Number(value * std::exp(factor * s))};
}

Json GatesJson(const std::vector<Gate>& gates) {
  Json out = Json::array();
  for (const Gate& gate : gates) {
    out.push_back({{"id", gate.id},
                   {"name", gate.name},
                   {"passed", gate.passed},
                   {"measured", gate.measured},
                   {"value", gate.value ? Number(*gate.value) : Json(nullptr)},
                   {"limit", gate.limit ? Number(*gate.limit) : Json(nullptr)},
                   {"message", gate.message}});
  }
  return out;
}

// What the lowest modes say of relaxations nearly as slow as the runs.
Json SlowRelaxationJson(const CollectiveResult& c) {
  if (!c.whittle_lepski) return nullptr;
  const SlowRelaxation& slow = c.whittle_lepski->slow;
  return {{"resolved_up_to_ps", Number(slow.resolved_ps)},
          {"probability", slow.probability},
          {"relaxation_ps", Number(slow.relaxation_ps)},
          {"sigma_ratio", Number(std::exp(slow.log_ratio))}};
}

Json EstimatorsJson(const CollectiveResult& c) {
  Json out = Json::object();
  auto add = [&](const char* name, double sigma, double s) {
    out[name] = {{"sigma_s_per_m", Number(sigma)}, {"s", Number(s)}};
  };
  if (!c.resolved) return out;
  if (c.whittle_lepski) {
    add("whittle_lepski", c.whittle_lepski->sigma, c.whittle_lepski->s);
    out["whittle_lepski"]["band_thz"] = c.whittle_lepski->band_thz;
    out["whittle_lepski"]["s_events"] = c.whittle_lepski->s_events;
    out["whittle_lepski"]["s_slow"] = c.whittle_lepski->s_slow;
  }
  if (c.cepstral) {
    add("cepstral", c.cepstral->sigma, c.cepstral->s);
    out["cepstral"]["s_aic"] = Number(c.cepstral->s_aic);
    out["cepstral"]["coefficients"] = c.cepstral->coefficients;
    out["cepstral"]["cutoff_thz"] = c.cepstral->cutoff_thz;
  }
  if (c.helfand) add("gls_helfand", c.helfand_sigma(), c.helfand->relative_sd);
  if (c.increments) {
    add("increments", c.increments->sigma, c.increments->s);
    out["increments"]["ci95_s_per_m"] = {c.increments->low, c.increments->high};
  }
  if (c.covariance) add("cve", c.covariance->sigma, c.covariance->s);
  return out;
}

// Means of the spectrum over logarithmic bins of frequency, the seeds together.
Json PeriodogramJson(const CollectiveResult& c) {
  std::vector<double> f, power;
  if (!c.spectra.empty()) {
    double low = 1e300, high = 0.0;
    for (const auto& seed : c.spectra) {
      low = std::min(low, 1.0 / seed.duration_ps);
      high = std::max(high, seed.frequency_thz(seed.power.size() - 1));
    }
    std::vector<double> sum(kCurvePoints, 0.0), weight(kCurvePoints, 0.0), frequency(kCurvePoints, 0.0);
    const double scale = static_cast<double>(kCurvePoints - 1) / std::log(high / low * (1 + 1e-9));
    for (const auto& seed : c.spectra) {
      for (size_t k = 1; k < seed.power.size(); ++k) {
        const double at = seed.frequency_thz(k);
        const auto bin =
            std::min(kCurvePoints - 1, static_cast<size_t>(std::max(0.0, std::log(at / low) * scale)));
        sum[bin] += seed.power[k];
        frequency[bin] += at;
        weight[bin] += 1.0;
      }
    }
    for (size_t b = 0; b < kCurvePoints; ++b) {
      if (weight[b] == 0.0) continue;
      f.push_back(frequency[b] / weight[b]);
      power.push_back(sum[b] / weight[b]);
    }
  }
  Json out = {{"f_thz", f}, {"sigma_s_per_m", power}};
  if (c.whittle_lepski) {
    out["fit"] = {{"ln_sigma", std::log(c.whittle_lepski->sigma)},
                  {"curvature", c.whittle_lepski->curvature},
                  {"band_thz", c.whittle_lepski->band_thz}};
  }
  return out;
}

// At most kCurvePoints of the lags, evenly in their logarithm because the lags are.
std::vector<size_t> Thinned(size_t n) {
  std::vector<size_t> out;
  const size_t points = std::min(n, kCurvePoints);
  for (size_t k = 0; k < points; ++k) out.push_back(points < 2 ? 0 : k * (n - 1) / (points - 1));
  return out;
}

Json CurvesJson(const DocumentInput& input) {
  const CollectiveResult& c = *input.collective;
  Json charge = {
      {"t_ps", Json::array()}, {"msd_e2_angstrom2", Json::array()}, {"sd_e2_angstrom2", Json::array()}};
  const auto mean = c.curve.sums.Mean();
  for (size_t l : Thinned(mean.size())) {
    const double t = c.curve.lag_ps(l);
    charge["t_ps"].push_back(t);
    charge["msd_e2_angstrom2"].push_back(mean[l]);
    // Brownian motion, lags far below the length: relative variance 4t/(3dT).
    charge["sd_e2_angstrom2"].push_back(mean[l] *
                                        std::sqrt(4.0 * t / (3.0 * c.sampling.components * c.total_time_ps)));
  }
  Json curves = {{"charge_msd", charge}, {"periodogram", PeriodogramJson(c)}};
  curves["beta"] = {{"t_ps", c.exponent.t_ps}, {"beta", c.exponent.beta}, {"s", c.exponent.s}};
  curves["fit_window_ps"] = c.helfand ? Json({c.interval_ps * static_cast<double>(c.helfand_lags.front()),
                                              c.interval_ps * static_cast<double>(c.helfand_lags.back())})
                                      : Json(nullptr);
  if (c.helfand) {
    curves["charge_msd_fit"] = {{"slope_e2_angstrom2_per_ps", c.helfand->slope},
                                {"intercept_e2_angstrom2", c.helfand->intercept}};
  }
  curves["diffusive_window_ps"] = c.window ? Json({c.window->first_ps, c.window->last_ps}) : Json(nullptr);
  if (input.tracer != nullptr) {
    for (const auto& motion : input.tracer->species) {
      Json curve = {{"t_ps", Json::array()}, {"msd_angstrom2", Json::array()}, {"alpha2", Json::array()}};
      const auto msd = motion.curve.sums.Mean();
      for (size_t l : Thinned(msd.size())) {
        curve["t_ps"].push_back(motion.curve.lag_ps(l));
        curve["msd_angstrom2"].push_back(msd[l]);
        curve["alpha2"].push_back(motion.alpha2[l]);
      }
      curves["msd"][motion.species] = curve;
    }
    curves["tracer_fit_window_ps"] = {input.tracer->fit_first_ps, input.tracer->fit_last_ps};
  }
  return curves;
}

void AddTracer(const DocumentInput& input, Json* document) {
  Json& out = *document;
  out["d_tracer_cm2_per_s"] = nullptr;
  for (const char* key : {"sigma_ne_s_per_m", "sigma_ne_ci95_s_per_m", "haven_ratio", "haven_ratio_ci95"})
    out[key] = nullptr;
  if (input.tracer == nullptr) {
    out["tracer_note"] = "not measured: needs trajectories of the ions";
    return;
  }
  const TracerResult& tracer = *input.tracer;
  std::string notes;
  out["d_tracer_cm2_per_s"] = Json::object();
  for (const auto& motion : tracer.species) {
    if (!motion.mobile) continue;
    Json& d = out["d_tracer_cm2_per_s"][motion.species];
    d = {{"value", nullptr}, {"ci95", nullptr}, {"note", motion.note}};
    if (!motion.note.empty()) notes += (notes.empty() ? "" : "; ") + motion.species + " " + motion.note;
    if (!motion.d_angstrom2_per_ps) continue;
    d["value"] = *motion.d_angstrom2_per_ps * kCm2PerS;
    d["ci95"] = LogInterval(*motion.d_angstrom2_per_ps * kCm2PerS, motion.s_d,
                            StudentQuantile(0.975, std::max(1.0, tracer.haven_dof)));
    d["hops"] = motion.hops;
  }
  if (!notes.empty()) out["tracer_note"] = notes;
  if (!tracer.sigma_ne) return;
  const double factor = StudentQuantile(0.975, std::max(1.0, tracer.haven_dof));
  out["sigma_ne_s_per_m"] = *tracer.sigma_ne;
  out["sigma_ne_ci95_s_per_m"] = LogInterval(*tracer.sigma_ne, tracer.s_ne, factor);
  if (!input.verdict->stated) return;
  const auto& spectral = *input.collective->whittle_lepski;
  out["haven_ratio"] = *tracer.sigma_ne / spectral.sigma;
  // The jackknife, whose blocks are few, is not believed below the error of σ itself.
  out["haven_ratio_ci95"] = tracer.haven_s > spectral.s
                                ? LogInterval(*tracer.sigma_ne / spectral.sigma, tracer.haven_s, factor)
                                : LogInterval(*tracer.sigma_ne / spectral.sigma, spectral.s);
}

}  // namespace

Json MakeDocument(const DocumentInput& input) {
  const CollectiveResult& c = *input.collective;
  const Verdict& verdict = *input.verdict;
  Json out = {{"temperature_k", input.temperature_k},
              {"volume_angstrom3", input.volume_angstrom3},
              {"total_time_ps", c.total_time_ps},
              {"n_seeds", c.n_seeds},
              {"sample_interval_ps", c.interval_ps},
              {"discarded_ps_per_seed", input.discarded_ps},
              {"sigma_s_per_m", nullptr},
              {"ci95_s_per_m", {nullptr, nullptr}},
              {"s_tot", nullptr},
              {"status", verdict.status},
              {"limited_by", verdict.limited_by},
              {"gates", GatesJson(verdict.gates)},
              {"estimators", EstimatorsJson(c)},
              {"slow_relaxation", SlowRelaxationJson(c)},
              {"tau_c_ps", c.tau_c ? Json(c.tau_c_ps()) : Json(nullptr)},
              {"needs",
               {{"total_time_ps", Number(verdict.needs.total_time_ps)},
                {"seeds", verdict.needs.seeds},
                {"message", verdict.needs.message}}},
              {"curves", CurvesJson(input)}};
  if (verdict.stated) {
    out["sigma_s_per_m"] = c.whittle_lepski->sigma;
    out["s_tot"] = c.whittle_lepski->s;
    out["ci95_s_per_m"] = LogInterval(c.whittle_lepski->sigma, c.whittle_lepski->s);
  } else if (!c.resolved) {
    out["ci95_s_per_m"] = {nullptr, Number(input.no_hop_bound)};
  }
  AddTracer(input, &out);
  return out;
}

}  // namespace superion::analysis
