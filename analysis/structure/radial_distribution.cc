#include "analysis/structure/radial_distribution.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/parallel.h"

namespace superion::analysis {
RadialDistribution::RadialDistribution(const AtomTable& atoms, const Options& options)
    : atoms_(atoms),
      options_(options),
      bins_{options.bin_angstrom,
            static_cast<size_t>(std::ceil(options.r_max_angstrom / options.bin_angstrom - 1e-9))} {
  for (size_t a = 0; a < atoms.names.size(); ++a) {
    for (size_t b = a; b < atoms.names.size(); ++b) {
      pairs_.push_back(
          {atoms.names[a], atoms.names[b], BlockMean(bins_.n), BlockMean(bins_.n), BlockMean(bins_.n)});
    }
  }
}

size_t RadialDistribution::complete_bins() const {
  if (options_.images) return bins_.n;
  return std::min(bins_.n, static_cast<size_t>(smallest_radius_ / bins_.width));
}

std::vector<std::vector<uint32_t>> RadialDistribution::Histograms(const Snapshot& frame) const {
  const Mat3 inverse = Inverse(frame.cell);
  std::vector<FractionalPoints> points;
  for (const auto& name : atoms_.names)
    points.push_back(Fractional(frame.positions, atoms_.of.at(name), inverse));
  std::vector<std::vector<uint32_t>> out;
  for (size_t a = 0; a < points.size(); ++a) {
    for (size_t b = a; b < points.size(); ++b) {
      auto& histogram = out.emplace_back(bins_.slots(), 0);
      if (options_.images || CellsPay(points[b].size(), bins_.r_max(), frame.cell)) {
        AddImageDistances(points[a], points[b], a == b, frame.cell, bins_, histogram.data());
        continue;
      }
      for (size_t i = 0; i < points[a].size(); ++i) {
        AddMinimumImageDistances(points[b], a == b ? i + 1 : 0, points[b].size(), points[a][i], frame.cell,
                                 bins_, histogram.data());
      }
      if (a == b)
        for (uint32_t& count : histogram) count *= 2;  // ordered pairs
    }
  }
  return out;
}

void RadialDistribution::Merge(const Snapshot& frame, const std::vector<std::vector<uint32_t>>& histograms) {
  smallest_radius_ = std::min(smallest_radius_, InscribedRadius(frame.cell));
  std::vector<double> g(bins_.n), ab(bins_.n), ba(bins_.n);
  for (size_t p = 0; p < pairs_.size(); ++p) {
    PairDistribution& pair = pairs_[p];
    const auto n_a = static_cast<double>(atoms_.of.at(pair.a).size());
    const auto n_b = static_cast<double>(atoms_.of.at(pair.b).size());
    // A species of one atom has only its own images around it.
    const double others = pair.a != pair.b ? n_b : std::max(1.0, n_b - 1.0);
    const double scale = frame.Volume() / (n_a * others);
    double running = 0.0;
    for (size_t k = 0; k < bins_.n; ++k) {
      const double count = histograms[p][k];
      g[k] = scale * count / ShellVolume(bins_.inner(k), bins_.inner(k + 1));
      running += count;
      ab[k] = running / n_a;
      ba[k] = running / n_b;
    }
    pair.g.Add(frame.block, g, 1.0);
    pair.coordination_ab.Add(frame.block, ab, 1.0);
    pair.coordination_ba.Add(frame.block, ba, 1.0);
  }
}

void RadialDistribution::Add(std::span<const Snapshot> frames) {
  std::vector<std::vector<std::vector<uint32_t>>> found(frames.size());
  ParallelFor(frames.size(), options_.threads, [&](size_t k) { found[k] = Histograms(frames[k]); });
  for (size_t k = 0; k < frames.size(); ++k) Merge(frames[k], found[k]);
}

}  // namespace superion::analysis
