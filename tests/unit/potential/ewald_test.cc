#include "potential/ewald.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/units.h"

namespace superion {
namespace {

Structure Cubic(double a, const std::vector<std::pair<std::string, Vec3>>& sites) {
  Structure s;
  s.cell = Mat3{{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
  for (const auto& [symbol, f] : sites) s.species.push_back(symbol), s.positions.push_back(a * f);
  return s;
}

const std::vector<Vec3> kFaces{{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};

Structure RockSalt(double a) {
  std::vector<std::pair<std::string, Vec3>> sites;
  for (const Vec3& f : kFaces) sites.push_back({"Na", f}), sites.push_back({"Cl", f + Vec3{.5, 0, 0}});
  return Cubic(a, sites);
}

Structure Zincblende(double a) {
  std::vector<std::pair<std::string, Vec3>> sites;
  for (const Vec3& f : kFaces) sites.push_back({"Zn", f}), sites.push_back({"S", f + Vec3{.25, .25, .25}});
  return Cubic(a, sites);
}

std::vector<double> Alternating(size_t n) {
  std::vector<double> q;
  for (size_t i = 0; i < n; ++i) q.push_back(i % 2 == 0 ? 1.0 : -1.0);
  return q;
}

// Nine atoms in a skewed cell; `total` is the charge of the cell.
struct Disordered {
  Structure structure;
  std::vector<double> charges;
};

Disordered Skewed(double total) {
  Disordered d;
  d.structure.cell = Mat3{{{6.1, 0.3, -0.4}, {1.2, 5.4, 0.5}, {-0.7, 0.9, 7.2}}};
  Random random(5);
  double sum = 0.0;
  for (int i = 0; i < 9; ++i) {
    const Vec3 f{i % 3 / 3.0 + 0.03 * random.Gaussian(), i / 3 / 3.0 + 0.03 * random.Gaussian(),
                 i * 0.27 + 0.03 * random.Gaussian()};
    d.structure.positions.push_back(f * d.structure.cell);
    d.structure.species.push_back("Li");
    d.charges.push_back(i == 8 ? total - sum : random.Gaussian());
    sum += d.charges.back();
  }
  return d;
}

ElectrostaticResult Sum(const Structure& s, const std::vector<double>& q, const EwaldOptions& options = {}) {
  const absl::StatusOr<ElectrostaticResult> result = EwaldSum(s, q, options);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : ElectrostaticResult{};
}

TEST(Ewald, ReproducesMadelungConstants) {
  EwaldOptions options;
  options.accuracy = 1e-13;
  const double a = 5.64, nacl = Sum(RockSalt(a), Alternating(8), options).energy / 4;
  EXPECT_NEAR(-nacl * (a / 2) / units::kCoulomb, 1.747564594633, 1e-11);
  const Structure cscl = Cubic(a, {{"Cs", {0, 0, 0}}, {"Cl", {.5, .5, .5}}});
  EXPECT_NEAR(-Sum(cscl, {1, -1}, options).energy * (a * std::sqrt(3.0) / 2) / units::kCoulomb,
              1.762674773071, 1e-11);
  const double zns = Sum(Zincblende(a), Alternating(8), options).energy / 4;
  EXPECT_NEAR(-zns * (a * std::sqrt(3.0) / 4) / units::kCoulomb, 1.638055053389, 1e-11);
  // One charge in its background: the Wigner crystal on a simple cubic lattice.
  const double wigner = Sum(Cubic(a, {{"Li", {.1, .2, .3}}}), {1}, options).energy;
  EXPECT_NEAR(-wigner * 2 * a / units::kCoulomb, 2.837297479481, 1e-11);
}

TEST(Ewald, DoesNotDependOnTheSplit) {
  const Disordered d = Skewed(0.7);
  EwaldOptions options;
  options.accuracy = 1e-12;
  const ElectrostaticResult reference = Sum(d.structure, d.charges, options);
  for (const double alpha : {0.25, 0.5, 0.8}) {
    options.alpha = alpha;
    const ElectrostaticResult other = Sum(d.structure, d.charges, options);
    EXPECT_NEAR(other.energy, reference.energy, 1e-9);
    for (size_t i = 0; i < d.charges.size(); ++i) {
      EXPECT_NEAR(other.potentials[i], reference.potentials[i], 1e-9);
      for (int x = 0; x < 3; ++x) EXPECT_NEAR(other.forces[i][x], reference.forces[i][x], 1e-9);
    }
    for (int x = 0; x < 9; ++x) EXPECT_NEAR(other.virial[x / 3][x % 3], reference.virial[x / 3][x % 3], 1e-8);
  }
}

TEST(Ewald, ForcesVirialAndPotentialsAreSlopesOfTheEnergy) {
  const double h = 1e-4;
  for (const bool real_space : {true, false}) {
    Disordered d = Skewed(0.7);
    EwaldOptions options;
    options.real_space = real_space;
    options.alpha = 0.45;
    const ElectrostaticResult exact = Sum(d.structure, d.charges, options);
    const auto slope = [&](auto&& change) {
      Disordered up = d, down = d;
      change(h, &up), change(-h, &down);
      return (Sum(up.structure, up.charges, options).energy -
              Sum(down.structure, down.charges, options).energy) /
             (2 * h);
    };
    for (const size_t i : {0, 4, 8}) {
      EXPECT_NEAR(slope([&](double t, Disordered* x) { x->charges[i] += t; }), exact.potentials[i], 1e-6);
      for (int a = 0; a < 3; ++a) {
        EXPECT_NEAR(-slope([&](double t, Disordered* x) { x->structure.positions[i][a] += t; }),
                    exact.forces[i][a], 1e-6);
      }
    }
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) {
        const auto strain = [&](double t, Disordered* x) {
          Mat3 m{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
          m[a][b] += t;
          for (Vec3& row : x->structure.cell) row = row * m;
          for (Vec3& r : x->structure.positions) r = r * m;
        };
        EXPECT_NEAR(-slope(strain), exact.virial[a][b], 2e-6) << a << b;
      }
    }
  }
}

TEST(Ewald, TheSmoothPartIsCoulombFarAwayAndFiniteAtContact) {
  Structure pair = Cubic(40, {{"Li", {0, 0, 0}}, {"Cl", {0, 0, .2}}});
  EwaldOptions smooth;
  smooth.alpha = 0.5, smooth.real_space = false;
  EXPECT_NEAR(Sum(pair, {1, -1}, smooth).energy, Sum(pair, {1, -1}).energy, 1e-7);  // erfc(4) = 1.5e-8
  pair.positions[1] = {0, 0, 0};
  EXPECT_NEAR(Sum(pair, {1, -1}, smooth).energy, -2 * units::kCoulomb * 0.5 / std::sqrt(M_PI), 1e-6);
}

TEST(Ewald, SeesWhatNoShortRangedModelCan) {
  // Two ions move apart beyond any cutoff: no environment of 6 Å changes, the energy does, by Coulomb's law.
  std::vector<double> energies, direct;
  for (const double distance : {8.0, 9.0, 10.0}) {
    Structure s = Cubic(60, {{"Li", {0, 0, 0}}, {"Cl", {0, 0, distance / 60}}});
    EwaldOptions smooth;
    smooth.alpha = 0.5, smooth.real_space = false;
    energies.push_back(Sum(s, {1, -1}, smooth).energy), direct.push_back(-units::kCoulomb / distance);
  }
  EXPECT_GT(energies[2] - energies[0], 0.3);                            // eV
  EXPECT_NEAR(energies[2] - energies[0], direct[2] - direct[0], 0.01);  // the rest: periodic images
  EXPECT_NEAR(energies[1] - energies[0], direct[1] - direct[0], 0.01);
}

TEST(Ewald, BadInputIsNamed) {
  Structure s = RockSalt(5);
  EXPECT_FALSE(EwaldSum(s, {1, -1}).ok());
  std::vector<double> q = Alternating(8);
  q[3] = NAN;
  EXPECT_NE(EwaldSum(s, q).status().message().find("atom 4"), std::string::npos);
  s.pbc = {true, true, false};
  EXPECT_FALSE(EwaldSum(s, Alternating(8)).ok());
}

}  // namespace
}  // namespace superion
