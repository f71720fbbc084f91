#include "analysis/structure/bond_angle_map.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/parallel.h"
#include "analysis/structure/neighbor_cells.h"

namespace superion::analysis {
namespace {

constexpr double kDegrees = 57.29577951308232;

}  // namespace

BondAngleMap::BondAngleMap(const AtomTable& atoms, std::vector<Tetrahedron> tetrahedra,
                           const std::string& mobile, const Options& options)
    : tetrahedra_(std::move(tetrahedra)),
      mobile_(atoms.of.at(mobile)),
      options_(options),
      r_bins_(static_cast<size_t>(std::ceil(options.r_max_angstrom / options.r_bin_angstrom - 1e-9))),
      angle_bins_(static_cast<size_t>(std::llround(180.0 / options.angle_bin))),
      raw_(r_bins_ * angle_bins_),
      reduced_(r_bins_ * angle_bins_) {
  options_.angle_bin = 180.0 / static_cast<double>(angle_bins_);
}

std::vector<double> BondAngleMap::Count(const Snapshot& frame) const {
  const Mat3 inverse = Inverse(frame.cell);
  std::vector<Vec3> fractions;
  for (size_t i : mobile_) fractions.push_back(frame.positions[i] * inverse);
  const NeighborCells cells(fractions, frame.cell, static_cast<double>(r_bins_) * options_.r_bin_angstrom);
  std::vector<double> counts(r_bins_ * angle_bins_, 0.0);
  for (const Tetrahedron& t : tetrahedra_) {
    if (t.centre < 0) continue;
    for (size_t corner : t.corners) {
      const Vec3 bond = MinimumImage(frame.positions[static_cast<size_t>(t.centre)] - frame.positions[corner],
                                     frame.cell, inverse);
      const double length = Norm(bond);
      cells.ForEach(frame.positions[corner] * inverse, [&](size_t, const Vec3& d, double square) {
        const double r = std::sqrt(square);
        if (r == 0.0) return;
        const double angle = kDegrees * std::acos(std::clamp(Dot(d, bond) / (r * length), -1.0, 1.0));
        const auto bin_r = static_cast<size_t>(r / options_.r_bin_angstrom);
        const auto bin_angle = std::min(angle_bins_ - 1, static_cast<size_t>(angle / options_.angle_bin));
        if (bin_r < r_bins_) counts[bin_r * angle_bins_ + bin_angle] += 1.0;
      });
    }
  }
  return counts;
}

void BondAngleMap::Add(std::span<const Snapshot> frames) {
  std::vector<std::vector<double>> counts(frames.size());
  ParallelFor(frames.size(), options_.threads, [&](size_t k) { counts[k] = Count(frames[k]); });
  size_t bonds = 0;
  for (const Tetrahedron& t : tetrahedra_) bonds += t.centre < 0 ? 0 : 4;
  std::vector<double> raw(raw_.size()), reduced(raw_.size());
  for (size_t f = 0; f < frames.size(); ++f) {
    double total = 0.0;
    const double density = static_cast<double>(mobile_.size()) / frames[f].Volume();
    for (size_t k = 0; k < raw.size(); ++k) {
      const auto r = static_cast<double>(k / angle_bins_), a = static_cast<double>(k % angle_bins_);
      const double zone = 0.5 * (std::cos(a * options_.angle_bin / kDegrees) -
                                 std::cos((a + 1.0) * options_.angle_bin / kDegrees));
      const double expected = static_cast<double>(bonds) * density * zone *
                              ShellVolume(r * options_.r_bin_angstrom, (r + 1.0) * options_.r_bin_angstrom);
      raw[k] = counts[f][k] / (options_.r_bin_angstrom * options_.angle_bin);
      reduced[k] = counts[f][k] / expected;
      total += counts[f][k];
    }
    raw_.Add(frames[f].block, raw, total);
    reduced_.Add(frames[f].block, reduced, 1.0);
  }
}

}  // namespace superion::analysis
