#include "analysis/transport/helfand.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "analysis/series/distributions.h"

namespace superion::analysis {
namespace {

// Lower Cholesky factor in place; false when the matrix is not positive definite.
bool Cholesky(std::vector<double>* matrix, size_t n) {
  auto& a = *matrix;
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      if (i == j) {
        if (!(sum > 0.0)) return false;
        a[j * n + j] = std::sqrt(sum);
      } else {
        a[i * n + j] = sum / a[j * n + j];
      }
    }
  }
  return true;
}

std::vector<double> CholeskySolve(const std::vector<double>& l, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= l[i * n + k] * b[k];
    b[i] /= l[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= l[k * n + i] * b[k];
    b[i] /= l[i * n + i];
  }
  return b;
}

// Sum over pairs of windows (i, i+n) and (j, j+m), n <= m, of the square of their overlap; i runs over N-n+1
// positions, j over N-m+1. count(D) pairs have j - i = D.
double OverlapSum(int64_t n, int64_t m, int64_t total) {
  double sum = 0.0;
  for (int64_t d = -m + 1; d < n; ++d) {
    // i in [0, N-n] and i + d in [0, N-m].
    const int64_t first = std::max<int64_t>(0, -d), last = std::min(total - n, total - m - d);
    if (last < first) continue;
    const auto overlap = static_cast<double>(std::min(n, d + m) - std::max<int64_t>(0, d));
    const double o = std::min(overlap, static_cast<double>(n));
    sum += static_cast<double>(last - first + 1) * o * o;
  }
  return sum;
}

// Of the components that count.
double Share(const std::vector<DipoleSeries>& seeds, const Sampling& sampling) {
  return sampling.components > 0.0 ? sampling.components / static_cast<double>(seeds[0].dimension()) : 1.0;
}

}  // namespace

absl::StatusOr<IncrementEstimate> Increments(const std::vector<DipoleSeries>& seeds, double scale,
                                             size_t stride, const Sampling& sampling) {
  double sum = 0.0, n = 0.0, tau = 0.0;
  for (const DipoleSeries& seed : seeds) {
    tau = seed.interval_ps * static_cast<double>(stride);
    for (const auto& p : seed.components) {
      for (size_t i = 0; i + stride < p.size(); i += stride, n += 1.0) {
        sum += (p[i + stride] - p[i]) * (p[i + stride] - p[i]);
      }
    }
  }
  if (n < 1.0) return FailedPrecondition("increments: no seed is longer than {} samples", stride);
  IncrementEstimate out;
  out.sigma = scale * sum / (2.0 * n * tau);
  out.n = 2.0 / (2.0 / (n * Share(seeds, sampling)) + sampling.event_variance);
  out.s = std::sqrt(2.0 / out.n);
  out.low = out.n * out.sigma / ChiSquareQuantile(0.975, out.n);
  out.high = out.n * out.sigma / ChiSquareQuantile(0.025, out.n);
  return out;
}

absl::StatusOr<CovarianceEstimate> CovarianceBased(const std::vector<DipoleSeries>& seeds, double scale,
                                                   size_t stride, const Sampling& sampling) {
  double square = 0.0, product = 0.0, n = 0.0, pairs = 0.0, tau = 0.0;
  for (const DipoleSeries& seed : seeds) {
    tau = seed.interval_ps * static_cast<double>(stride);
    for (const auto& p : seed.components) {
      double previous = 0.0;
      for (size_t i = 0; i + stride < p.size(); i += stride, n += 1.0) {
        const double step = p[i + stride] - p[i];
        square += step * step;
        if (i > 0) {
          product += step * previous;
          pairs += 1.0;
        }
        previous = step;
      }
    }
  }
  if (pairs < 1.0)
    return FailedPrecondition("covariance estimate: no seed has two increments of {} samples", stride);
  const double half_slope = square / n / (2.0 * tau) + product / pairs / tau;  // "D" of p
  if (half_slope <= 0.0) return FailedPrecondition("covariance estimate: the result is not positive");
  const double epsilon = -product / pairs / (half_slope * tau);
  CovarianceEstimate out;
  out.sigma = scale * half_slope;
  n *= Share(seeds, sampling);
  const double variance = (6.0 + 4.0 * epsilon + 2.0 * epsilon * epsilon) / n +
                          4.0 * (1.0 + epsilon) * (1.0 + epsilon) / (n * n) + sampling.event_variance;
  out.s = std::sqrt(std::max(variance, 0.0));
  return out;
}

