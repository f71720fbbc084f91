// T-18 and T-19: conductivity from the current in a field (conductivity.md, section 14).
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/series/distributions.h"
#include "analysis/series/ion_trajectory.h"
#include "tests/science/driven_ions.h"

namespace superion::analysis {
namespace {

// T-18: J = 2 n q a G sinh x at every field, and the extrapolation to zero field.
TEST(ScienceT18FieldHopping, CurrentAtEveryField) {
  const HoppingIons ions;
  Random random(18);
  // x = 0.25, 0.5, 1: the ratio J/E to that of zero field is sinh(x)/x, up to 1.175.
  const double field = 2.0 * units::kBoltzmann * ions.temperature_k / (ions.charge * ions.length);
  ASSERT_NEAR(ions.x(field), 1.0, 1e-12);
  const auto points = Protocol(ions, field, 2, 40000, 0.05, &random);
  ASSERT_EQ(points.size(), 3u);
  for (const auto& p : points) {
    EXPECT_TRUE(p.paired);
    EXPECT_EQ(p.runs, 4u);
    EXPECT_NEAR(p.current, ions.current(p.field), 3.0 * p.s) << p.field;
    EXPECT_NEAR(p.even, 0.0, 3.0 * p.s) << p.field;
    EXPECT_LT(p.s / p.current, 0.05);
    // Skellam noise: variance q² a² 2 n G cosh(x) per time.
    const double x = ions.x(p.field);
    const double exact = ions.charge * ions.charge * ions.length * ions.length * 2.0 * ions.n * ions.rate;
    EXPECT_NEAR(p.scatter / (exact * std::cosh(x)), 1.0, 3.0 * std::sqrt(2.0 / p.dof)) << p.field;
  }
}

TEST(ScienceT18FieldHopping, ExtrapolatesToZeroFieldAndSeesTheNonlinearity) {
  const HoppingIons ions;
  Random random(181);
  const double field = 1.5 * 2.0 * units::kBoltzmann * ions.temperature_k / (ions.charge * ions.length);
  const NemdFit strong = *FitCurrent(Protocol(ions, field, 4, 40000, 0.05, &random));
  EXPECT_EQ(strong.linearity, Linearity::kNonlinear)
      << strong.nonlinearity << " +- " << strong.s_nonlinearity;
  // sinh(x)/x is the truth here: the conductivity and the charge-length come back.
  EXPECT_NEAR(strong.sinh->sigma / ions.sigma(), 1.0, 3.0 * strong.sinh->s_sigma / ions.sigma());
  const double length = strong.sinh->charge_length(ions.temperature_k);
  EXPECT_NEAR(length, ions.charge * ions.length, 3.0 * length * strong.sinh->s_b / strong.sinh->b);
  EXPECT_LT(strong.sinh->s_b / strong.sinh->b, 0.1);
  // The largest field alone, as one field is often used, would be 42 % too high.
  EXPECT_NEAR(ions.current(field) / field * kCurrentPerField / ions.sigma(), std::sinh(1.5) / 1.5, 1e-12);
  // The cubic fit leaves the fifth order: x⁴/120 with weights; less than 1.5 % here.
  EXPECT_NEAR(strong.cubic->sigma / ions.sigma(), 1.0, 0.015 + 3.0 * strong.cubic->s_sigma / ions.sigma());
}

// Without noise the fits are exact.
TEST(ScienceT18FieldHopping, FitsWithoutNoise) {
  const HoppingIons ions;
  std::vector<FieldPoint> points(3);
  for (size_t k = 0; k < 3; ++k) {
    points[k].field = 0.01 * std::pow(2.0, static_cast<double>(k));
    points[k].current = ions.current(points[k].field);
    points[k].s = 1e-9;
  }
  const NemdFit fit = *FitCurrent(points);
  EXPECT_NEAR(fit.sinh->sigma / ions.sigma(), 1.0, 1e-8);
  EXPECT_NEAR(fit.sinh->charge_length(ions.temperature_k), ions.charge * ions.length, 1e-4);
  for (auto& p : points) p.current = 2.0 * p.field - 30.0 * std::pow(p.field, 3);
  const PowerFit cubic = *FitCurrent(points)->cubic;
  EXPECT_NEAR(cubic.sigma, 2.0 * kCurrentPerField, 1e-8);
  EXPECT_NEAR(cubic.sigma3, -30.0 * kCurrentPerField, 1e-5);
  EXPECT_NEAR(cubic.chi2, 0.0, 1e-6);
}

// T-19: J/E = n q²/(m γ) at every field, linear, from the switch-on of the field.
TEST(ScienceT19LangevinField, ConductivityAtEveryField) {
  const LangevinIons ions;
  Random random(19);
  const auto points = Protocol(ions, 0.02, 2, 20000, 0.05, &random);
  const NemdFit fit = *FitCurrent(points);
  for (const auto& p : points) {
    EXPECT_NEAR(p.current / p.field * kCurrentPerField / ions.sigma(), 1.0, 3.0 * p.s / p.current) << p.field;
    EXPECT_TRUE(p.steady && p.uncorrelated);
    EXPECT_GT(p.p_seeds, 0.003);
    EXPECT_NEAR(p.noise_temperature_k / ions.temperature_k, 1.0,
                3.0 * std::hypot(std::sqrt(2.0 / p.dof), p.s / p.current));
  }
  EXPECT_NEAR(fit.cubic->sigma / ions.sigma(), 1.0, 3.0 * fit.cubic->s_sigma / ions.sigma());
  EXPECT_NE(fit.linearity, Linearity::kNonlinear);
  EXPECT_NEAR(fit.linear.sigma / ions.sigma(), 1.0, 3.0 * fit.linear.s_sigma / ions.sigma());
  EXPECT_LT(fit.linear.s_sigma / ions.sigma(), 0.02);
}

// Var(Jbar) = 2 σ kT/(V t), and the error bar says so: over replicas the scatter of (J - truth)/s is that of
// Student's t.
TEST(ScienceT19LangevinField, ErrorBarsAreThoseOfTheCurrent) {
  const LangevinIons ions;
  const double field = 0.01, h = 0.1;
  double square = 0.0, exact = 0.0, inside = 0.0, dof = 0.0;
  constexpr int kReplicas = 400;
  for (int k = 0; k < kReplicas; ++k) {
    Random random(DeriveSeed(191, std::to_string(k)));
    const SteadyCurrent run = *AnalyzeSteadyCurrent(ions.Dipole(field, h, 1000, &random), h);
    const double truth = ions.sigma() / kCurrentPerField * field * ions.volume;
    const double error = run.rate - truth;
    const double variance = 2.0 * ions.sigma() / kCurrentPerField * units::kBoltzmann * ions.temperature_k *
                            ions.volume / run.kept_ps;
    const FieldPoint point = (*PoolFields({{field, run}}, ions.volume))[0];
    square += error * error / variance / kReplicas;
    exact += point.scatter / run.kept_ps / variance / kReplicas;
    dof += point.dof / kReplicas;
    inside += std::abs(error) < StudentQuantile(0.975, point.dof) * ions.volume * point.s;
  }
  // The true variance at finite time is lower by the share τ/t of the relaxation: below 1 %.
  EXPECT_NEAR(square, 1.0, 3.0 * std::sqrt(2.0 / kReplicas));
  EXPECT_NEAR(exact, 1.0, 0.03 + 3.0 * std::sqrt(2.0 / (kReplicas * dof)));
  EXPECT_NEAR(inside / kReplicas, 0.95, 0.02 + 2.0 * std::sqrt(0.95 * 0.05 / kReplicas));
}

// The start of a run, before the ions drift, is not in the mean: a switch-on that takes 20 ps.
TEST(ScienceT19LangevinField, TheSwitchOnIsDiscarded) {
  LangevinIons slow;
  slow.friction = 0.05;
  slow.temperature_k = 1.0;
  Random random(192);
  const SteadyCurrent run = *AnalyzeSteadyCurrent(slow.Dipole(0.001, 0.1, 10000, &random), 0.1);
  const double truth = slow.sigma() / kCurrentPerField * 0.001 * slow.volume;
  EXPECT_GT(run.discarded_ps, 60.0);
  EXPECT_NEAR(run.rate / truth, 1.0, 0.01);
}

TEST(ScienceT19LangevinField, PlanningFigures) {
  // conductivity.md, section 7: 25 Å cube, 600 K, 1 S/m, 10 ps; 1 S/m at 0.01 V/Å is 1e16 W/m³, 5 K/ns.
  EXPECT_NEAR(BreakEvenField(1.0, 15625.0, 600.0, 10.0), 0.023, 0.0005);
  EXPECT_NEAR(JoulePower(1.0, 0.01), 1e16, 1e6);
  EXPECT_NEAR(HeatingRate(1.0, 0.01, 20.0 * 1000, 1000), 4.83, 0.01);
  EXPECT_NEAR(kCurrentPerField, 1602.176634, 1e-3);
}

// A drifting crowd moves as the crowd at rest once its drift is removed, wherever its paths lie.
TEST(ScienceT19LangevinField, DriftIsRemovedFromTrajectories) {
  const auto frames = [](size_t first, size_t last) {
    IonTrajectory out;
    out.species = {"Li", "Li", "Cl"};
    out.masses_u = {6.94, 6.94, 35.45};
    out.positions.resize(9);
    for (size_t k = first; k < last; ++k) {
      const auto t = static_cast<double>(k);
      for (auto& row : out.positions) row.push_back(0.0);
      out.positions[0].back() = 3.0 + 2.0 * t + (k == 2 ? 0.5 : 0.0);
      out.positions[3].back() = 1.0 + 2.0 * t;
      out.positions[7].back() = -1.0 * t;
    }
    out.sums = SpeciesPaths(out);
    return out;
  };
  IonTrajectory in_memory = frames(0, 5), in_chunks = frames(0, 2);
  in_memory.sums.clear();
  in_chunks.Append(frames(1, 5), 1);
  IonTrajectory cut = frames(0, 3);
  cut.Append(frames(3, 6), 0);
  cut.DropFront(1);
  for (IonTrajectory* ions : {&in_memory, &in_chunks, &cut}) {
    const size_t shift = ions == &cut ? 1 : 0;
    RemoveDrift(ions);
    std::vector<double> x[3];
    for (size_t i = 0; i < 3; ++i) ASSERT_TRUE(ions->Path(3 * i + (i == 2 ? 1 : 0), &x[i]).ok());
    ASSERT_EQ(x[0].size(), 5u);
    for (size_t k = 0; k < 5; ++k) {
      const double from = static_cast<double>(shift);
      EXPECT_NEAR(x[0][k], 3.0 + 2.0 * from + (k + shift == 2 ? 0.5 : 0.0), 1e-12);
      EXPECT_NEAR(x[1][k], 1.0 + 2.0 * from, 1e-12);
      EXPECT_NEAR(x[2][k], -1.0 * from, 1e-12);
    }
    for (const SpeciesPath& path : SpeciesPaths(*ions))
      EXPECT_NEAR(path.displacement[path.species == "Li" ? 0 : 1].back(), 0.0, 1e-12) << path.species;
  }
}

}  // namespace
}  // namespace superion::analysis
