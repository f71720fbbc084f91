#include "analysis/series/displacement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numeric>

#include "analysis/series/fft.h"
#include "core/status.h"

namespace superion::analysis {
namespace {

// A constant does not change a displacement; without it the two large sums below cancel less.
std::vector<double> Centred(const std::vector<double>& x) {
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
  std::vector<double> out(x);
  for (double& v : out) v -= mean;
  return out;
}

// S2(m)·(n-m) = sum_i [a(i) b(i+m) + b(i) a(i+m)]/2.
std::vector<double> SymmetricCorrelation(const std::vector<double>& a, const std::vector<double>& b) {
  const size_t n = a.size(), padded = FastLength(2 * n);
  auto spectrum = ForwardFft(a, padded);
  if (&a == &b) {
    for (auto& f : spectrum) f = std::norm(f);
  } else {
    const auto other = ForwardFft(b, padded);
    for (size_t k = 0; k < spectrum.size(); ++k) spectrum[k] = (std::conj(spectrum[k]) * other[k]).real();
  }
  auto correlation = InverseFft(spectrum, padded);
  correlation.resize(n);
  return correlation;
}

void AddComponent(const std::vector<double>& a, const std::vector<double>& b, std::vector<double>* out) {
  const size_t n = a.size();
  const auto correlation = SymmetricCorrelation(a, b);
  double q = 0.0;
  for (size_t i = 0; i < n; ++i) q += 2.0 * a[i] * b[i];
  for (size_t m = 1; m < n; ++m) {
    q -= a[m - 1] * b[m - 1] + a[n - m] * b[n - m];
    (*out)[m] += (q - 2.0 * correlation[m]) / static_cast<double>(n - m);
  }
}

struct Origins {
  size_t first, last, stride, lag;
};
struct WindowSums {
  double second = 0.0, fourth = 0.0, samples = 0.0;
};

// Sums of |x(i+lag) - x(i)|² and of its square. The number of components is known to the compiler where it is
// 1 or 3; 0: any.
template <size_t kComponents>
WindowSums SumWindows(std::span<const std::span<const double>> x, const Origins& o) {
  std::array<const double*, kComponents == 0 ? 1 : kComponents> p;
  for (size_t c = 0; c < p.size(); ++c) p[c] = x[c].data();
  WindowSums out;
  for (size_t i = o.first; i < o.last; i += o.stride) {
    double r2 = 0.0;
    if constexpr (kComponents == 0) {
      for (const auto& c : x) r2 += (c[i + o.lag] - c[i]) * (c[i + o.lag] - c[i]);
    } else {
      for (size_t c = 0; c < kComponents; ++c)
        r2 += (p[c][i + o.lag] - p[c][i]) * (p[c][i + o.lag] - p[c][i]);
    }
    out.second += r2;
    out.fourth += r2 * r2;
    out.samples += 1.0;
  }
  return out;
}

}  // namespace

std::vector<double> MeanSquareDisplacement(const Components& x) {
  SUPERION_CHECK(!x.empty());
  std::vector<double> out(x[0].size(), 0.0);
  for (const auto& component : x) {
    const auto centred = Centred(component);
    AddComponent(centred, centred, &out);
  }
  return out;
}

std::vector<double> CrossDisplacement(const Components& a, const Components& b) {
  SUPERION_CHECK(!a.empty() && a.size() == b.size() && a[0].size() == b[0].size());
  std::vector<double> out(a[0].size(), 0.0);
  for (size_t c = 0; c < a.size(); ++c) AddComponent(Centred(a[c]), Centred(b[c]), &out);
  return out;
}

std::vector<size_t> LogSpacedLags(size_t longest, double per_decade) {
  std::vector<size_t> lags;
  for (int k = 0;; ++k) {
    const auto lag = static_cast<size_t>(std::llround(std::pow(10.0, k / per_decade)));
    if (lag > longest) break;
    if (lags.empty() || lag > lags.back()) lags.push_back(lag);
  }
  return lags;
}

void BlockedSums::Add(const BlockedSums& other) {
  if (lags.empty()) {
    *this = other;
    return;
  }
  SUPERION_CHECK(lags == other.lags && n_blocks == other.n_blocks);
  for (size_t i = 0; i < sum.size(); ++i) {
    sum[i] += other.sum[i];
    sum_fourth[i] += other.sum_fourth[i];
    count[i] += other.count[i];
  }
}

std::vector<double> BlockedSums::Mean() const { return MeanWithout(n_blocks); }

std::vector<double> BlockedSums::MeanWithout(size_t block) const {
  std::vector<double> total(lags.size(), 0.0), origins(lags.size(), 0.0);
  for (size_t b = 0; b < n_blocks; ++b) {
    if (b == block) continue;
    for (size_t l = 0; l < lags.size(); ++l) {
      total[l] += sum[index(b, l)];
      origins[l] += count[index(b, l)];
    }
  }
  for (size_t l = 0; l < lags.size(); ++l) total[l] = origins[l] > 0 ? total[l] / origins[l] : 0.0;
  return total;
}

double BlockedSums::Fourth(size_t lag) const {
  double total = 0.0, origins = 0.0;
  for (size_t b = 0; b < n_blocks; ++b) {
    total += sum_fourth[index(b, lag)];
    origins += count[index(b, lag)];
  }
  return origins > 0 ? total / origins : 0.0;
}

BlockedSums BlockedDisplacement(std::span<const std::span<const double>> x, const std::vector<size_t>& lags,
                                size_t n_blocks) {
  SUPERION_CHECK(!x.empty() && n_blocks > 0);
  const size_t n = x[0].size();
  BlockedSums out;
  out.lags = lags;
  out.n_blocks = n_blocks;
  out.sum.assign(n_blocks * lags.size(), 0.0);
  out.sum_fourth = out.count = out.sum;
  for (size_t l = 0; l < lags.size(); ++l) {
    const size_t lag = lags[l], stride = std::max<size_t>(1, lag / 16);
    if (lag >= n) continue;
    for (size_t b = 0; b < n_blocks; ++b) {
      // Blocks share the origins that exist for this lag, so that none of them is empty at long lags.
      const size_t origins = n - lag, first = b * origins / n_blocks, last = (b + 1) * origins / n_blocks;
      const size_t start = (first + stride - 1) / stride * stride;
      const WindowSums sums = x.size() == 3   ? SumWindows<3>(x, {start, last, stride, lag})
                              : x.size() == 1 ? SumWindows<1>(x, {start, last, stride, lag})
                                              : SumWindows<0>(x, {start, last, stride, lag});
      out.sum[out.index(b, l)] = sums.second;
      out.sum_fourth[out.index(b, l)] = sums.fourth;
      out.count[out.index(b, l)] = sums.samples;
    }
  }
  return out;
}

BlockedSums BlockedDisplacement(const Components& x, const std::vector<size_t>& lags, size_t n_blocks) {
  std::vector<std::span<const double>> spans(x.begin(), x.end());
  return BlockedDisplacement(std::span<const std::span<const double>>(spans), lags, n_blocks);
}

double AtLag(const std::vector<double>& displacement, const std::vector<size_t>& lags, double lag) {
  const auto j = static_cast<size_t>(std::lower_bound(lags.begin(), lags.end(), lag) - lags.begin());
  if (j == 0 || static_cast<double>(lags[j]) == lag) return displacement[j];
  const auto below = static_cast<double>(lags[j - 1]), above = static_cast<double>(lags[j]);
  return displacement[j - 1] + (displacement[j] - displacement[j - 1]) * (lag - below) / (above - below);
}

}  // namespace superion::analysis
