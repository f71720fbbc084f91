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

void MomentSums::Add(size_t block, std::span<const double> values) {
  double first = 0.0, second = 0.0;
  for (double value : values) {
    const double x = value - pivot_;
    first += x, second += x * x;
  }
  sums_.Add(block, std::vector<double>{first, second}, static_cast<double>(values.size()));
}

MeanAndSpread MomentSums::Result() const {
  const auto spread = [](const std::vector<double>& m) {
    return std::sqrt(std::max(0.0, m[1] - m[0] * m[0]));
  };
  std::vector<double> sds;
  for (size_t b = 0; b < sums_.blocks(); ++b) {
    const auto block = sums_.OfBlock(b);
    if (std::isfinite(block[0])) sds.push_back(spread(block));
  }
  const auto all = sums_.Mean();
  if (!std::isfinite(all[0])) return {{all[0], all[0]}, {all[0], all[0]}};
  return {{pivot_ + all[0], sums_.StandardError()[0]}, {spread(all), MeanOfBlocks(sds).error}};
}

struct TetrahedronMotion::Counts {
  std::vector<double> angle, slow_angle, velocity, slow_velocity;  // histograms
  std::vector<double> angles, velocities, slow_velocities;         // values
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
  Counts out;
  for (auto* histogram : {&out.angle, &out.slow_angle}) histogram->resize(angle_.size());
  for (auto* histogram : {&out.velocity, &out.slow_velocity}) histogram->resize(velocity_.size());
  out.angles.assign(series.begin(), series.end());
  const std::vector<double>& fast = out.angles;
  const auto slow = LowPass(fast, options_.cutoff_thz * options_.interval_ps);
  const auto count = [](const std::vector<double>& values, double low, double width,
                        std::vector<double>* histogram) {
    for (double value : values) {
      const double bin = std::floor((value - low) / width);
      if (bin >= 0.0 && bin < static_cast<double>(histogram->size()))
        (*histogram)[static_cast<size_t>(bin)] += 1.0 / width;
    }
  };
  const double twice_fs = 2.0 * options_.interval_ps * kFsPerPs;
  for (size_t k = 1; k + 1 < fast.size(); ++k) {
    out.velocities.push_back((fast[k + 1] - fast[k - 1]) / twice_fs);
    out.slow_velocities.push_back((slow[k + 1] - slow[k - 1]) / twice_fs);
  }
  const auto bins = static_cast<double>(options_.velocity_bins);
  const double most = options_.velocity_max, slow_most = options_.slow_velocity_max;
  count(fast, 0.0, options_.angle_bin, &out.angle);
  count(slow, 0.0, options_.angle_bin, &out.slow_angle);
  count(out.velocities, -most, 2.0 * most / bins, &out.velocity);
  count(out.slow_velocities, -slow_most, 2.0 * slow_most / bins, &out.slow_velocity);
  return out;
}

void TetrahedronMotion::Flush() {
  if (series_.empty() || series_[0].empty()) return;
  // So many at a time, since each holds its values.
  const size_t batch = 16 * static_cast<size_t>(std::max(1, options_.threads));
  for (size_t first = 0; first < series_.size(); first += batch) {
    std::vector<Counts> counts(std::min(batch, series_.size() - first));
    ParallelFor(counts.size(), options_.threads,
                [&](size_t k) { counts[k] = CountSeries(series_[first + k]); });
    for (const Counts& c : counts) AddCounts(c);
  }
  for (auto& series : series_) series.clear();
}

void TetrahedronMotion::AddCounts(const Counts& c) {
  const auto frames = static_cast<double>(c.angles.size()),
             velocities = static_cast<double>(c.velocities.size());
  angle_.Add(block_, c.angle, frames);
  slow_angle_.Add(block_, c.slow_angle, frames);
  velocity_.Add(block_, c.velocity, velocities);
  slow_velocity_.Add(block_, c.slow_velocity, velocities);
  moments_.angle.Add(block_, c.angles);
  moments_.velocity.Add(block_, c.velocities);
  moments_.slow_velocity.Add(block_, c.slow_velocities);
}

}  // namespace superion::analysis
