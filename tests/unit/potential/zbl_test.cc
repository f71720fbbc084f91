#include "potential/zbl.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/units.h"
#include "reference_model.h"

namespace superion {
namespace {

ModelArchitecture Argyrodite() {
  ModelArchitecture a;
  a.species = {"Li", "S", "Cl"};
  return a;
}

TEST(Zbl, NearTheNucleusItIsTheBareCoulombRepulsion) {
  const ZblCore core(Argyrodite(), 0.7);
  double slope;
  // The amplitudes add up to one, and the screening and the switch are 1 at r = 0.
  EXPECT_NEAR(core.Pair(0, 1, 1e-8, &slope) * 1e-8, units::kCoulomb * 3 * 16, 1e-4);
}

TEST(Zbl, SlopeIsTheDifferenceQuotientAndTheRangeIsSmooth) {
  const ZblCore core(Argyrodite(), 0.7);
  double slope, unused;
  const double range = core.range(1, 2);
  EXPECT_NEAR(range, 0.7 * (1.05 + 1.02), 1e-12);
  for (double r = 0.2; r < range; r += 0.0917) {
    const double quotient = (core.Pair(1, 2, r + 1e-5, &unused) - core.Pair(1, 2, r - 1e-5, &unused)) / 2e-5;
    core.Pair(1, 2, r, &slope);
    EXPECT_NEAR(slope, quotient, 1e-6 * std::abs(quotient) + 1e-6);
    EXPECT_LT(slope, 0.0);
  }
  EXPECT_EQ(core.Pair(1, 2, range, &slope), 0.0);
  EXPECT_LT(core.Pair(1, 2, range - 1e-4, &slope), 1e-8);
  EXPECT_EQ(ZblCore(Argyrodite(), 0.0).Pair(0, 0, 0.3, &slope), 0.0);
}

TEST(Zbl, SumsOfPairsHaveMatchingForcesAndVirial) {
  const ZblCore core(Argyrodite(), 0.9);
  reference::Box box = reference::RandomBox(9, 3, 3.4, 0.9, 3);
  const auto energy = [&](const reference::Box& b) {
    return core.Add(b.species, reference::Pairs(b, 3.0), nullptr, nullptr, nullptr);
  };
  std::vector<double> atoms(9, 0.0);
  std::vector<Vec3> forces(9, Vec3{0, 0, 0});
  Mat3 virial{};
  const double total =
      core.Add(box.species, reference::Pairs(box, 3.0), atoms.data(), forces.data(), &virial);
  double sum = 0.0;
  for (const double e : atoms) sum += e;
  EXPECT_GT(total, 0.1);
  EXPECT_NEAR(total, sum, 1e-12 * total);
  for (int i = 0; i < 9; ++i)
    for (int a = 0; a < 3; ++a) {
      reference::Box plus = box, minus = box;
      plus.positions[i][a] += 1e-5, minus.positions[i][a] -= 1e-5;
      const double expected = -(energy(plus) - energy(minus)) / 2e-5;
      EXPECT_NEAR(forces[i][a], expected, 1e-6 * std::max(1.0, std::abs(expected)));
    }
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      const auto strained = [&](double e) {
        reference::Box s = box;
        for (Vec3& x : s.positions) x[b] += e * x[a];
        for (Vec3& x : s.cell) x[b] += e * x[a];
        return energy(s);
      };
      const double expected = -(strained(1e-6) - strained(-1e-6)) / 2e-6;
      EXPECT_NEAR(virial[a][b], expected, 1e-5 * std::max(1.0, std::abs(expected)));
    }
}

}  // namespace
}  // namespace superion
