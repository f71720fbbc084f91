#include "analysis/transport/collective.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/distributions.h"
#include "analysis/transport/sampling_error.h"
#include "analysis/transport/slow_relaxation.h"

namespace superion::analysis {
namespace {

bool Moves(const DipoleSeries& seed) {
  return std::any_of(seed.components.begin(), seed.components.end(), [](const std::vector<double>& p) {
    return std::any_of(p.begin(), p.end(), [&p](double x) { return x != p[0]; });
  });
}

absl::Status CheckSeeds(const std::vector<DipoleSeries>& seeds) {
  if (seeds.empty()) return InvalidArgument("conductivity: no dipole series was given");
  for (size_t s = 0; s < seeds.size(); ++s) {
    if (seeds[s].size() < 2)
      return InvalidArgument("conductivity: series {} has {} samples, at least 2 are needed", s + 1,
                             seeds[s].size());
    if (std::abs(seeds[s].interval_ps / seeds[0].interval_ps - 1.0) > 1e-9)
      return InvalidArgument(
          "conductivity: series {} has a sample every {} ps, the first one every {} ps; mixed "
          "intervals cannot be analysed together",
          s + 1, seeds[s].interval_ps, seeds[0].interval_ps);
    if (seeds[s].dimension() != seeds[0].dimension())
      return InvalidArgument("conductivity: series {} has {} components, the first one {}", s + 1,
                             seeds[s].dimension(), seeds[0].dimension());
    for (size_t earlier = 0; earlier < s; ++earlier) {
      if (Moves(seeds[s]) && seeds[earlier].components == seeds[s].components)
        return InvalidArgument(
            "conductivity: series {} is a copy of series {}; independent runs are expected", s + 1,
            earlier + 1);
    }
  }
  return absl::OkStatus();
}

void FitSpectrum(const std::vector<DipoleSeries>& seeds, CollectiveResult* out) {
  std::vector<DipoleTransform> transforms;
  for (const auto& seed : seeds) {
    transforms.push_back(TransformIncrements(seed));
    const DipoleTransform& f = transforms.back();
    out->spectra.push_back(PeriodogramOf(f.components, f.duration_ps, out->scale));
  }
  WhittleLepskiOptions first;
  first.slow = out->dimension == 1.0;
  auto fit = WhittleLepski(out->spectra, first);
  if (fit.ok() && out->dimension > 1.0) {
    out->sampling.components = EffectiveComponents(transforms, fit->accepted_band_thz);
    for (Periodogram& spectrum : out->spectra) spectrum.dimension = out->sampling.components;
    fit = WhittleLepski(out->spectra);
  }
  if (!fit.ok()) {
    out->failure = std::string(fit.status().message());
    return;
  }
  out->whittle_lepski = *fit;
  if (out->resolved) {
    const double slope = 2.0 * out->dimension * fit->sigma / out->scale;
    out->sampling.event_variance = EventVariance(seeds, out->curve, slope);
    out->whittle_lepski->s_events = std::sqrt(out->sampling.event_variance);
    out->whittle_lepski->s = std::hypot(fit->s, out->whittle_lepski->s_events);
  }
  auto cepstral = Cepstral(seeds, out->scale, CepstralWidth(*out), out->sampling.components);
  if (!cepstral.ok()) return;
  cepstral->s = std::hypot(cepstral->s, std::sqrt(out->sampling.event_variance));
  out->cepstral = *cepstral;
}

// Increments that stay correlated up to the longest that can be tested say that a relaxation is unresolved;
// by how much it changes σ only the prior says.
void WidenByUnresolved(SpectralEstimate* fit) {
  if (fit->s_slow >= kSlowFactorSd) return;
  fit->s = std::sqrt(fit->s * fit->s - fit->s_slow * fit->s_slow + kSlowFactorSd * kSlowFactorSd);
  fit->s_slow = kSlowFactorSd;
}

void FitDisplacement(const std::vector<DipoleSeries>& seeds, CollectiveResult* out) {
  const size_t shortest = static_cast<size_t>(std::llround(out->shortest_ps / out->interval_ps));
  const size_t tau = *out->tau_c;
  if (auto increments = Increments(seeds, out->scale, 2 * tau, out->sampling); increments.ok())
    out->increments = *increments;
  if (auto covariance = CovarianceBased(seeds, out->scale, tau, out->sampling); covariance.ok())
    out->covariance = *covariance;
  out->helfand_lags = HelfandLags(tau, shortest / 4);
  const auto fit = HelfandFit::Create(out->helfand_lags, out->interval_ps, shortest);
  if (!fit.ok()) return;
  std::vector<BlockedSums> parts;
  for (const auto& seed : seeds) parts.push_back(BlockedDisplacement(seed.components, out->helfand_lags, 1));
  // Effective number of series of the shortest length.
  const double series = out->sampling.components * out->total_time_ps / out->shortest_ps;
  LineFit line = fit->Fit(Concatenate(parts).Mean(), series);
  line.relative_sd = std::hypot(line.relative_sd, std::sqrt(out->sampling.event_variance));
  if (line.slope > 0.0) out->helfand = line;
}

void CompareSeeds(const std::vector<DipoleSeries>& seeds, double hop, CollectiveResult* out) {
  // One component of the dipole moves by (z a)²/3 per hop on average; four hops are wanted in an increment.
  const double wanted = 4.0 * hop * hop * out->dimension / 3.0;
  const auto mean = out->curve.sums.Mean();
  size_t stride = *out->tau_c;
  while (stride <= out->curve.sums.lags.back()) {
    const auto& lags = out->curve.sums.lags;
    const size_t l = static_cast<size_t>(std::lower_bound(lags.begin(), lags.end(), stride) - lags.begin());
    if (l < lags.size() && mean[l] >= wanted) break;
    stride *= 2;
  }
  out->homogeneity_stride = stride;
  out->bartlett = BartlettOfIncrements(seeds, stride);
  if (seeds.size() > 1) out->rhat = SplitRhat(seeds, stride);
}

}  // namespace

absl::StatusOr<CollectiveResult> AnalyzeCollective(const std::vector<DipoleSeries>& seeds, double scale,
                                                   double hop_charge_length) {
  SUPERION_RETURN_IF_ERROR(CheckSeeds(seeds));
  CollectiveResult out;
  out.scale = scale;
  out.n_seeds = seeds.size();
  out.interval_ps = seeds[0].interval_ps;
  out.dimension = out.sampling.components = static_cast<double>(seeds[0].dimension());
  out.shortest_ps = seeds[0].duration_ps();
  for (const auto& seed : seeds) {
    out.total_time_ps += seed.duration_ps();
    out.shortest_ps = std::min(out.shortest_ps, seed.duration_ps());
  }
  out.curve = ChargeDisplacementCurve(seeds);
  out.too_short = !LongEnough(out.curve);
  out.resolved = !out.too_short && DiffusionResolved(out.curve);
  out.exponent = ComputeLocalExponent(out.curve);
  out.window = DiffusiveWindow(out.exponent);
  out.slope_change = ComputeSlopeChange(out.curve);
  FitSpectrum(seeds, &out);
  out.tau_c = UncorrelatedStride(seeds);
  if (!out.tau_c && out.whittle_lepski) WidenByUnresolved(&*out.whittle_lepski);
  if (out.tau_c && out.resolved) {
    FitDisplacement(seeds, &out);
    CompareSeeds(seeds, hop_charge_length, &out);
  }
  return out;
}

size_t CepstralWidth(const CollectiveResult& collective, double cutoff_thz) {
  const double nyquist = 0.5 / collective.interval_ps;
  if (cutoff_thz > 0.0) return static_cast<size_t>(std::max(1.0, std::round(nyquist / cutoff_thz)));
  if (!collective.whittle_lepski) return 1;
  const double width = nyquist / (4.0 * collective.whittle_lepski->accepted_band_thz);
  return static_cast<size_t>(std::max(1.0, std::floor(width)));
}

double NoHopUpperBound(const std::vector<DipoleSeries>& seeds, double scale, double hop_charge_length) {
  double square = 0.0, n = 0.0, time = 0.0;
  for (const auto& seed : seeds) {
    time += seed.duration_ps();
    for (const auto& p : seed.components) {
      square += (p.back() - p.front()) * (p.back() - p.front()) / seed.duration_ps();
      n += 1.0;
    }
  }
  const double increments = scale * square / (2.0 * ChiSquareQuantile(0.05, n));
  // Hops at a rate per cell with isotropic directions: slope of <dp_x²> = rate (z a)²/3.
  const double rate = 0.5 * ChiSquareQuantile(0.95, 2.0) / time;
  const double hops = scale * rate * hop_charge_length * hop_charge_length / 6.0;
  return std::max(increments, hops);
}

}  // namespace superion::analysis
