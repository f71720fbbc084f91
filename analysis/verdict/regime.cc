#include "analysis/verdict/regime.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "analysis/series/jackknife.h"
#include "analysis/transport/helfand.h"
#include "core/status.h"

namespace superion::analysis {
namespace {

constexpr double kHalfWidth = 0.15 * 2.302585092994046;  // ±0.15 decades in ln t

// Weights w with sum w_i y_i = slope at u = 0 of the least-squares parabola through (u_i, y_i).
std::vector<double> ParabolaSlopeWeights(const std::vector<double>& u) {
  std::array<double, 5> m{};
  for (double v : u) {
    double power = 1.0;
    for (double& moment : m) {
      moment += power;
      power *= v;
    }
  }
  // Second row of the inverse of the normal matrix {m0 m1 m2; m1 m2 m3; m2 m3 m4}, by cofactors.
  const double c0 = -(m[1] * m[4] - m[2] * m[3]), c1 = m[0] * m[4] - m[2] * m[2],
               c2 = -(m[0] * m[3] - m[1] * m[2]);
  const double determinant = m[1] * c0 + m[2] * c1 + m[3] * c2;
  std::vector<double> w;
  for (double v : u) w.push_back((c0 + c1 * v + c2 * v * v) / determinant);
  return w;
}

// Covariance of ln MSD between lags n and m of N Brownian increments, one component.
double LogCovariance(size_t n, size_t m, size_t total) {
  const auto covariance = WindowedCovariance({std::min(n, m), std::max(n, m)}, total);
  return 2.0 * covariance[1] / (static_cast<double>(n) * static_cast<double>(m));
}

// Var(β) and Var(ln slope ratio) times (d T/t), which for T >> t do not depend on t: computed once on a model
// clock.
struct ModelVariance {
  double exponent = 0.0, slope_ratio = 0.0;
};
const ModelVariance& BrownianModel() {
  static const ModelVariance model = [] {
    constexpr size_t kCentre = 100, kTotal = 40 * kCentre;
    std::vector<size_t> lags;
    std::vector<double> u;
    for (size_t lag : LogSpacedLags(2 * kCentre, kLagsPerDecade)) {
      const double offset = std::log(static_cast<double>(lag) / kCentre);
      if (std::abs(offset) <= kHalfWidth) lags.push_back(lag), u.push_back(offset);
    }
    const auto w = ParabolaSlopeWeights(u);
    ModelVariance out;
    for (size_t i = 0; i < lags.size(); ++i) {
      for (size_t j = 0; j < lags.size(); ++j)
        out.exponent += w[i] * w[j] * LogCovariance(lags[i], lags[j], kTotal);
    }
    // ln[(M4-M2)/2] - ln[M2-M1] with M_n = n: weights on M1, M2, M4 in units of the increments per t.
    const std::array<size_t, 3> n{kCentre, 2 * kCentre, 4 * kCentre};
    const std::array<double, 3> g{1.0, -1.5, 0.5};
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 3; ++j) {
        const double scale = static_cast<double>(n[i] * n[j]) / (kCentre * kCentre);
        out.slope_ratio += g[i] * g[j] * scale * LogCovariance(n[i], n[j], kTotal);
      }
    }
    constexpr double kPerTime = static_cast<double>(kTotal) / kCentre;
    out.exponent *= kPerTime;
    out.slope_ratio *= kPerTime;
    return out;
  }();
  return model;
}

}  // namespace

size_t BlocksPerSeed(size_t n_seeds) { return std::max<size_t>(4, (15 + n_seeds) / n_seeds); }

BlockedSums Concatenate(const std::vector<BlockedSums>& parts) {
  BlockedSums out;
  for (const BlockedSums& part : parts) {
    if (out.lags.empty()) out.lags = part.lags;
    SUPERION_CHECK(out.lags == part.lags);
    out.n_blocks += part.n_blocks;
    out.sum.insert(out.sum.end(), part.sum.begin(), part.sum.end());
    out.sum_fourth.insert(out.sum_fourth.end(), part.sum_fourth.begin(), part.sum_fourth.end());
    out.count.insert(out.count.end(), part.count.begin(), part.count.end());
  }
  return out;
}

