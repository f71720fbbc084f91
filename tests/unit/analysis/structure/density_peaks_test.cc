#include "analysis/structure/density_peaks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/structure/density_map.h"
#include "tests/science/structure_models.h"

namespace superion::analysis {
namespace {

// Ions that vibrate by 0.3 Å about sites of a triclinic cell: as many maxima as sites, where they are.
TEST(DensityPeaksTest, FindsTheSitesOfVibratingIons) {
  const Mat3 cell{{{10, 0, 0}, {1.5, 9, 0}, {-1, 2, 8}}};
  const std::vector<Vec3> sites{{0.02, 0.98, 0.5}, {0.5, 0.5, 0.5}, {0.25, 0.6, 0.1}, {0.75, 0.1, 0.8}};
  const auto atoms = AtomsOf({{"Li", sites.size()}});
  DensityMap map(atoms, "Li", cell, 0.2);
  Random random(5);
  for (size_t f = 0; f < 4000; ++f) {
    std::vector<Vec3> positions;
    for (const Vec3& s : sites)
      positions.push_back(s * cell + 0.3 * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()});
    const Snapshot frame = SnapshotOf(cell, positions, f);
    map.Add({&frame, 1});
  }
  const auto found = DensityMaxima(map.Density(), map.shape(), map.MeanCell(), {});
  ASSERT_EQ(found.size(), sites.size());
  const Mat3 inverse = Inverse(cell);
  for (const Vec3& site : sites) {
    double nearest = 1e9;
    for (const Vec3& f : found)
      nearest = std::min(nearest, Norm(MinimumImage((f - site) * cell, cell, inverse)));
    EXPECT_LT(nearest, 0.08);
  }
}

TEST(DensityPeaksTest, NothingInAnEmptyCell) {
  EXPECT_TRUE(DensityMaxima(std::vector<double>(27, 0.0), {3, 3, 3}, {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {})
                  .empty());
}

}  // namespace
}  // namespace superion::analysis
