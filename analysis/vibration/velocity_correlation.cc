#include "analysis/vibration/velocity_correlation.h"

#include <algorithm>
#include <cmath>
#include <complex>

#include "analysis/series/fft.h"
#include "analysis/series/parallel.h"
#include "core/status.h"

namespace superion::analysis {
namespace {

constexpr size_t kAtomsPerTask = 16;  // fixed, so that the sums do not depend on the number of threads

}  // namespace

VelocityCorrelation::VelocityCorrelation(const AtomTable& atoms, const Options& options) : options_(options) {
  const size_t bytes_per_frame = 3 * sizeof(double);
  // A stretch of eight times the longest lag loses an eighth of the products at that lag.
  const size_t wanted = std::min(options.stretch, 8 * (options.longest + 1));
  const size_t affordable =
      std::max<size_t>(1, options.most_bytes / (bytes_per_frame * std::max<size_t>(1, wanted)));
  const size_t every = (atoms.size() + affordable - 1) / affordable;
  for (size_t a = 0; a < atoms.names.size(); ++a) {
    const auto& members = atoms.of.at(atoms.names[a]);
    Species& species = species_.emplace_back();
    species.name = atoms.names[a];
    species.atoms = members.size();
    species.correlation = BlockMean(options.longest + 1);
    size_t n_used = 0;
    for (size_t k = 0; k < members.size(); ++k) {
      species.mass_u += atoms.masses_u[members[k]] / static_cast<double>(members.size());
      if (k % every != 0) continue;
      used_.push_back(members[k]);
      species_of_.push_back(a);
      masses_.push_back(atoms.masses_u[members[k]]);
      ++n_used;
    }
    scale_.push_back(static_cast<double>(members.size()) / static_cast<double>(n_used));
  }
  series_.resize(3 * used_.size());
  stretch_ = std::clamp(options.most_bytes / (bytes_per_frame * std::max<size_t>(1, used_.size())), wanted,
                        std::max(wanted, options.stretch));
}

void VelocityCorrelation::Add(std::span<const Snapshot> frames) {
  for (const Snapshot& frame : frames) {
    if (frame.frame == 0) {
      Flush();
      last_.clear();
    }
    if (frame.block != block_ || (!series_.empty() && series_[0].size() >= stretch_)) Flush();
    block_ = frame.block;
    const bool differences = options_.from_positions;
    SUPERION_CHECK(differences || frame.velocities.size() == frame.unwrapped.size());
    if (!differences || !last_.empty()) {
      for (size_t k = 0; k < used_.size(); ++k) {
        const Vec3 v = differences ? (1.0 / options_.interval_ps) * (frame.unwrapped[used_[k]] - last_[k])
                                   : frame.velocities[used_[k]];
        for (size_t c = 0; c < 3; ++c) series_[3 * k + c].push_back(v[c]);
      }
    }
    if (differences) {
      last_.resize(used_.size());
      for (size_t k = 0; k < used_.size(); ++k) last_[k] = frame.unwrapped[used_[k]];
    }
  }
}

void VelocityCorrelation::EndSeed() {
  Flush();
  last_.clear();
}

std::vector<double> VelocityCorrelation::PowerOf(size_t begin, size_t end, size_t n_fft) const {
  std::vector<double> power(n_fft / 2 + 1, 0.0);
  for (size_t k = begin; k < end; ++k) {
    for (size_t c = 0; c < 3; ++c) {
      const auto spectrum = ForwardFft(series_[3 * k + c], n_fft);
      for (size_t f = 0; f < power.size(); ++f) power[f] += masses_[k] * std::norm(spectrum[f]);
    }
  }
  return power;
}

void VelocityCorrelation::Flush() {
  if (series_.empty() || series_[0].empty()) return;
  const size_t n = series_[0].size(), lags = options_.longest + 1;
  const size_t n_fft = FastLength(n + lags);
  std::vector<std::pair<size_t, size_t>> tasks;
  for (size_t begin = 0; begin < used_.size();) {
    size_t end = begin;
    while (end < used_.size() && end - begin < kAtomsPerTask && species_of_[end] == species_of_[begin]) ++end;
    tasks.emplace_back(begin, end);
    begin = end;
  }
  std::vector<std::vector<double>> power(tasks.size());
  ParallelFor(tasks.size(), options_.threads,
              [&](size_t t) { power[t] = PowerOf(tasks[t].first, tasks[t].second, n_fft); });
  for (size_t a = 0; a < species_.size(); ++a) {
    std::vector<std::complex<double>> total(n_fft / 2 + 1);
    for (size_t t = 0; t < tasks.size(); ++t) {
      if (species_of_[tasks[t].first] != a) continue;
      for (size_t f = 0; f < total.size(); ++f) total[f] += power[t][f];
    }
    const auto products = InverseFft(total, n_fft);
    std::vector<double> sums(lags, 0.0), weights(lags, 0.0);
    for (size_t m = 0; m < lags && m < n; ++m) {
      sums[m] = scale_[a] * products[m];
      weights[m] = static_cast<double>(n - m);
    }
    species_[a].correlation.Add(block_, sums, weights);
  }
  for (auto& series : series_) series.clear();
}

}  // namespace superion::analysis
