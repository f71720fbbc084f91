#include <algorithm>
#include <cmath>

#include "analysis/series/distributions.h"
#include "analysis/series/fft.h"
#include "analysis/transport/spectral.h"

namespace superion::analysis {

CepstralEstimate CepstralFromSpectrum(const std::vector<double>& psd, double n_series) {
  const size_t nf = psd.size();
  const double n = 2.0 * static_cast<double>(nf - 1);
  std::vector<double> logarithm(nf);
  for (size_t k = 0; k < nf; ++k) {
    // The two ends have one real number instead of two: half the degrees of freedom.
    const double l = k == 0 || k == nf - 1 ? 0.5 * n_series : n_series;
    logarithm[k] = std::log(psd[k]) - (Digamma(l) - std::log(l));
  }
  std::vector<double> c = CosineTransform(logarithm);
  for (double& v : c) v *= 0.5 / static_cast<double>(nf - 1);
  const double variance = Trigamma(n_series) / n;
  // AIC(K) = sum_{m>K} C_m²/var_m + 2(K+1), from the largest K downwards.
  double tail = 0.0, best = 0.0;
  size_t cut = 0;
  for (size_t k = nf; k-- > 0;) {
    const double aic = tail + 2.0 * static_cast<double>(k + 1);
    if (k == nf - 1 || aic <= best) {
      best = aic;
      cut = k;
    }
    tail += c[k] * c[k] / (k == 0 || k == nf - 1 ? 2.0 * variance : variance);
  }
  double l0 = c[0];
  for (size_t k = 1; k <= cut; ++k) l0 += 2.0 * c[k];
  CepstralEstimate out;
  out.coefficients = cut;
  out.s_aic = std::sqrt(variance * (4.0 * static_cast<double>(cut) + 2.0));
  out.s = 1.5 * out.s_aic;
  out.sigma = std::exp(l0);
  return out;
}

absl::StatusOr<CepstralEstimate> Cepstral(const std::vector<DipoleSeries>& seeds, double scale, size_t width,
                                          double components) {
  std::vector<DipoleSeries> kept;
  size_t shortest = 0;
  for (const DipoleSeries& seed : seeds) {
    kept.push_back(Decimated(seed, width));
    const size_t increments = kept.back().size() - 1;
    shortest = kept.size() == 1 ? increments : std::min(shortest, increments);
  }
  shortest -= shortest % 2;
  if (seeds.empty() || shortest < 30)
    return FailedPrecondition(
        "cepstral estimate: {} increments after decimation by {}, at least 30 are needed", shortest, width);
  std::vector<double> psd(shortest / 2 + 1, 0.0);
  for (const DipoleSeries& seed : kept) {
    const Periodogram one = ComputePeriodogram(Truncated(seed, shortest + 1), scale);
    for (size_t k = 0; k < psd.size(); ++k) psd[k] += one.power[k] / static_cast<double>(kept.size());
  }
  if (*std::min_element(psd.begin(), psd.end()) <= 0.0)
    return FailedPrecondition("cepstral estimate: the spectrum has a zero, its logarithm does not exist");
  if (!(components > 0.0)) components = static_cast<double>(seeds[0].dimension());
  CepstralEstimate out = CepstralFromSpectrum(psd, static_cast<double>(seeds.size()) * components);
  out.cutoff_thz = 0.5 / kept[0].interval_ps;
  return out;
}

}  // namespace superion::analysis
