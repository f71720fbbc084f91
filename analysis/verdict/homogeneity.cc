#include "analysis/verdict/homogeneity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/series/distributions.h"

namespace superion::analysis {

std::optional<BartlettTest> BartlettOfIncrements(const std::vector<DipoleSeries>& seeds, size_t stride) {
  if (seeds.size() < 2) return std::nullopt;
  BartlettTest out;
  std::vector<double> dof;
  double kurtosis = 0.0, pooled = 0.0, total = 0.0;
  for (const auto& seed : seeds) {
    double n = 0.0, second = 0.0, fourth = 0.0;
    for (const auto& p : seed.components) {
      for (size_t i = 0; i + stride < p.size(); i += stride, n += 1.0) {
        const double square = (p[i + stride] - p[i]) * (p[i + stride] - p[i]);
        second += square;
        fourth += square * square;
      }
    }
    if (n < 6.0 || !(second > 0.0)) return std::nullopt;
    out.variances.push_back(second / n);
    dof.push_back(n);
    pooled += second;
    total += n;
    // Kurtosis within the seed, so that a difference between seeds does not hide itself.
    kurtosis += n * (fourth / n / (second / n * second / n) - 3.0);
  }
  kurtosis = std::max(0.0, kurtosis / total);
  double statistic = total * std::log(pooled / total), inverse = -1.0 / total;
  for (size_t s = 0; s < seeds.size(); ++s) {
    statistic -= dof[s] * std::log(out.variances[s]);
    inverse += 1.0 / dof[s];
  }
  const auto groups = static_cast<double>(seeds.size() - 1);
  out.statistic = statistic / (1.0 + inverse / (3.0 * groups)) / (1.0 + 0.5 * kurtosis);
  out.p = 1.0 - ChiSquareCdf(out.statistic, groups);
  return out;
}

double RankNormalisedRhat(const std::vector<std::vector<double>>& chains) {
  std::vector<std::pair<double, size_t>> order;
  const size_t n = chains[0].size();
  for (size_t c = 0; c < chains.size(); ++c) {
    for (size_t i = 0; i < n; ++i) order.emplace_back(chains[c][i], c);
  }
  std::sort(order.begin(), order.end());
  const auto total = static_cast<double>(order.size());
  std::vector<double> mean(chains.size(), 0.0), square(chains.size(), 0.0);
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const double z = NormalQuantile((static_cast<double>(rank + 1) - 0.375) / (total + 0.25));
    mean[order[rank].second] += z;
    square[order[rank].second] += z * z;
  }
  const auto length = static_cast<double>(n), m = static_cast<double>(chains.size());
  double within = 0.0, grand = 0.0, between = 0.0;
  for (size_t c = 0; c < chains.size(); ++c) {
    mean[c] /= length;
    within += (square[c] - length * mean[c] * mean[c]) / (length - 1.0) / m;
    grand += mean[c] / m;
  }
  for (double v : mean) between += (v - grand) * (v - grand) / (m - 1.0);
  if (!(within > 0.0)) return 1.0;
  return std::sqrt(((length - 1.0) / length * within + between) / within);
}

std::optional<double> SplitRhat(const std::vector<DipoleSeries>& seeds, size_t stride) {
  size_t shortest = 0;
  for (const auto& seed : seeds) {
    const size_t increments = seed.size() < 2 ? 0 : (seed.size() - 1) / stride;
    shortest = shortest == 0 ? increments : std::min(shortest, increments);
  }
  const size_t half = shortest / 2, blocks = std::min<size_t>(25, half);
  if (blocks < 5) return std::nullopt;
  std::vector<std::vector<double>> chains;
  for (const auto& seed : seeds) {
    const size_t own_half = (seed.size() - 1) / stride / 2;
    for (size_t part = 0; part < 2; ++part) {
      auto& chain = chains.emplace_back();
      for (size_t b = 0; b < blocks; ++b) {
        double sum = 0.0, n = 0.0;
        for (size_t i = part * own_half + b * own_half / blocks;
             i < part * own_half + (b + 1) * own_half / blocks; ++i) {
          for (const auto& p : seed.components) {
            const double step = p[(i + 1) * stride] - p[i * stride];
            sum += step * step;
            n += 1.0;
          }
        }
        chain.push_back(std::log(std::max(sum / n, 1e-300)));
      }
    }
  }
  return RankNormalisedRhat(chains);
}

}  // namespace superion::analysis
