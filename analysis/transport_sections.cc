#include "analysis/transport_sections.h"

#include <algorithm>
#include <cmath>

#include "analysis/transport/block_method.h"
#include "analysis/transport/current_curves.h"
#include "analysis/transport/partial.h"

namespace superion::analysis {
namespace {

constexpr double kCm2PerS = 1e-4;                  // of one Å²/ps
constexpr size_t kCurvePoints = 200;               // of one curve
constexpr size_t kLongestLag = 4096;               // samples of an autocorrelation
constexpr double kLongestVelocityInterval = 0.02;  // ps: differences over more are no velocities
constexpr size_t kVelocitySamples = 3'000'000;     // positions behind one velocity autocorrelation
const std::vector<double> kBlockLengths{85.0, 170.0, 340.0};

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json MeasuredJson(const std::optional<Measured>& m, double factor = 1.0) {
  return m ? Json({{"value", Number(factor * m->value)}, {"sd", Number(factor * m->sd)}}) : Json(nullptr);
}

// Where single ions are known: their mean-square displacements, at lags that the sums have too.
void AddSelf(const TracerResult& tracer, size_t shortest, PartialInput* input) {
  if (tracer.species.empty() || !(tracer.fit_last_ps > 0.0)) return;
  const DisplacementCurve& curve = tracer.species[0].curve;
  const double ratio = curve.interval_ps / input->interval_ps;
  if (std::abs(ratio - std::round(ratio)) > 1e-6 * ratio) return;
  const auto in_samples = [&](double ps) {
    return static_cast<size_t>(std::llround(ps / curve.interval_ps));
  };
  input->self_indices =
      FitLagIndices(curve.sums.lags, in_samples(tracer.fit_first_ps), in_samples(tracer.fit_last_ps));
  for (size_t l : input->self_indices)
    input->lags.push_back(curve.sums.lags[l] * static_cast<size_t>(std::llround(ratio)));
  if (input->lags.size() < 3 || input->lags.back() >= shortest) {
    input->lags.clear();
    return;
  }
  for (const auto& species : input->species) {
    for (const auto& motion : tracer.species) {
      if (motion.species == species.name) input->self.push_back(motion.curve.sums);
    }
  }
}

PartialInput MakePartialInput(const TransportInput& input) {
  const std::vector<SpeciesSums>& sums = *input.sums;
  PartialInput out;
  for (size_t a = 0; a < sums[0].species.size(); ++a) {
    const std::string& name = sums[0].species[a];
    const bool mobile = std::find(input.mobile.begin(), input.mobile.end(), name) != input.mobile.end();
    out.species.push_back(
        {name, static_cast<double>(sums[0].counts[a]), input.charges.at(name), sums[0].masses_u[a], mobile});
  }
  size_t shortest = sums[0].steps.size();
  for (const auto& seed : sums) {
    auto& displacement = out.seeds.emplace_back();
    for (const auto& r : seed.displacement) displacement.emplace_back(r.begin(), r.end());
    shortest = std::min(shortest, seed.steps.size());
  }
  out.interval_ps = sums[0].interval_ps;
  out.scale = input.collective->scale;
  out.shortest_lag = input.collective->tau_c.value_or(std::max<size_t>(1, shortest / 64));
  if (input.tracer != nullptr) AddSelf(*input.tracer, shortest, &out);
  return out;
}

Json MethodJson(const absl::StatusOr<BlockResult>& result, double s_reference) {
  if (!result.ok()) return {{"sigma_s_per_m", nullptr}, {"message", std::string(result.status().message())}};
  const bool known = result->dof > 0.0 && std::isfinite(result->s);
  return {{"sigma_s_per_m", Number(result->sigma)},
          {"s", known ? Json(result->s) : Json(nullptr)},
          {"dof", result->dof},
          {"efficiency", known ? Json(Efficiency(s_reference, result->s)) : Json(nullptr)},
          {"t_ps", result->t_ps},
          {"msd_e2_angstrom2", result->msd},
          {"sd_e2_angstrom2", known ? Json(result->sd) : Json(nullptr)}};
}

// First index of about `points` that are evenly spaced in their logarithm, up to n - 1.
std::vector<size_t> LogIndices(size_t n, size_t points) {
  std::vector<size_t> out;
  for (size_t k = 0; k < points; ++k) {
    const double at =
        std::pow(static_cast<double>(n), static_cast<double>(k + 1) / static_cast<double>(points));
    const size_t index = std::min(n - 1, static_cast<size_t>(std::llround(at)) - 1);
    if (out.empty() || index > out.back()) out.push_back(index);
  }
  return out;
}

size_t ShortestSeed(const std::vector<DipoleSeries>& seeds) {
  size_t shortest = seeds[0].size();
  for (const auto& seed : seeds) shortest = std::min(shortest, seed.size());
  return shortest;
}

Json GreenKuboJson(const TransportInput& input, const std::vector<DipoleSeries>& seeds,
                   const std::vector<double>& correlation) {
  const double h = seeds[0].interval_ps;
  const CollectiveResult& c = *input.collective;
  const auto integral = RunningIntegral(correlation, h, c.scale);
  Json out = {{"t_ps", Json::array()}, {"sigma_s_per_m", Json::array()}, {"sd_s_per_m", Json::array()}};
  for (size_t k : LogIndices(integral.size(), kCurvePoints)) {
    const double t = h * (static_cast<double>(k) + 0.5);
    const double reference = c.whittle_lepski ? c.whittle_lepski->sigma : std::abs(integral[k]);
    out["t_ps"].push_back(t);
    out["sigma_s_per_m"].push_back(integral[k]);
    out["sd_s_per_m"].push_back(RunningIntegralSd(reference, t, c.sampling.components, c.total_time_ps));
  }
  return out;
}

Json SpectrumJson(const std::vector<double>& correlation, double h, double scale) {
  const auto sigma = ComplexConductivity(correlation, h, scale);
  Json out = {{"f_thz", Json::array()}, {"re_s_per_m", Json::array()}, {"im_s_per_m", Json::array()}};
  // Beyond half of the Nyquist frequency the block averages hide more than they show.
  for (size_t k : LogIndices(std::max<size_t>(2, sigma.size() / 2), kCurvePoints)) {
    out["f_thz"].push_back(static_cast<double>(k) / (2.0 * h * static_cast<double>(correlation.size())));
    out["re_s_per_m"].push_back(sigma[k].real());
    out["im_s_per_m"].push_back(sigma[k].imag());
  }
  return out;
}

Json VelocityJson(const TransportInput& input) {
  if (input.ions == nullptr || input.ions->empty()) return nullptr;
  const IonTrajectory& seed = input.ions->front();
  if (!(seed.interval_ps <= kLongestVelocityInterval) || seed.n_frames() < 16) return nullptr;
  const size_t frames = std::min<size_t>(seed.n_frames(), 1 << 15);
  const size_t longest = std::min(frames / 4, static_cast<size_t>(2.0 / seed.interval_ps) + 1);
  Json out = Json::object();
  std::map<std::string, std::vector<std::vector<double>>> components;
  for (size_t i = 0; i < seed.species.size(); ++i) {
    auto& list = components[seed.species[i]];
    if (list.size() * frames > kVelocitySamples) continue;
    for (size_t c = 0; c < 3; ++c) {
      if (!seed.Path(3 * i + c, &list.emplace_back()).ok()) return nullptr;
      list.back().resize(frames);
    }
  }
  for (const auto& [name, list] : components) {
    const std::vector<std::span<const double>> paths(list.begin(), list.end());
    const auto sums = VelocityAutocorrelation(paths, seed.interval_ps, longest);
    Json curve = {{"t_ps", Json::array()}, {"vacf_angstrom2_per_ps2", Json::array()}};
    for (size_t k = 0; k < sums.size(); k += std::max<size_t>(1, sums.size() / kCurvePoints)) {
      curve["t_ps"].push_back(seed.interval_ps * static_cast<double>(k));
      curve["vacf_angstrom2_per_ps2"].push_back(3.0 * sums[k] / static_cast<double>(list.size()));
    }
    out[name] = curve;
  }
  return out;
}

}  // namespace

Json PartialJson(const TransportInput& input) {
  const PartialInput prepared = MakePartialInput(input);
  const auto result = PartialConductivities(prepared);
  if (!result.ok()) return {{"message", std::string(result.status().message())}};
  Json out = {{"estimator", "gls_helfand"},
              {"fit_window_ps", {result->first_ps, result->last_ps}},
              {"sum_s_per_m", MeasuredJson(result->sum)}};
  for (const auto& frame : result->frames) {
    Json pairs = Json::array();
    for (const PartialPair& pair : frame.pairs) {
      pairs.push_back({{"a", prepared.species[pair.a].name},
                       {"b", prepared.species[pair.b].name},
                       {"sigma_s_per_m", MeasuredJson(pair.sigma)},
                       {"self_s_per_m", MeasuredJson(pair.self)},
                       {"distinct_s_per_m", MeasuredJson(pair.distinct)},
                       {"d_distinct_cm2_per_s", MeasuredJson(pair.distinct_diffusion, kCm2PerS)}});
    }
    out["frames"][FrameName(frame.frame)] = pairs;
  }
  return out;
}

Json BlockMethodJson(const TransportInput& input) {
  const auto& dipoles = *input.dipoles;
  const CollectiveResult& c = *input.collective;
  const double s_reference = c.whittle_lepski ? c.whittle_lepski->s : 0.0;
  std::vector<double> lengths = input.block_ps.empty() ? kBlockLengths : input.block_ps;
  const double production_ps = 20.0 * c.tau_c_ps();
  if (production_ps > 0.0 && input.block_ps.empty()) lengths.push_back(production_ps);
  Json out = {{"lengths", Json::array()}, {"scan", nullptr}};
  for (double length : lengths) {
    BlockOptions options;
    options.block_ps = length;
    Json entry = {{"block_ps", length}};
    const auto block = BlockMethod(dipoles, c.scale, options);
    if (!block.ok() && input.block_ps.empty()) continue;  // a length that nobody asked for
    entry["block"] = MethodJson(block, s_reference);
    entry["simple"] = MethodJson(SimpleMethod(dipoles, c.scale, options), s_reference);
    options.origins = BlockOrigins::kAll;
    entry["windowed_block"] = MethodJson(BlockMethod(dipoles, c.scale, options), s_reference);
    out["lengths"].push_back(entry);
  }
  if (production_ps > 0.0) {
    if (const auto scan = ScanBlockLengths(dipoles, c.scale, production_ps); scan.ok())
      out["scan"] = {
          {"block_ps", scan->block_ps}, {"sigma_s_per_m", scan->sigma}, {"s", scan->s},
          {"s_error", scan->s_error},   {"plateau", scan->plateau},     {"chosen_block_ps", scan->chosen_ps}};
  }
  return out;
}

void AddCurrentCurves(const TransportInput& input, Json* curves) {
  const auto& seeds = *input.dipoles;
  const size_t shortest = ShortestSeed(seeds);
  if (shortest < 16) return;
  const double h = seeds[0].interval_ps;
  const auto correlation = CurrentAutocorrelation(seeds, std::min(kLongestLag, shortest / 4));
  Json acf = {{"t_ps", Json::array()}, {"acf_e2_angstrom2_per_ps2", Json::array()}};
  for (size_t k = 0; k < std::min(correlation.size(), 2 * kCurvePoints); ++k) {
    acf["t_ps"].push_back(h * static_cast<double>(k));
    acf["acf_e2_angstrom2_per_ps2"].push_back(correlation[k]);
  }
  (*curves)["current_acf"] = acf;
  (*curves)["sigma_omega"] = SpectrumJson(correlation, h, input.collective->scale);
  // The integral is shown up to ten correlation times: on a coarser clock where that is long.
  const double wanted = std::min(10.0 * input.collective->tau_c_ps() / h, static_cast<double>(shortest / 4));
  const auto stride = static_cast<size_t>(std::ceil(wanted / static_cast<double>(kLongestLag)));
  if (stride <= 1) {
    (*curves)["green_kubo"] = GreenKuboJson(input, seeds, correlation);
  } else {
    std::vector<DipoleSeries> coarse;
    for (const auto& seed : seeds) coarse.push_back(Decimated(seed, stride));
    (*curves)["green_kubo"] = GreenKuboJson(
        input, coarse, CurrentAutocorrelation(coarse, std::min(kLongestLag, shortest / stride / 4)));
  }
  (*curves)["vacf"] = VelocityJson(input);
}

}  // namespace superion::analysis
