#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "analysis/transport/spectral.h"

namespace superion::analysis {
namespace {

using Matrix = Eigen::MatrixXcd;

// Transforms of the increments of every current: [current][frequency].
std::vector<std::vector<std::complex<double>>> Transforms(const std::vector<const DipoleSeries*>& currents,
                                                          size_t component, size_t n) {
  std::vector<std::vector<std::complex<double>>> out;
  for (const DipoleSeries* current : currents) {
    const auto& p = current->components[component];
    out.push_back(IncrementTransform({p.begin(), p.begin() + static_cast<std::ptrdiff_t>(n) + 1}));
  }
  return out;
}

absl::Status CheckShapes(const std::vector<DipoleSeries>& seeds,
                         const std::vector<std::vector<DipoleSeries>>& auxiliary) {
  if (seeds.empty()) return InvalidArgument("multi-current cepstral estimate: no series was given");
  for (const auto& current : auxiliary) {
    bool equal = current.size() == seeds.size();
    for (size_t s = 0; equal && s < seeds.size(); ++s)
      equal = current[s].size() == seeds[s].size() && current[s].dimension() == seeds[s].dimension() &&
              current[s].interval_ps == seeds[s].interval_ps;
    if (!equal)
      return InvalidArgument(
          "multi-current cepstral estimate: an auxiliary current is not sampled as the main one");
  }
  const size_t series = seeds.size() * seeds[0].dimension();
  if (series <= auxiliary.size())
    return InvalidArgument("multi-current cepstral estimate: {} series of {} currents, more are needed",
                           series, auxiliary.size() + 1);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CepstralEstimate> MultiCurrentCepstral(const std::vector<DipoleSeries>& seeds,
                                                      const std::vector<std::vector<DipoleSeries>>& auxiliary,
                                                      double scale, size_t width) {
  SUPERION_RETURN_IF_ERROR(CheckShapes(seeds, auxiliary));
  size_t n = seeds[0].size();
  for (const auto& seed : seeds) n = std::min(n, (seed.size() - 1) / width);
  n -= n % 2;
  if (n < 30)
    return FailedPrecondition(
        "multi-current cepstral estimate: {} increments after decimation by {}, at least 30 are needed", n,
        width);
  const auto m = static_cast<Eigen::Index>(auxiliary.size() + 1);
  std::vector<Matrix> spectra(n / 2 + 1, Matrix::Zero(m, m));
  double series = 0.0;
  for (size_t s = 0; s < seeds.size(); ++s) {
    std::vector<DipoleSeries> kept{Decimated(seeds[s], width)};
    for (const auto& current : auxiliary) kept.push_back(Decimated(current[s], width));
    std::vector<const DipoleSeries*> currents;
    for (const auto& current : kept) currents.push_back(&current);
    const double factor = scale / (2.0 * static_cast<double>(n) * kept[0].interval_ps);
    for (size_t c = 0; c < seeds[s].dimension(); ++c, series += 1.0) {
      const auto f = Transforms(currents, c, n);
      for (size_t k = 0; k < spectra.size(); ++k) {
        for (Eigen::Index a = 0; a < m; ++a) {
          for (Eigen::Index b = 0; b < m; ++b)
            spectra[k](a, b) +=
                factor * f[static_cast<size_t>(a)][k] * std::conj(f[static_cast<size_t>(b)][k]);
        }
      }
    }
  }
  const double reduced = series - static_cast<double>(auxiliary.size());
  std::vector<double> psd;
  for (const Matrix& spectrum : spectra) {
    const double schur = 1.0 / spectrum.inverse()(0, 0).real();
    // What rounding leaves of a current that the others determine.
    if (!(schur > 1e-10 * spectrum(0, 0).real()) || !std::isfinite(schur))
      return FailedPrecondition("multi-current cepstral estimate: the currents are not linearly independent");
    psd.push_back(schur / reduced);
  }
  CepstralEstimate out = CepstralFromSpectrum(psd, reduced);
  out.cutoff_thz = 0.5 / (seeds[0].interval_ps * static_cast<double>(width));
  return out;
}

}  // namespace superion::analysis
