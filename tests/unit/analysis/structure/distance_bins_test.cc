// Distances by nearest images and by cells, against the neighbor list of core.
#include "analysis/structure/distance_bins.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/neighbor_list.h"
#include "tests/science/structure_models.h"

namespace superion::analysis {
namespace {

const Mat3 kSkew{{{9.0, 0.0, 0.0}, {-5.0, 8.0, 0.0}, {3.0, -2.0, 10.0}}};

std::vector<uint32_t> FromNeighborList(const Snapshot& frame, const DistanceBins& bins) {
  Structure structure;
  structure.cell = frame.cell;
  structure.positions = frame.positions;
  structure.species.assign(frame.positions.size(), "Li");
  const auto list = BuildNeighborList(structure, bins.r_max());
  EXPECT_TRUE(list.ok()) << list.status();
  std::vector<uint32_t> histogram(bins.n, 0);
  for (size_t i = 0; i < structure.size(); ++i) {
    for (int k = list->first[i]; k < list->first[i + 1]; ++k) {
      const Vec3 d = structure.positions[size_t(list->neighbor[size_t(k)])] + list->shift[size_t(k)] -
                     structure.positions[i];
      const auto bin = static_cast<size_t>(Norm(d) / bins.width);
      if (bin < bins.n) ++histogram[bin];
    }
  }
  return histogram;
}

std::vector<size_t> All(size_t n) {
  std::vector<size_t> out(n);
  for (size_t i = 0; i < n; ++i) out[i] = i;
  return out;
}

TEST(DistanceBinsTest, NearestImagesInASkewCell) {
  const auto frame = IdealGas(300, kSkew, 1, 1)[0];
  const DistanceBins bins{0.1, static_cast<size_t>(InscribedRadius(kSkew) / 0.1)};
  ASSERT_GT(bins.n, 20u);
  const auto points = Fractional(frame.positions, All(300), Inverse(kSkew));
  std::vector<uint32_t> histogram(bins.slots(), 0);
  for (size_t i = 0; i < 300; ++i) {
    AddMinimumImageDistances(points, 0, i, points[i], kSkew, bins, histogram.data());
    AddMinimumImageDistances(points, i + 1, 300, points[i], kSkew, bins, histogram.data());
  }
  histogram.resize(bins.n);
  EXPECT_EQ(histogram, FromNeighborList(frame, bins));
}

TEST(DistanceBinsTest, AllImagesBeyondTheCell) {
  for (const size_t atoms : {1u, 3u, 60u}) {
    const auto frame = IdealGas(atoms, kSkew, 1, 2)[0];
    const DistanceBins bins{0.2417, 60};  // several cells; no distance of lattice points is an edge
    const auto points = Fractional(frame.positions, All(atoms), Inverse(kSkew));
    std::vector<uint32_t> histogram(bins.slots(), 0);
    AddImageDistances(points, points, true, kSkew, bins, histogram.data());
    histogram.resize(bins.n);
    EXPECT_EQ(histogram, FromNeighborList(frame, bins)) << atoms;
  }
}

}  // namespace
}  // namespace superion::analysis
