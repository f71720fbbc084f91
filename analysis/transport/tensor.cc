#include "analysis/transport/tensor.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "analysis/series/distributions.h"
#include "analysis/transport/collective.h"
#include "analysis/transport/sampling_error.h"
#include "analysis/verdict/regime.h"

namespace superion::analysis {
namespace {

// Below this probability isotropy is rejected.
constexpr double kSignificance = 0.05;

std::vector<DipoleSeries> Axis(const std::vector<DipoleSeries>& seeds, size_t a) {
  std::vector<DipoleSeries> out;
  for (const auto& seed : seeds) out.push_back({seed.interval_ps, {seed.components[a]}});
  return out;
}

struct SeedTransforms {
  double duration_ps = 0.0;
  size_t increments = 0;
  std::array<std::vector<std::complex<double>>, 3> f;
};

// Real part of the cross spectrum of the increments, averaged over frequencies up to `band_thz` and seeds,
// every frequency divided by `shape` (1 at zero frequency); and the degrees of freedom per component.
struct BandMatrix {
  Mat3 sum{};
  double dof = 0.0;
};

void AddSeed(const SeedTransforms& seed, double band_thz, double curvature, BandMatrix* out) {
  const size_t n = seed.increments;
  const double duration = seed.duration_ps;
  const auto& f = seed.f;
  const auto last = std::min<size_t>(n / 2, static_cast<size_t>(band_thz * duration * (1 + 1e-12)));
  for (size_t k = 0; k <= last; ++k) {
    const double x = static_cast<double>(k) / duration / band_thz;
    const double dof = k == 0 || 2 * k == n ? 1.0 : 2.0;
    const double weight = dof * std::exp(-curvature * x * x) / duration;
    for (size_t a = 0; a < 3; ++a) {
      for (size_t b = 0; b < 3; ++b) out->sum[a][b] += weight * (f[a][k] * std::conj(f[b][k])).real();
    }
    out->dof += dof;
  }
}

Mat3 Coherence(const Mat3& sum) {
  Mat3 out{};
  for (size_t a = 0; a < 3; ++a) {
    for (size_t b = 0; b < 3; ++b)
      out[a][b] = a == b ? 1.0 : sum[a][b] / std::sqrt(std::max(sum[a][a] * sum[b][b], 1e-300));
  }
  return out;
}

std::optional<Anisotropy> RatioOf(const TensorEstimate& tensor) {
  const PrincipalAxes p = Principal(tensor);
  if (!(p.values[2] > 0.0)) return std::nullopt;
  const double ratio = p.values[0] / p.values[2];
  const double s = std::hypot(p.sd[0] / p.values[0], p.sd[2] / p.values[2]);
  return Anisotropy{ratio, ratio * std::exp(-1.96 * s), ratio * std::exp(1.96 * s)};
}

}  // namespace

double TensorEstimate::sd(size_t a, size_t b) const { return std::sqrt(covariance(a, b, a, b)); }

double TensorEstimate::Along(const Vec3& n) const {
  return Dot(n, {Dot(sigma[0], n), Dot(sigma[1], n), Dot(sigma[2], n)});
}

double TensorEstimate::SdAlong(const Vec3& n) const {
  double variance = 0.0;
  for (size_t k = 0; k < 81; ++k) variance += n[k / 27] * n[k / 9 % 3] * n[k / 3 % 3] * n[k % 3] * cov[k];
  return std::sqrt(std::max(variance, 0.0));
}

TensorEstimate WishartTensor(const Mat3& sigma, const std::array<double, 3>& log_sd) {
  TensorEstimate out;
  out.sigma = sigma;
  for (size_t k = 0; k < 81; ++k) {
    const size_t a = k / 27, b = k / 9 % 3, c = k / 3 % 3, d = k % 3;
    out.cov[k] = 0.5 * std::sqrt(log_sd[a] * log_sd[b] * log_sd[c] * log_sd[d]) *
                 (sigma[a][c] * sigma[b][d] + sigma[a][d] * sigma[b][c]);
  }
  return out;
}

TensorEstimate Symmetrised(const TensorEstimate& tensor, const std::vector<Mat3>& rotations) {
  if (rotations.empty()) return tensor;
  // The linear map P of the nine components: mean of R ⊗ R.
  Eigen::Matrix<double, 9, 9> p = Eigen::Matrix<double, 9, 9>::Zero();
  for (const Mat3& r : rotations) {
    for (int i = 0; i < 81; ++i) {
      const auto a = static_cast<size_t>(i / 27), b = static_cast<size_t>(i / 9 % 3),
                 c = static_cast<size_t>(i / 3 % 3), d = static_cast<size_t>(i % 3);
      p(i / 9, i % 9) += r[a][c] * r[b][d] / static_cast<double>(rotations.size());
    }
  }
  TensorEstimate out;
  Eigen::Map<const Eigen::Matrix<double, 9, 1>> before(&tensor.sigma[0][0]);
  Eigen::Map<Eigen::Matrix<double, 9, 1>>(&out.sigma[0][0]) = p * before;
  using Covariance = Eigen::Matrix<double, 9, 9, Eigen::RowMajor>;
  Eigen::Map<const Covariance> cov(tensor.cov.data());
  Eigen::Map<Covariance>(out.cov.data()) = p * cov * p.transpose();
  return out;
}

PrincipalAxes Principal(const TensorEstimate& tensor) {
  Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>> matrix(&tensor.sigma[0][0]);
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(matrix);
  PrincipalAxes out;
  for (size_t k = 0; k < 3; ++k) {
    const auto column = static_cast<Eigen::Index>(2 - k);
    out.values[k] = solver.eigenvalues()(column);
    Eigen::Vector3d v = solver.eigenvectors().col(column);
    // The largest component positive: the same axis has the same sign in every run.
    Eigen::Index largest = 0;
    v.cwiseAbs().maxCoeff(&largest);
    if (v(largest) < 0.0) v = -v;
    out.axes[k] = {v(0), v(1), v(2)};
    out.sd[k] = tensor.SdAlong(out.axes[k]);
  }
  return out;
}

SphericityTest Sphericity(const Mat3& sigma, double dof) {
  SphericityTest out;
  out.dof = dof;
  const double mean = (sigma[0][0] + sigma[1][1] + sigma[2][2]) / 3.0;
  if (!(mean > 0.0)) return out;
  out.w = std::max(Determinant(sigma) / (mean * mean * mean), 0.0);
  constexpr double p = 3.0;
  const double factor = dof - (2.0 * p * p + p + 2.0) / (6.0 * p);
  out.statistic = out.w > 0.0 ? std::max(-factor * std::log(std::min(out.w, 1.0)), 0.0) : INFINITY;
  out.p = std::isfinite(out.statistic) ? 1.0 - ChiSquareCdf(out.statistic, 5.0) : 0.0;
  return out;
}

absl::StatusOr<TensorResult> AnalyzeTensor(const std::vector<DipoleSeries>& seeds, double scale,
                                           double hop_charge_length) {
  for (const auto& seed : seeds) {
    if (seed.dimension() != 3)
      return InvalidArgument("conductivity tensor: three components are needed, a series has {}",
                             seed.dimension());
    if (seed.size() < 2)
      return InvalidArgument("conductivity tensor: a series has {} samples, at least 2 are needed",
                             seed.size());
  }
  std::vector<SeedTransforms> transforms;
  for (const auto& seed : seeds) {
    auto& t = transforms.emplace_back(SeedTransforms{seed.duration_ps(), seed.size() - 1, {}});
    for (size_t a = 0; a < 3; ++a) t.f[a] = IncrementTransform(seed.components[a]);
  }
  TensorResult out;
  const SpectralEstimate* narrowest = nullptr;
  double event_variance = 0.0;  // of one axis, mean
  for (size_t a = 0; a < 3; ++a) {
    const auto axis = Axis(seeds, a);
    const DisplacementCurve curve = ChargeDisplacementCurve(axis);
    if (!DiffusionResolved(curve)) {
      out.axes[a].failure = "no diffusion resolved along this axis";
      out.axes[a].upper_bound = NoHopUpperBound(axis, scale, hop_charge_length);
      continue;
    }
    std::vector<Periodogram> spectra;
    for (const auto& t : transforms) spectra.push_back(PeriodogramOf({&t.f[a], 1}, t.duration_ps, scale));
    auto fit = WhittleLepski(spectra);
    if (!fit.ok()) {
      out.axes[a].failure = std::string(fit.status().message());
      continue;
    }
    const double events = EventVariance(axis, curve, 2.0 * fit->sigma / scale);
    fit->s_events = std::sqrt(events);
    fit->s = std::hypot(fit->s, fit->s_events);
    event_variance += events / 3.0;
    out.axes[a].whittle_lepski = *fit;
    const auto& kept = *out.axes[a].whittle_lepski;
    if (narrowest == nullptr || kept.band_thz < narrowest->band_thz) narrowest = &kept;
  }
  if (!out.axes[0].whittle_lepski || !out.axes[1].whittle_lepski || !out.axes[2].whittle_lepski) return out;
  BandMatrix band;
  for (const auto& t : transforms) AddSeed(t, narrowest->band_thz, narrowest->curvature, &band);
  const Mat3 coherence = Coherence(band.sum);
  Mat3 sigma{};
  std::array<double, 3> s{};
  for (size_t a = 0; a < 3; ++a) {
    s[a] = out.axes[a].whittle_lepski->s;
    for (size_t b = 0; b < 3; ++b)
      sigma[a][b] =
          coherence[a][b] * std::sqrt(out.axes[a].whittle_lepski->sigma * out.axes[b].whittle_lepski->sigma);
  }
  out.tensor = WishartTensor(sigma, s);
  // The matrix of one common band is Wishart under the hypothesis; the axes with their own bands are not. Few
  // hops leave it fewer degrees of freedom than the band has modes.
  out.sphericity = Sphericity(band.sum, 2.0 / (2.0 / band.dof + event_variance));
  if (out.sphericity.p < kSignificance) out.anisotropy = RatioOf(*out.tensor);
  return out;
}

}  // namespace superion::analysis
