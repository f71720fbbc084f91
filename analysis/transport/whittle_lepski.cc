#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/series/fft.h"
#include "analysis/transport/slow_relaxation.h"
#include "analysis/transport/spectral.h"

namespace superion::analysis {
namespace {

struct BandFit {
  double b0 = 0.0, b2 = 0.0, s0 = 0.0;
};

// Gamma GLM with log link on all frequencies up to f_K: iteratively reweighted least squares, whose weights
// are the shapes and therefore constant.
std::optional<BandFit> FitBand(const std::vector<Periodogram>& seeds, double band_thz, const BandFit* start) {
  double w = 0.0, wx = 0.0, wxx = 0.0, mean = 0.0;
  std::vector<size_t> last;
  for (const Periodogram& seed : seeds) {
    last.push_back(std::min<size_t>(
        seed.power.size() - 1, static_cast<size_t>(std::floor(band_thz * seed.duration_ps * (1 + 1e-12)))));
    for (size_t k = 0; k <= last.back(); ++k) {
      const double x = seed.frequency_thz(k) / band_thz, x2 = x * x, a = seed.shape(k);
      w += a;
      wx += a * x2;
      wxx += a * x2 * x2;
      mean += a * seed.power[k];
    }
  }
  const double determinant = w * wxx - wx * wx;
  if (!(mean > 0.0) || !(determinant > 0.0)) return std::nullopt;
  BandFit fit{std::log(mean / w), 0.0, std::sqrt(wxx / determinant)};
  if (start != nullptr) fit.b0 = start->b0;
  for (int iteration = 0; iteration < 60; ++iteration) {
    double z0 = 0.0, z2 = 0.0;  // X'W (z - eta): the step instead of the new value, for accuracy
    for (size_t s = 0; s < seeds.size(); ++s) {
      // 5.2 standard deviations of a periodogram value: the 3 of three components.
      const double clip = 3.0 * std::sqrt(3.0 / seeds[s].dimension),
                   scale = 1.0 / (seeds[s].duration_ps * band_thz);
      const double* power = seeds[s].power.data();
      for (size_t k = 0; k <= last[s]; ++k) {
        const double x = static_cast<double>(k) * scale, x2 = x * x;
        const double r = std::min(power[k] * std::exp(-fit.b0 - fit.b2 * x2) - 1.0, clip);
        const double a = k == 0 ? 0.5 * seeds[s].dimension : seeds[s].dimension;
        z0 += a * r;
        z2 += a * r * x2;
      }
    }
    const double d0 = (wxx * z0 - wx * z2) / determinant, d2 = (w * z2 - wx * z0) / determinant;
    fit.b0 += d0;
    fit.b2 += d2;
    if (!std::isfinite(fit.b0) || !std::isfinite(fit.b2)) return std::nullopt;
    if (std::abs(d0) < 1e-9 && std::abs(d2) < 1e-9) break;
  }
  return fit;
}

}  // namespace

std::vector<std::complex<double>> IncrementTransform(const std::vector<double>& p) {
  std::vector<double> increments(p.size() - 1);
  for (size_t i = 0; i < increments.size(); ++i) increments[i] = p[i + 1] - p[i];
  return ForwardFft(increments, increments.size());
}

Periodogram PeriodogramOf(std::span<const std::vector<std::complex<double>>> transforms, double duration_ps,
                          double scale) {
  Periodogram out;
  out.duration_ps = duration_ps;
  out.dimension = static_cast<double>(transforms.size());
  out.power.assign(transforms[0].size(), 0.0);
  // h/(2N) |FFT(j)|² with j = dp/h.
  const double factor = scale / (2.0 * out.duration_ps * out.dimension);
  for (const auto& spectrum : transforms) {
    for (size_t k = 0; k < out.power.size(); ++k) out.power[k] += factor * std::norm(spectrum[k]);
  }
  return out;
}

DipoleTransform TransformIncrements(const DipoleSeries& dipole) {
  DipoleTransform out{dipole.duration_ps(), {}};
  for (const auto& p : dipole.components) out.components.push_back(IncrementTransform(p));
  return out;
}

Periodogram ComputePeriodogram(const DipoleSeries& dipole, double scale) {
  const DipoleTransform transform = TransformIncrements(dipole);
  return PeriodogramOf(transform.components, transform.duration_ps, scale);
}

absl::StatusOr<SpectralEstimate> WhittleLepski(const std::vector<Periodogram>& seeds,
                                               const WhittleLepskiOptions& options) {
  double longest = 0.0, highest = 0.0;
  for (const Periodogram& seed : seeds) {
    if (seed.power.size() < 21)
      return FailedPrecondition(
          "spectral fit: a seed has {} increments of the dipole, at least 40 are needed",
          2 * (seed.power.size() - 1));
    longest = std::max(longest, seed.duration_ps);
    highest = std::max(highest, static_cast<double>(seed.power.size() - 1) / seed.duration_ps);
  }
  if (seeds.empty()) return FailedPrecondition("spectral fit: no seed was given");
  // Bands end at N/4, half of the Nyquist frequency.
  const double limit = 0.5 * highest * longest;
  std::vector<double> bands;
  std::vector<BandFit> fits;
  size_t accepted = 0;
  for (double k = options.first_band; k <= limit * (1 + 1e-12); k *= options.ratio) {
    const double band = k / longest;
    const auto fit = FitBand(seeds, band, fits.empty() ? nullptr : &fits.back());
    if (!fit) {
      if (fits.empty()) return FailedPrecondition("spectral fit: the current is zero or its fit diverges");
      break;
    }
    bool agrees = true;
    for (const BandFit& smaller : fits) {
      const double spread = std::sqrt(std::max(0.0, smaller.s0 * smaller.s0 - fit->s0 * fit->s0));
      agrees = agrees && std::abs(fit->b0 - smaller.b0) <= options.kappa * spread;
    }
    bands.push_back(band);
    fits.push_back(*fit);
    if (agrees) accepted = fits.size() - 1;
    // A band six points beyond the last accepted one has twice its bias or more: none larger is accepted
    // again.
    if (fits.size() > accepted + 12) break;
  }
  const size_t used = accepted - std::min<size_t>(accepted, static_cast<size_t>(options.step_back));
  SpectralEstimate out;
  out.sigma = std::exp(fits[used].b0);
  out.s_fit = fits[used].s0;
  const double step = fits[accepted].b0 - fits[used].b0;
  out.curvature = fits[used].b2;
  out.band_thz = bands[used];
  if (options.slow) out.slow = FindSlowRelaxation(seeds, out.band_thz);
  out.s_slow = out.slow.s;
  out.s = std::sqrt(out.s_fit * out.s_fit + step * step + out.s_slow * out.s_slow);
  out.accepted_band_thz = bands[accepted];
  return out;
}

}  // namespace superion::analysis
