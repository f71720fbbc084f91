#include "analysis/structure/tetrahedra.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/filter.h"
#include "analysis/series/parallel.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

constexpr double kDegrees = 57.29577951308232;
// A fifth neighbour nearer than this, relative to the fourth, makes a tetrahedron ambiguous.
constexpr double kClearFifth = 1.15;
constexpr double kFsPerPs = units::kFsPerPs;

std::vector<double> DistancesFrom(const Snapshot& frame, const Mat3& inverse, size_t i,
                                  const std::vector<size_t>& others) {
  std::vector<double> out;
  for (size_t j : others)
    out.push_back(Norm(MinimumImage(frame.positions[j] - frame.positions[i], frame.cell, inverse)));
  return out;
}

}  // namespace

std::vector<Tetrahedron> BondedTetrahedra(const AtomTable& atoms, const Snapshot& frame,
                                          const std::string& centre, const std::string& corner,
                                          size_t* ambiguous) {
  *ambiguous = 0;
  std::vector<Tetrahedron> out;
  if (!atoms.of.count(centre) || !atoms.of.count(corner)) return out;
  const auto& corners = atoms.of.at(corner);
  const Mat3 inverse = Inverse(frame.cell);
  for (size_t i : atoms.of.at(centre)) {
    const auto distance = DistancesFrom(frame, inverse, i, corners);
    std::vector<size_t> order(corners.size());
    for (size_t k = 0; k < order.size(); ++k) order[k] = k;
    std::sort(order.begin(), order.end(), [&](size_t x, size_t y) { return distance[x] < distance[y]; });
    const bool clear =
        order.size() == 4 || (order.size() > 4 && distance[order[4]] > kClearFifth * distance[order[3]]);
    if (!clear) {
      ++*ambiguous;
      continue;
    }
    Tetrahedron t;
    t.centre = static_cast<int>(i);
    for (size_t k = 0; k < 4; ++k) t.corners[k] = corners[order[k]];
    std::sort(t.corners.begin(), t.corners.end());
    out.push_back(t);
  }
  return out;
}

std::vector<Tetrahedron> EmptyTetrahedra(const AtomTable& atoms, const Snapshot& frame,
                                         const std::string& species, double longest_edge) {
  std::vector<Tetrahedron> out;
  if (!atoms.of.count(species)) return out;
  const auto& members = atoms.of.at(species);
  const Mat3 inverse = Inverse(frame.cell);
  std::vector<std::vector<size_t>> near(members.size());  // later members only, in order
  for (size_t a = 0; a < members.size(); ++a) {
    const auto distance = DistancesFrom(frame, inverse, members[a], members);
    for (size_t b = a + 1; b < members.size(); ++b) {
      if (distance[b] < longest_edge) near[a].push_back(b);
    }
  }
  const auto bonded = [&](size_t a, size_t b) {
    return std::binary_search(near[a].begin(), near[a].end(), b);
  };
  for (size_t a = 0; a < members.size(); ++a) {
    for (size_t b : near[a]) {
      for (size_t c : near[b]) {
        if (!bonded(a, c)) continue;
        for (size_t d : near[c]) {
          if (bonded(a, d) && bonded(b, d))
            out.push_back({-1, {members[a], members[b], members[c], members[d]}});
        }
      }
    }
  }
  return out;
}

std::array<double, 12> FaceAngles(const Tetrahedron& tetrahedron, const Snapshot& frame,
                                  const Mat3& inverse) {
  Vec3 corner[4];
  const Vec3 first = frame.positions[tetrahedron.corners[0]];
  for (size_t k = 0; k < 4; ++k)
    corner[k] = MinimumImage(frame.positions[tetrahedron.corners[k]] - first, frame.cell, inverse);
  std::array<double, 12> out;
  size_t n = 0;
  for (size_t missing = 0; missing < 4; ++missing) {
    for (size_t i = 0; i < 4; ++i) {
      if (i == missing) continue;
      size_t others[2], found = 0;
      for (size_t j = 0; j < 4; ++j) {
        if (j != missing && j != i) others[found++] = j;
      }
      const Vec3 u = corner[others[0]] - corner[i], v = corner[others[1]] - corner[i];
      out[n++] = kDegrees * std::acos(std::clamp(Dot(u, v) / (Norm(u) * Norm(v)), -1.0, 1.0));
    }
  }
  return out;
}

