#include "analysis/structure/density_map.h"

#include <algorithm>
#include <cmath>

#include "core/units.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr double kMostPoints = 67108864.0;

}  // namespace

DensityMap::DensityMap(const AtomTable& atoms, const std::string& species, const Mat3& cell, double spacing)
    : members_(atoms.of.at(species)), species_(species) {
  double points = 1.0;
  for (const Vec3& vector : cell) points *= std::ceil(Norm(vector) / spacing);
  const double wide = spacing * std::max(1.0, std::cbrt(points / kMostPoints));
  for (size_t k = 0; k < 3; ++k) shape_[k] = static_cast<size_t>(std::ceil(Norm(cell[k]) / wide));
  counts_.assign(shape_[0] * shape_[1] * shape_[2], 0);
}

void DensityMap::Add(std::span<const Snapshot> frames) {
  for (const Snapshot& frame : frames) {
    const Mat3 inverse = Inverse(frame.cell);
    for (size_t i : members_) {
      const Vec3 s = frame.positions[i] * inverse;
      std::array<size_t, 3> at;
      for (size_t k = 0; k < 3; ++k) {
        const double n = static_cast<double>(shape_[k]);
        at[k] = std::min(shape_[k] - 1, static_cast<size_t>((s[k] - std::floor(s[k])) * n));
      }
      ++counts_[(at[0] * shape_[1] + at[1]) * shape_[2] + at[2]];
    }
    for (size_t k = 0; k < 3; ++k) cell_sum_[k] += frame.cell[k];
    ++frames_;
  }
}

std::vector<double> DensityMap::Density() const {
  const double frames = static_cast<double>(std::max<size_t>(1, frames_));
  const double volume = std::abs(Determinant(cell_sum_)) / (frames * frames * frames);
  std::vector<double> out(counts_.size());
  for (size_t k = 0; k < out.size(); ++k)
    out[k] = counts_[k] * static_cast<double>(out.size()) / (frames * volume);
  return out;
}

Mat3 DensityMap::MeanCell() const {
  Mat3 out = cell_sum_;
  for (Vec3& row : out) row = (1.0 / static_cast<double>(std::max<size_t>(1, frames_))) * row;
  return out;
}

double DensityMap::Spacing() const {
  double widest = 0.0;
  for (size_t k = 0; k < 3; ++k)
    widest = std::max(widest,
                      Norm(cell_sum_[k]) / (static_cast<double>(std::max<size_t>(1, frames_) * shape_[k])));
  return widest;
}

double DensityMap::HalfShare() const {
  auto sorted = counts_;
  std::sort(sorted.rbegin(), sorted.rend());
  double total = 0.0, sum = 0.0;
  for (uint32_t c : sorted) total += c;
  size_t boxes = 0;
  while (boxes < sorted.size() && sum < 0.5 * total) sum += sorted[boxes++];
  return static_cast<double>(boxes) / static_cast<double>(sorted.size());
}

std::string DensityMap::CubeText() const {
  const double frames = static_cast<double>(std::max<size_t>(1, frames_));
  std::string text = fmt::format(
      "density of {}\nions per cubic Bohr radius, mean of {} frames\n    1 0 0 0\n", species_, frames_);
  for (size_t k = 0; k < 3; ++k) {
    const Vec3 step = (1.0 / (frames * static_cast<double>(shape_[k]) * units::kBohr)) * cell_sum_[k];
    text += fmt::format("{:5d} {:.8f} {:.8f} {:.8f}\n", shape_[k], step[0], step[1], step[2]);
  }
  // The format wants an atom: a ghost without charge at the origin.
  text += "    0 0.0 0.0 0.0 0.0\n";
  const double scale = units::kBohr * units::kBohr * units::kBohr;
  const auto density = Density();
  for (size_t k = 0; k < density.size(); ++k) {
    text += fmt::format("{:.5e}", density[k] * scale);
    const bool line_ends = (k % shape_[2]) % 6 == 5 || k % shape_[2] == shape_[2] - 1;
    text += line_ends ? '\n' : ' ';
  }
  return text;
}

}  // namespace superion::analysis
