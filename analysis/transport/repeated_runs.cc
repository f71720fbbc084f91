#include "analysis/transport/repeated_runs.h"

#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include "analysis/series/parallel.h"
#include "core/status.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr long kFewestSamples = 50;
constexpr double kShortestPart = 0.1;  // of the shorter run
constexpr long kMostStride = 10;
constexpr double kOfInnovation = 1e-3, kOfVariance = 1e-10;  // what may be left of a component's variance
constexpr double kFewestEvents = 20.0;  // (Σe)²/Σe² of the squared increments: a few equal hops are no copy
constexpr long kProbe = 32;
constexpr double kProbeErrors = 5.0;
constexpr size_t kModelSamples = 4096, kModelOrder = 16;

// Increments without their mean, of the first samples.
std::vector<std::vector<double>> Increments(const DipoleSeries& seed) {
  std::vector<std::vector<double>> out;
  for (const auto& p : seed.components) {
    auto& x = out.emplace_back();
    for (size_t i = 1; i < std::min(p.size(), kModelSamples); ++i) x.push_back(p[i] - p[i - 1]);
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
    for (double& v : x) v -= mean;
  }
  return out;
}

// Largest mean-square difference per component that is no chance: of Burg's prediction error.
double Tolerance(const DipoleSeries& seed) {
  const auto x = Increments(seed);
  double energy = 0.0;
  for (const auto& c : x) energy += std::inner_product(c.begin(), c.end(), c.begin(), 0.0);
  const size_t n = x[0].size();
  const double variance = energy / static_cast<double>(n * x.size());
  double innovation = variance;
  auto ahead = x, back = x;
  for (size_t order = 1; order <= std::min(kModelOrder, n / 8); ++order) {
    double product = 0.0, squares = 0.0;
    for (size_t c = 0; c < x.size(); ++c) {
      for (size_t t = order; t < n; ++t) {
        product += 2.0 * ahead[c][t] * back[c][t - 1];
        squares += ahead[c][t] * ahead[c][t] + back[c][t - 1] * back[c][t - 1];
      }
    }
    if (!(squares > 0.0)) break;
    const double reflection = product / squares;
    for (size_t c = 0; c < x.size(); ++c) {
      for (size_t t = n - 1; t >= order; --t) {
        const double f = ahead[c][t], b = back[c][t - 1];
        ahead[c][t] = f - reflection * b;
        back[c][t] = b - reflection * f;
      }
    }
    innovation *= 1.0 - reflection * reflection;
  }
  return std::max(kOfInnovation * innovation, kOfVariance * variance);
}

// b[j] = sign · a[i + stride (j - anchor)] + const where it repeats.
struct Way {
  long stride = 1;
  double sign = 1.0;
};

class Pair {
 public:
  Pair(const DipoleSeries& a, const DipoleSeries& b, double tolerance)
      : a_(a), b_(b), tolerance_(tolerance), dimension_(a.dimension()) {}

  bool Repeats(const Way& way) const {
    if (Shortest(way) < kFewestSamples) return false;
    const long n = Size(b_), window = std::min(n - 1, Needed(way));
    if (Search(way, 0, window)) return true;
    return way.stride < 0 && Search(way, n - 1 - window, n - 1);
  }

 private:
  static long Size(const DipoleSeries& s) { return static_cast<long>(s.size()); }
  long Shortest(const Way& way) const { return std::min(Size(a_) / std::abs(way.stride), Size(b_)); }
  long Needed(const Way& way) const {
    const auto part = static_cast<long>(kShortestPart * static_cast<double>(Shortest(way)));
    return std::max(kFewestSamples, part) - 1;  // increments
  }
  double OfA(size_t c, long i, const Way& way) const {
    const auto& p = a_.components[c];
    return way.sign * (p[static_cast<size_t>(i + way.stride)] - p[static_cast<size_t>(i)]);
  }
  double OfB(size_t c, long j) const {
    const auto& p = b_.components[c];
    return p[static_cast<size_t>(j) + 1] - p[static_cast<size_t>(j)];
  }

