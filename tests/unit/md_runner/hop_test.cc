// A vacancy in a Lennard-Jones crystal: what symmetry says about its hop.
#include "md_runner/hop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analytic_forces.h"
#include "md_runner/potential_surface.h"

namespace superion {
namespace {

struct VacancyHop {
  Structure initial, final;  // atom 0 sits on one or the other side of the vacancy
  Vec3 step{};
};

VacancyHop ArgonVacancy() {
  VacancyHop hop;
  hop.initial = Argon(3);
  // The atom nearest to the first is its neighbour in the cell; it leaves, the first takes its place.
  const Vec3 hole = hop.initial.positions[1];
  hop.initial.positions.erase(hop.initial.positions.begin() + 1);
  hop.initial.species.pop_back();
  hop.final = hop.initial;
  hop.step = hole - hop.initial.positions[0];
  hop.final.positions[0] = hole;
  return hop;
}

HopOptions Tight() {
  HopOptions options;
  options.ends.force_tolerance = 1e-4;
  options.band.force_tolerance = 5e-4;
  options.band.images = 5;
  options.band.spring = 0.1;
  options.band.climb_below = 0.02;
  // Argon is soft and its forces small.
  options.band.fire = options.ends.fire = {0.5, 3.0, 0.1};
  return options;
}

TEST(HopTest, AVacancyHopsOverTheSymmetricPoint) {
  const VacancyHop v = ArgonVacancy();
  LennardJonesForces lj(v.initial.size(), {});
  const Hop hop = *FindHop(v.initial, v.final, &lj, Tight());
  ASSERT_TRUE(hop.band.converged) << hop.band.max_force;
  ASSERT_EQ(hop.band.saddle, 3);
  EXPECT_NEAR(hop.barrier_forward(), hop.barrier_backward(), 1e-6);
  EXPECT_NEAR(hop.final.point.energy, hop.initial.point.energy, 1e-6);
  // An independent way to the saddle: the point half-way, relaxed; symmetry keeps the atom in the middle.
  Structure middle = v.initial;
  middle.positions[0] += 0.5 * v.step;
  MinimizeOptions relax;
  relax.force_tolerance = 1e-5;
  relax.fire = {0.5, 2.0, 0.1};
  relax.max_steps = 300;
  LennardJonesForces again(v.initial.size(), {});
  const Minimum top =
      *Minimize(MakePotentialSurface(&again, middle.cell), ToCoordinates(middle.positions), relax);
  EXPECT_NEAR(hop.barrier_forward(), top.point.energy - hop.initial.point.energy, 1e-4);
  EXPECT_GT(hop.barrier_forward(), 0.02);
  EXPECT_NEAR(hop.profile().Highest().energy, hop.barrier_forward(), 1e-6);
  // A saddle of first order, its mode carried by the atom that hops along its step.
  ASSERT_EQ(hop.modes.size(), 2u);
  EXPECT_LT(hop.modes[0].eigenvalue, 0.0);
  EXPECT_GT(hop.modes[1].eigenvalue, 0.0);
  const Vec3 mode = ToPositions(hop.modes[0].vector)[0];
  EXPECT_GT(std::abs(Dot(mode, v.step)) / Norm(v.step), 0.8);
}

TEST(HopTest, RefusesEndsThatDoNotFit) {
  VacancyHop v = ArgonVacancy();
  LennardJonesForces lj(v.initial.size(), {});
  const auto error = [&](const Structure& final) {
    return std::string(FindHop(v.initial, final, &lj, Tight()).status().message());
  };
  Structure other = v.final;
  other.species[4] = "Ne";
  EXPECT_THAT(error(other), testing::HasSubstr("atom 5 is Ar in one, Ne in the other"));
  other = v.final;
  other.cell[1][1] += 0.1;
  EXPECT_THAT(error(other), testing::HasSubstr("need one cell: vector 2 differs by 0.1"));
  other = v.final;
  other.positions.pop_back();
  other.species.pop_back();
  EXPECT_THAT(error(other), testing::HasSubstr("hold 107 and 106 atoms"));
  EXPECT_THAT(error(v.initial), testing::HasSubstr("relax to one minimum"));
}

// Atoms written on the other side of the cell are the same atoms.
TEST(PotentialSurfaceTest, NearestImages) {
  const Mat3 cell = {{{5, 0, 0}, {4.5, 6, 0}, {0, 0, 7}}};
  const std::vector<Vec3> initial = {{0.1, 0.2, 6.9}, {1, 1, 1}};
  const std::vector<Vec3> moved = {Vec3{0.4, 0.1, 6.8} + Vec3{-2, 1, 3} * cell, {1.5, 1, 1}};
  const auto back = NearestImages(initial, moved, cell);
  EXPECT_LT(Norm(back[0] - Vec3{0.4, 0.1, 6.8}), 1e-12);
  EXPECT_LT(Norm(back[1] - moved[1]), 1e-12);
}

TEST(PotentialSurfaceTest, ForcesAreDerivativesOfTheEnergy) {
  const Structure s = Argon(2, 0.1);
  LennardJonesForces lj(s.size(), {});
  const EnergySurface surface = MakePotentialSurface(&lj, s.cell);
  const Coordinates x = ToCoordinates(s.positions);
  EXPECT_EQ(ToPositions(x), s.positions);
  Coordinates up = x, down = x;
  up[10] += 1e-4;
  down[10] -= 1e-4;
  const auto p = *surface({x, up, down});
  EXPECT_NEAR(p[0].forces[10], -(p[1].energy - p[2].energy) / 2e-4, 1e-7);
}

}  // namespace
}  // namespace superion
