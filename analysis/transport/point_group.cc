#include "analysis/transport/point_group.h"

#include <spglib.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

namespace superion::analysis {
namespace {

constexpr size_t kLargestGroup = 48;  // crystallographic point groups in three dimensions

struct FreeDataset {
  void operator()(SpglibDataset* dataset) const { spg_free_dataset(dataset); }
};

Mat3 Transposed(const Mat3& m) {
  Mat3 out;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) out[i][j] = m[j][i];
  }
  return out;
}

Mat3 Product(const Mat3& a, const Mat3& b) { return {a[0] * b, a[1] * b, a[2] * b}; }

double LargestDifference(const Mat3& a, const Mat3& b) {
  double largest = 0.0;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) largest = std::max(largest, std::abs(a[i][j] - b[i][j]));
  }
  return largest;
}

// The orthogonal matrix nearest to `m` (Higham's iteration): a cell that is symmetric only within the
// tolerance gives rotations that are not quite orthogonal.
Mat3 Orthogonalised(Mat3 m) {
  for (int iteration = 0; iteration < 20; ++iteration) {
    const Mat3 other = Transposed(Inverse(m));
    for (size_t i = 0; i < 3; ++i) m[i] = 0.5 * (m[i] + other[i]);
  }
  return m;
}

bool Contains(const std::vector<Mat3>& list, const Mat3& m) {
  return std::any_of(list.begin(), list.end(),
                     [&](const Mat3& have) { return LargestDifference(have, m) < 1e-4; });
}

constexpr Mat3 kIdentity{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

}  // namespace

absl::StatusOr<PointGroup> FindPointGroup(const Mat3& cell, const std::vector<Vec3>& positions,
                                          const std::vector<std::string>& species,
                                          double tolerance_angstrom) {
  if (positions.empty() || positions.size() != species.size())
    return InvalidArgument("point group: {} positions and {} species were given", positions.size(),
                           species.size());
  if (std::abs(Determinant(cell)) < 1e-6)
    return InvalidArgument("point group: the cell has no volume, its vectors lie in a plane");
  const Mat3 inverse = Inverse(cell);
  const std::set<std::string> names(species.begin(), species.end());
  std::vector<std::array<double, 3>> fractional;
  std::vector<int> types;
  for (size_t i = 0; i < positions.size(); ++i) {
    fractional.push_back(positions[i] * inverse);
    types.push_back(static_cast<int>(std::distance(names.begin(), names.find(species[i]))));
  }
  double columns[3][3];
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) columns[i][j] = cell[j][i];
  }
  // Of a supercell only those rotations would be listed that the supercell has too: go to the primitive cell,
  // in the orientation of the input.
  auto* const points = reinterpret_cast<double(*)[3]>(fractional.data());
  const int n = spg_standardize_cell(columns, points, types.data(), static_cast<int>(types.size()), 1, 1,
                                     tolerance_angstrom);
  const std::unique_ptr<SpglibDataset, FreeDataset> found(
      n > 0 ? spg_get_dataset(columns, points, types.data(), n, tolerance_angstrom) : nullptr);
  if (!found)
    return NotFound("point group: none found for {} atoms with a tolerance of {} Å: {}", positions.size(),
                    tolerance_angstrom, spg_get_error_message(spg_get_error_code()));
  PointGroup out;
  out.symbol = found->pointgroup_symbol;
  out.symbol.erase(out.symbol.find_last_not_of(' ') + 1);
  Mat3 lattice;
  for (size_t i = 0; i < 3; ++i) lattice[i] = {columns[i][0], columns[i][1], columns[i][2]};
  const Mat3 reciprocal = Inverse(lattice);
  for (int k = 0; k < found->n_operations; ++k) {
    Mat3 w;
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 3; ++j) w[i][j] = found->rotations[k][i][j];
    }
    const Mat3 r = Orthogonalised(Product(Product(lattice, w), reciprocal));
    if (!Contains(out.rotations, r)) out.rotations.push_back(r);
  }
  return out;
}

absl::StatusOr<PointGroup> FrameworkPointGroup(const IonTrajectory& seed, const Mat3& cell,
                                               const std::vector<std::string>& mobile,
                                               double tolerance_angstrom) {
  const auto centre = FrameworkCentre(seed, mobile);
  const auto frames = static_cast<double>(seed.n_frames());
  std::vector<Vec3> positions;
  std::vector<std::string> species;
  std::vector<double> x;
  for (size_t i = 0; i < seed.species.size(); ++i) {
    if (std::find(mobile.begin(), mobile.end(), seed.species[i]) != mobile.end()) continue;
    Vec3 mean{};
    for (size_t c = 0; c < 3; ++c) {
      SUPERION_RETURN_IF_ERROR(seed.Path(3 * i + c, &x));
      for (size_t k = 0; k < x.size(); ++k) mean[c] += (x[k] - centre[c][k]) / frames;
    }
    positions.push_back(mean);
    species.push_back(seed.species[i]);
  }
  if (positions.empty()) return NotFound("point group: every species of {} is mobile", seed.origin);
  return FindPointGroup(cell, positions, species, tolerance_angstrom);
}

absl::StatusOr<PointGroup> GroupOf(const std::vector<Mat3>& generators) {
  for (size_t g = 0; g < generators.size(); ++g) {
    if (LargestDifference(Product(generators[g], Transposed(generators[g])), kIdentity) > 1e-6)
      return InvalidArgument("rotations: matrix {} is not orthogonal", g + 1);
  }
  PointGroup out{"given", {kIdentity}};
  for (size_t k = 0; k < out.rotations.size(); ++k) {
    for (const Mat3& generator : generators) {
      const Mat3 next = Product(generator, out.rotations[k]);
      if (Contains(out.rotations, next)) continue;
      if (out.rotations.size() == kLargestGroup)
        return InvalidArgument("rotations: the {} given ones generate more than {}, no crystal has that",
                               generators.size(), kLargestGroup);
      out.rotations.push_back(next);
    }
  }
  return out;
}

}  // namespace superion::analysis