DisplacementCurve ChargeDisplacementCurve(const std::vector<DipoleSeries>& seeds) {
  DisplacementCurve curve;
  size_t longest = 0;
  for (const auto& seed : seeds) longest = std::max(longest, seed.size());
  const auto lags = LogSpacedLags(longest / 4, kLagsPerDecade);
  std::vector<BlockedSums> parts;
  for (const auto& seed : seeds) {
    parts.push_back(BlockedDisplacement(seed.components, lags, BlocksPerSeed(seeds.size())));
    curve.total_time_ps += seed.duration_ps();
  }
  curve.interval_ps = seeds.empty() ? 0.0 : seeds[0].interval_ps;
  curve.dimension = seeds.empty() ? 0.0 : static_cast<double>(seeds[0].dimension());
  curve.sums = Concatenate(parts);
  return curve;
}

LocalExponent ComputeLocalExponent(const DisplacementCurve& curve, bool model_floor) {
  const BlockedSums& sums = curve.sums;
  const auto mean = sums.Mean();
  std::vector<std::vector<double>> jackknife;
  for (size_t b = 0; b < sums.n_blocks; ++b) jackknife.push_back(sums.MeanWithout(b));
  LocalExponent out;
  for (size_t l = 0; l < sums.lags.size(); ++l) {
    std::vector<size_t> near;
    std::vector<double> u;
    for (size_t k = 0; k < sums.lags.size(); ++k) {
      const double offset = std::log(static_cast<double>(sums.lags[k]) / static_cast<double>(sums.lags[l]));
      if (std::abs(offset) <= kHalfWidth + 1e-9 && mean[k] > 0.0) near.push_back(k), u.push_back(offset);
    }
    if (near.size() < 4 || u.front() > -0.05 || u.back() < 0.05) continue;
    const auto w = ParabolaSlopeWeights(u);
    auto slope = [&](const std::vector<double>& msd) {
      double beta = 0.0;
      for (size_t i = 0; i < near.size(); ++i) beta += w[i] * std::log(std::max(msd[near[i]], 1e-300));
      return beta;
    };
    std::vector<double> without;
    for (const auto& msd : jackknife) without.push_back(slope(msd));
    double s = JackknifeSd(without);
    if (model_floor) {
      s = std::max(
          s, std::sqrt(BrownianModel().exponent * curve.lag_ps(l) / (curve.dimension * curve.total_time_ps)));
    }
    out.t_ps.push_back(curve.lag_ps(l));
    out.beta.push_back(slope(mean));
    out.s.push_back(s);
  }
  return out;
}

std::optional<Window> DiffusiveWindow(const LocalExponent& exponent) {
  std::optional<Window> best;
  double best_ratio = 3.1622;  // half a decade
  for (size_t i = 0; i < exponent.t_ps.size(); ++i) {
    size_t j = i;
    while (j < exponent.t_ps.size() && std::abs(exponent.beta[j] - 1.0) <= 0.05 && exponent.s[j] <= 0.05) ++j;
    if (j == i) continue;
    const double ratio = exponent.t_ps[j - 1] / exponent.t_ps[i];
    if (ratio >= best_ratio) {
      best_ratio = ratio * (1.0 + 1e-12);
      best = Window{exponent.t_ps[i], exponent.t_ps[j - 1]};
    }
    i = j;
  }
  return best;
}

bool LongEnough(const DisplacementCurve& curve) {
  const auto& lags = curve.sums.lags;
  return !lags.empty() && curve.lag_ps(lags.size() - 1) >= kSlowestVibrationPs * (1.0 - 1e-9);
}