struct TetrahedronMotion::Counts {
  std::vector<double> angle, slow_angle, velocity, slow_velocity;
  double velocities = 0.0;
};

TetrahedronMotion::TetrahedronMotion(std::vector<Tetrahedron> tetrahedra, const Options& options)
    : tetrahedra_(std::move(tetrahedra)), options_(options), series_(12 * tetrahedra_.size()) {
  const auto angles = static_cast<size_t>(std::llround(180.0 / options.angle_bin));
  options_.angle_bin = 180.0 / static_cast<double>(angles);
  angle_ = BlockMean(angles);
  slow_angle_ = BlockMean(angles);
  velocity_ = BlockMean(options.velocity_bins);
  slow_velocity_ = BlockMean(options.velocity_bins);
}

void TetrahedronMotion::Add(std::span<const Snapshot> frames) {
  for (const Snapshot& frame : frames) {
    const bool full = !series_.empty() && series_[0].size() >= options_.segment;
    if (frame.frame == 0 || frame.block != block_ || full) Flush();
    block_ = frame.block;
    const Mat3 inverse = Inverse(frame.cell);
    for (size_t t = 0; t < tetrahedra_.size(); ++t) {
      const auto angles = FaceAngles(tetrahedra_[t], frame, inverse);
      for (size_t k = 0; k < 12; ++k) series_[12 * t + k].push_back(static_cast<float>(angles[k]));
    }
  }
}

void TetrahedronMotion::EndSeed() { Flush(); }

TetrahedronMotion::Counts TetrahedronMotion::CountSeries(std::span<const float> series) const {
  Counts out{std::vector<double>(angle_.size()), std::vector<double>(angle_.size()),
             std::vector<double>(velocity_.size()), std::vector<double>(velocity_.size())};
  const std::vector<double> fast(series.begin(), series.end());
  const auto slow = LowPass(fast, options_.cutoff_thz * options_.interval_ps);
  const auto count = [](double value, double low, double width, double share,
                        std::vector<double>* histogram) {
    const double bin = std::floor((value - low) / width);
    if (bin >= 0.0 && bin < static_cast<double>(histogram->size()))
      (*histogram)[static_cast<size_t>(bin)] += share;
  };
  const double per_degree = 1.0 / options_.angle_bin;
  for (double v : fast) count(v, 0.0, options_.angle_bin, per_degree, &out.angle);
  for (double v : slow) count(v, 0.0, options_.angle_bin, per_degree, &out.slow_angle);
  const double twice_fs = 2.0 * options_.interval_ps * kFsPerPs;
  const auto bins = static_cast<double>(options_.velocity_bins);
  const double width = 2.0 * options_.velocity_max / bins,
               slow_width = 2.0 * options_.slow_velocity_max / bins;
  for (size_t k = 1; k + 1 < fast.size(); ++k) {
    count((fast[k + 1] - fast[k - 1]) / twice_fs, -options_.velocity_max, width, 1.0 / width, &out.velocity);
    count((slow[k + 1] - slow[k - 1]) / twice_fs, -options_.slow_velocity_max, slow_width, 1.0 / slow_width,
          &out.slow_velocity);
    out.velocities += 1.0;
  }
  return out;
}

void TetrahedronMotion::Flush() {
  if (series_.empty() || series_[0].empty()) return;
  const auto frames = static_cast<double>(series_[0].size());
  std::vector<Counts> counts(series_.size());
  ParallelFor(series_.size(), options_.threads, [&](size_t k) { counts[k] = CountSeries(series_[k]); });
  for (const Counts& c : counts) {
    angle_.Add(block_, c.angle, frames);
    slow_angle_.Add(block_, c.slow_angle, frames);
    velocity_.Add(block_, c.velocity, c.velocities);
    slow_velocity_.Add(block_, c.slow_velocity, c.velocities);
  }
  for (auto& series : series_) series.clear();
}

}  // namespace superion::analysis