  // The increment of b in [first, last) that is farthest from its mean, looked for all over a.
  bool Search(const Way& way, long first, long last) const {
    size_t component = 0;
    long anchor = first;
    double most = -1.0;
    for (size_t c = 0; c < dimension_; ++c) {
      const auto& p = b_.components[c];
      const double mean = (p.back() - p[0]) / static_cast<double>(p.size() - 1);
      for (long j = first; j < last; ++j) {
        const double off = std::abs(OfB(c, j) - mean);
        if (off > most) most = off, component = c, anchor = j;
      }
    }
    const double value = OfB(component, anchor), near = kProbeErrors * std::sqrt(tolerance_);
    const long begin = std::max(0L, -way.stride), end = Size(a_) - std::max(0L, way.stride);
    for (long i = begin; i < end; ++i) {
      if (std::abs(OfA(component, i, way) - value) <= near && Agrees(way, i, anchor)) return true;
    }
    return false;
  }

  // Whether all of b that lies in a then agrees, a's sample `i` being b's sample `anchor`.
  bool Agrees(const Way& way, long i, long anchor) const {
    const auto inside = [&](long j) {
      const long at = i + way.stride * (j - anchor);
      return j >= 0 && j + 1 < Size(b_) && std::min(at, at + way.stride) >= 0 &&
             std::max(at, at + way.stride) < Size(a_);
    };
    const long here = way.stride > 0 ? i : Size(a_) - 1 - i;  // samples of a before this one, as b goes
    const long step = std::abs(way.stride);
    const long first = std::max(0L, anchor - here / step);
    const long last = std::min(Size(b_) - 1, anchor + (Size(a_) - 1 - here) / step);  // increments
    if (last - first < Needed(way) || !inside(first) || !inside(last - 1)) return false;
    const double allowed = tolerance_ * static_cast<double>(last - first) * static_cast<double>(dimension_);
    double left = 0.0, second = 0.0, fourth = 0.0;
    const auto add = [&](long j) {
      double square = 0.0, largest = 0.0;
      for (size_t c = 0; c < dimension_; ++c) {
        const double b = OfB(c, j), off = std::abs(OfA(c, i + way.stride * (j - anchor), way) - b);
        left += off * off;
        square += b * b;
        largest = std::max(largest, off);
      }
      second += square;
      fourth += square * square;
      const bool probed = std::abs(j - anchor) < kProbe;
      return left <= allowed && !(probed && largest > kProbeErrors * std::sqrt(tolerance_));
    };
    for (long j = anchor; j < last; ++j) {
      if (!add(j)) return false;
    }
    for (long j = anchor - 1; j >= first; --j) {
      if (!add(j)) return false;
    }
    return second * second > kFewestEvents * fourth;
  }

  const DipoleSeries &a_, &b_;
  double tolerance_;
  size_t dimension_;
};

// Of a current that is read backwards the sign stays, of a dipole it turns.
std::vector<Way> Ways() {
  std::vector<Way> out = {{1, 1.0}, {-1, 1.0}, {-1, -1.0}};
  for (long stride = 2; stride <= kMostStride; ++stride) out.push_back({stride, 1.0});
  return out;
}

std::string Describe(const Way& way) {
  if (way.stride < 0) return ", backwards";
  return way.stride == 1 ? "" : fmt::format(", one in {} of its samples", way.stride);
}

}  // namespace

absl::Status CheckNoneRepeats(const std::vector<DipoleSeries>& seeds, int threads,
                              const std::vector<std::string>& names) {
  std::vector<double> tolerance(seeds.size(), 0.0);
  ParallelFor(seeds.size(), threads, [&](size_t s) {
    if (seeds[s].size() >= static_cast<size_t>(kFewestSamples)) tolerance[s] = Tolerance(seeds[s]);
  });
  const auto name = [&](size_t s) { return s < names.size() ? names[s] : fmt::format("series {}", s + 1); };
  const auto ways = Ways();
  const size_t n = seeds.size();
  std::vector<std::string> found(n * n);
  ParallelFor(n * n, threads, [&](size_t k) {
    const size_t a = k / n, b = k % n;
    const double allowed = std::min(tolerance[a], tolerance[b]);
    if (a == b || !(allowed > 0.0) || seeds[a].dimension() != seeds[b].dimension()) return;
    for (const Way& way : ways) {
      if (!Pair(seeds[a], seeds[b], allowed).Repeats(way)) continue;
      found[k] =
          fmt::format("conductivity: {} is a copy of {} or of a part of it{}; independent runs are expected",
                      name(b), name(a), Describe(way));
      return;
    }
  });
  for (const auto& message : found) {
    if (!message.empty()) return InvalidArgument("{}", message);
  }
  return absl::OkStatus();
}

}  // namespace superion::analysis