bool DiffusionResolved(const DisplacementCurve& curve) {
  const auto mean = curve.sums.Mean();
  const auto& lags = curve.sums.lags;
  const auto average = [&](size_t first, size_t last) {  // over an oscillation, both ends included
    return std::accumulate(mean.begin() + static_cast<std::ptrdiff_t>(first),
                           mean.begin() + static_cast<std::ptrdiff_t>(last) + 1, 0.0) /
           static_cast<double>(last - first + 1);
  };
  if (mean.empty()) return false;
  size_t late = 0;
  while (lags[late] * 2 < lags.back()) ++late;
  const double far = average(late, lags.size() - 1);
  if (!(far > 0.0)) return false;
  // The plateau: where the displacement changes least over a factor of four of the lag, before a tenth of the
  // longest. Neither a fall nor an overshoot of a vibration is one.
  double flattest = 1e300, plateau = mean[0], early = 0.0;
  for (size_t i = 0; i < lags.size() && lags[i] * 10 <= lags.back(); ++i) {
    early = std::max(early, mean[i]);
    size_t j = i;
    while (j + 1 < lags.size() && lags[j] < 4 * lags[i]) ++j;
    const double growth = mean[i] > 0.0 && mean[j] > 0.0 ? std::abs(std::log(mean[j] / mean[i])) : 1e300;
    if (growth < flattest) flattest = growth, plateau = average(i, j);
  }
  // Where nothing is flat (beta above 0.2 everywhere) there is no plateau to stay on: anomalous, but not
  // bound, if it goes beyond what short times show.
  return far > 2.0 * plateau || (flattest > 0.2 * std::log(4.0) && far > 1.5 * early);
}

std::optional<SlopeChange> ComputeSlopeChange(const DisplacementCurve& curve) {
  const auto mean = curve.sums.Mean();
  const auto& lags = curve.sums.lags;
  const auto at = [&](double lag) { return AtLag(mean, lags, lag); };
  std::vector<SlopeChange> all;
  for (size_t lag : lags) {
    if (lag * 4 > lags.back()) break;
    const auto n = static_cast<double>(lag);
    const double t = n * curve.interval_ps;
    const double s = std::sqrt(BrownianModel().slope_ratio * t / (curve.dimension * curve.total_time_ps));
    if (s > 0.07) break;
    const double early = at(2 * n) - at(n), late = 0.5 * (at(4 * n) - at(2 * n));
    if (early > 0.0 && late > 0.0) all.push_back({t, std::log(late / early), s, 0.0});
  }
  if (all.empty()) return std::nullopt;
  SlopeChange out = all.back();
  out.earlier = all.front().log_ratio;
  for (const SlopeChange& change : all) {
    if (change.t_ps <= out.t_ps / 3.0) out.earlier = change.log_ratio;
  }
  return out;
}

VarianceRatio ComputeVarianceRatio(const std::vector<DipoleSeries>& seeds, size_t stride, size_t m) {
  double one = 0.0, many = 0.0, n_one = 0.0, n_many = 0.0;
  for (const auto& seed : seeds) {
    for (const auto& p : seed.components) {
      for (size_t i = 0; i + stride < p.size(); i += stride, n_one += 1.0) {
        one += (p[i + stride] - p[i]) * (p[i + stride] - p[i]);
      }
      for (size_t i = 0; i + m * stride < p.size(); i += stride, n_many += 1.0) {
        many += (p[i + m * stride] - p[i]) * (p[i + m * stride] - p[i]);
      }
    }
  }
  VarianceRatio out;
  if (n_one == 0.0 || n_many == 0.0 || one == 0.0) return out;
  const auto k = static_cast<double>(m);
  out.ratio = (many / n_many) / (k * one / n_one);
  out.z = (out.ratio - 1.0) / std::sqrt(2.0 * (2.0 * k - 1.0) * (k - 1.0) / (3.0 * k * n_one));
  return out;
}

std::optional<size_t> UncorrelatedStride(const std::vector<DipoleSeries>& seeds) {
  size_t shortest = 0;
  for (const auto& seed : seeds) shortest = shortest == 0 ? seed.size() : std::min(shortest, seed.size());
  for (size_t stride = 1; stride * 16 < shortest; stride *= 2) {
    bool uncorrelated = true;
    for (size_t m : {2, 4, 8}) {
      uncorrelated = uncorrelated && std::abs(ComputeVarianceRatio(seeds, stride, m).z) < 2.5;
    }
    if (uncorrelated) return stride;
  }
  return std::nullopt;
}

}  // namespace superion::analysis
