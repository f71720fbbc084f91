#include "analysis/structure/van_hove.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/parallel.h"

namespace superion::analysis {
namespace {

constexpr double kTwoPi = 6.28318530717958647692;

// Sums over the ions of one pair of frames.
struct SelfSums {
  std::vector<double> histogram, scattering;
  std::vector<double> moments = std::vector<double>(3, 0.0);
};

SelfSums Displacements(const FramePair& pair, const std::vector<size_t>& members,
                       const SelfVanHove::Options& options) {
  const DistanceBins& bins = options.bins;
  SelfSums out{std::vector<double>(bins.n, 0.0), std::vector<double>(options.wave_vectors.size(), 0.0)};
  for (size_t i : members) {
    const Vec3 d = pair.later->unwrapped[i] - pair.origin->unwrapped[i];
    const double square = Dot(d, d);
    out.moments[0] += square;
    out.moments[1] += square * square;
    const auto bin = static_cast<size_t>(std::sqrt(square) / bins.width);
    if (bin < bins.n) {
      out.histogram[bin] += 1.0;
    } else {
      out.moments[2] += 1.0;
    }
    for (size_t q = 0; q < options.wave_vectors.size(); ++q)
      out.scattering[q] += std::cos(Dot(options.wave_vectors[q], d));
  }
  for (size_t k = 0; k < bins.n; ++k) out.histogram[k] /= ShellVolume(bins.inner(k), bins.inner(k + 1));
  return out;
}

}  // namespace

double NonGaussian(double second_moment, double fourth_moment) {
  return 3.0 * fourth_moment / (5.0 * second_moment * second_moment) - 1.0;
}

SelfVanHove::SelfVanHove(const AtomTable& atoms, const std::string& species, size_t n_lags,
                         const Options& options)
    : members_(atoms.of.at(species)), species_(species), options_(options) {
  for (size_t l = 0; l < n_lags; ++l)
    lags_.push_back({BlockMean(options.bins.n), BlockMean(3), BlockMean(options.wave_vectors.size())});
}

void SelfVanHove::Add(std::span<const FramePair> pairs) {
  std::vector<SelfSums> sums(pairs.size());
  ParallelFor(pairs.size(), options_.threads,
              [&](size_t k) { sums[k] = Displacements(pairs[k], members_, options_); });
  const auto ions = static_cast<double>(members_.size());
  for (size_t k = 0; k < pairs.size(); ++k) {
    SelfAtLag& lag = lags_[pairs[k].lag];
    const size_t block = pairs[k].origin->block;
    lag.density.Add(block, sums[k].histogram, ions);
    lag.moments.Add(block, sums[k].moments, ions);
    lag.scattering.Add(block, sums[k].scattering, ions);
  }
}

DistinctVanHove::DistinctVanHove(const AtomTable& atoms, const std::string& species, size_t n_lags,
                                 const DistanceBins& bins, int threads)
    : members_(atoms.of.at(species)),
      species_(species),
      bins_(bins),
      threads_(threads),
      lags_(n_lags, BlockMean(bins.n)) {}

size_t DistinctVanHove::complete_bins() const {
  return std::min(bins_.n, static_cast<size_t>(smallest_radius_ / bins_.width));
}

// Takes away what every ion is from its own earlier place, which counts among all pairs.
void DistinctVanHove::RemoveOwn(const FractionalPoints& after, const FractionalPoints& before,
                                const Mat3& cell, std::vector<uint32_t>* histogram) const {
  const Mat3 whole{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (size_t i = 0; i < after.size(); ++i) {
    const double r = Norm(MinimumImage(before[i] - after[i], whole, whole) * cell);
    const auto bin = static_cast<size_t>(r / bins_.width);
    if (bin < bins_.n && (*histogram)[bin] > 0) --(*histogram)[bin];
  }
}

std::vector<uint32_t> DistinctVanHove::Histogram(const FramePair& pair) const {
  // Fractions of each frame's own cell: in a cell that breathes, places relative to the lattice.
  const auto before = Fractional(pair.origin->positions, members_, Inverse(pair.origin->cell));
  const auto after = Fractional(pair.later->positions, members_, Inverse(pair.later->cell));
  std::vector<uint32_t> histogram(bins_.slots(), 0);
  if (CellsPay(members_.size(), bins_.r_max(), pair.later->cell)) {
    AddImageDistances(after, before, false, pair.later->cell, bins_, histogram.data());
    RemoveOwn(after, before, pair.later->cell, &histogram);
    return histogram;
  }
  for (size_t i = 0; i < members_.size(); ++i) {
    const Vec3 at = after[i];
    AddMinimumImageDistances(before, 0, i, at, pair.later->cell, bins_, histogram.data());
    AddMinimumImageDistances(before, i + 1, members_.size(), at, pair.later->cell, bins_, histogram.data());
  }
  return histogram;
}

void DistinctVanHove::Add(std::span<const FramePair> pairs) {
  if (members_.size() < 2) return;
  std::vector<std::vector<uint32_t>> histograms(pairs.size());
  ParallelFor(pairs.size(), threads_, [&](size_t k) { histograms[k] = Histogram(pairs[k]); });
  const auto n = static_cast<double>(members_.size());
  std::vector<double> g(bins_.n);
  for (size_t k = 0; k < pairs.size(); ++k) {
    const double scale = pairs[k].later->Volume() / (n * (n - 1.0));
    smallest_radius_ = std::min(smallest_radius_, InscribedRadius(pairs[k].later->cell));
    for (size_t b = 0; b < bins_.n; ++b)
      g[b] = scale * histograms[k][b] / ShellVolume(bins_.inner(b), bins_.inner(b + 1));
    lags_[pairs[k].lag].Add(pairs[k].origin->block, g, 1.0);
  }
}

std::vector<Vec3> WaveVectors(const Mat3& cell, const std::vector<double>& lengths, size_t most) {
  const Mat3 inverse = Inverse(cell);  // its columns are the reciprocal vectors
  std::vector<Vec3> out;
  for (double length : lengths) {
    std::array<int, 3> reach;
    for (size_t k = 0; k < 3; ++k) reach[k] = static_cast<int>(1.2 * length * Norm(cell[k]) / kTwoPi) + 1;
    std::vector<std::pair<double, Vec3>> found;
    for (int i = 0; i <= reach[0]; ++i) {
      for (int j = -reach[1]; j <= reach[1]; ++j) {
        for (int k = -reach[2]; k <= reach[2]; ++k) {
          if (i == 0 && (j < 0 || (j == 0 && k <= 0))) continue;  // one of ±q, and not zero
          Vec3 q;
          for (size_t c = 0; c < 3; ++c)
            q[c] = kTwoPi * (inverse[c][0] * i + inverse[c][1] * j + inverse[c][2] * k);
          found.emplace_back(std::abs(Norm(q) - length), q);
        }
      }
    }
    std::sort(found.begin(), found.end());
    for (size_t k = 0; k < std::min(most, found.size()); ++k) {
      if (k == 0 || found[k].first < 0.2 * length) out.push_back(found[k].second);
    }
  }
  return out;
}

}  // namespace superion::analysis