std::vector<double> WindowedCovariance(const std::vector<size_t>& lags, size_t n_samples) {
  const size_t l = lags.size();
  std::vector<double> covariance(l * l);
  const auto total = static_cast<int64_t>(n_samples);
  for (size_t a = 0; a < l; ++a) {
    for (size_t b = a; b < l; ++b) {
      const auto n = static_cast<int64_t>(lags[a]), m = static_cast<int64_t>(lags[b]);
      const double origins = static_cast<double>(total - n + 1) * static_cast<double>(total - m + 1);
      covariance[a * l + b] = covariance[b * l + a] = OverlapSum(n, m, total) / origins;
    }
  }
  return covariance;
}

std::vector<size_t> HelfandLags(size_t shortest, size_t longest) {
  std::vector<size_t> lags;
  constexpr int kPoints = 16;
  if (longest < shortest) return lags;
  const double step = std::log(static_cast<double>(longest) / static_cast<double>(shortest)) / (kPoints - 1);
  for (int k = 0; k < kPoints; ++k) {
    const auto lag = static_cast<size_t>(std::llround(static_cast<double>(shortest) * std::exp(k * step)));
    if (lags.empty() || lag > lags.back()) lags.push_back(lag);
  }
  return lags;
}

std::vector<size_t> FitLagIndices(const std::vector<size_t>& lags, size_t shortest, size_t longest) {
  std::vector<size_t> usable;
  for (size_t l = 0; l < lags.size(); ++l) {
    if (lags[l] >= shortest && lags[l] <= longest) usable.push_back(l);
  }
  if (usable.size() < 3) {
    usable.clear();
    for (size_t l = 0; l < lags.size() && lags[l] <= longest; ++l) usable.push_back(l);
  }
  std::vector<size_t> chosen;
  const size_t points = std::min<size_t>(16, usable.size());
  for (size_t k = 0; k < points; ++k) {
    const size_t l = points < 2 ? usable[0] : usable[k * (usable.size() - 1) / (points - 1)];
    if (chosen.empty() || l > chosen.back()) chosen.push_back(l);
  }
  return chosen;
}

absl::StatusOr<HelfandFit> HelfandFit::Create(const std::vector<size_t>& lags, double interval_ps,
                                              size_t n_increments) {
  const size_t l = lags.size();
  if (l < 3 || lags.back() >= n_increments)
    return FailedPrecondition(
        "Helfand fit: {} lags in {} increments, at least 3 lags shorter than the run are needed", l,
        n_increments);
  // Overlap sums over lags of thousands of samples are done on a coarser clock: the covariance depends on
  // ratios.
  const double coarse = std::max(1.0, static_cast<double>(n_increments) / 8192.0);
  std::vector<size_t> scaled;
  for (size_t lag : lags) {
    const auto rounded = static_cast<size_t>(std::max(1.0, std::round(static_cast<double>(lag) / coarse)));
    scaled.push_back(scaled.empty() ? rounded : std::max(rounded, scaled.back() + 1));
  }
  std::vector<double> covariance =
      WindowedCovariance(scaled, static_cast<size_t>(static_cast<double>(n_increments) / coarse));
  if (!Cholesky(&covariance, l))
    return Internal("Helfand fit: the covariance of {} lags is not positive definite", l);
  std::vector<double> time(l), one(l, 1.0);
  for (size_t k = 0; k < l; ++k) time[k] = static_cast<double>(lags[k]) * interval_ps;
  const auto ct = CholeskySolve(covariance, time), c1 = CholeskySolve(covariance, one);
  double tt = 0.0, t1 = 0.0, oo = 0.0;
  for (size_t k = 0; k < l; ++k) {
    tt += time[k] * ct[k];
    t1 += time[k] * c1[k];
    oo += c1[k];
  }
  const double determinant = tt * oo - t1 * t1;
  HelfandFit fit;
  fit.lags_ = lags;
  for (size_t k = 0; k < l; ++k) {
    fit.slope_weights_.push_back((oo * ct[k] - t1 * c1[k]) / determinant);
    fit.intercept_weights_.push_back((tt * c1[k] - t1 * ct[k]) / determinant);
  }
  // Increments of one coarse step have variance slope · coarse · interval.
  const double step = coarse * interval_ps;
  fit.unit_variance_ = 2.0 * step * step * oo / determinant;
  return fit;
}

LineFit HelfandFit::Fit(const std::vector<double>& msd, double series) const {
  LineFit out;
  for (size_t k = 0; k < lags_.size(); ++k) {
    out.slope += slope_weights_[k] * msd[k];
    out.intercept += intercept_weights_[k] * msd[k];
  }
  out.relative_sd = std::sqrt(unit_variance_ / series);
  return out;
}

}  // namespace superion::analysis
