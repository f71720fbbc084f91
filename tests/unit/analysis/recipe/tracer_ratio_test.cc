#include <gtest/gtest.h>

#include <cmath>

#include "analysis/recipe/transport_recipe.h"
#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

// Ten ions of three species that all walk: the framework is B (+2, 30 u) and C (-3, 50 u), not rigid.
struct Walkers {
  IonTrajectory ions;
  std::map<std::string, double> charges{{"Li", 1.0}, {"B", 2.0}, {"C", -3.0}};
  std::vector<SpeciesSums> sums;
  std::vector<IonTrajectory> list;
  std::vector<DipoleSeries> dipoles;
  CollectiveResult collective;
  TracerResult tracer;
  TransportInput input;

  Walkers() {
    ions.origin = "walkers";
    ions.interval_ps = 0.1;
    ions.temperature_k = 600.0;
    ions.volume_angstrom3 = 1000.0;
    const std::vector<std::string> names{"Li", "Li", "Li", "Li", "B", "C", "C"};
    Random random(3);
    for (const auto& name : names) {
      ions.species.push_back(name);
      ions.masses_u.push_back(name == "Li" ? 7.0 : name == "B" ? 30.0 : 50.0);
      for (int c = 0; c < 3; ++c) {
        std::vector<double>& x = ions.positions.emplace_back(400, 0.0);
        for (size_t k = 1; k < x.size(); ++k) x[k] = x[k - 1] + 0.3 * random.Gaussian();
      }
    }
    list = {ions};
    sums = {*SumsOfTrajectory(ions)};
    dipoles = {DipoleOf(sums[0], charges)};
    const double scale = ConductivityScale(1000.0, 600.0);
    collective = *AnalyzeCollective(dipoles, scale, 2.0);
    tracer = *AnalyzeTracer(list, {charges, {"Li"}, 2.0, scale, 0.0, 1});
    input.dipoles = &dipoles;
    input.collective = &collective;
    input.sums = &sums;
    input.ions = &list;
    input.tracer = &tracer;
    input.charges = charges;
    input.mobile = {"Li"};
  }

  // The same by the definition: ions relative to the centre of charge, all origins.
  double ByDefinition(size_t lag) const {
    double sum = 0.0, n = 0.0;
    for (size_t k = 0; k + lag < 400; ++k, n += 1.0) {
      for (size_t i = 0; i < 4; ++i) {
        for (size_t c = 0; c < 3; ++c) {
          const auto relative = [&](size_t frame) {
            double centre = 0.0;
            for (size_t j = 4; j < 7; ++j)
              centre += charges.at(ions.species[j]) * ions.positions[3 * j + c][frame] / -4.0;
            return ions.positions[3 * i + c][frame] - centre;
          };
          const double d = relative(k + lag) - relative(k);
          sum += d * d;
        }
      }
    }
    return collective.scale * sum / n / (6.0 * 0.1 * static_cast<double>(lag));
  }
};

TEST(TracerRatioTest, CentreOfChargeFromSumsIsThatOfTheIons) {
  const Walkers w;
  const TracerRatio curve = TracerRatioCurve(w.input);
  ASSERT_FALSE(curve.charge_frame.empty());
  size_t compared = 0;
  for (size_t l = 0; l < curve.t_ps.size(); ++l) {
    const auto lag = static_cast<size_t>(std::llround(curve.t_ps[l] / 0.1));
    if (lag >= 32) continue;  // beyond, the tracer's curve leaves origins out
    EXPECT_NEAR(curve.charge_frame[l] / w.ByDefinition(lag), 1.0, 1e-9) << lag;
    EXPECT_NE(curve.charge_frame[l], curve.mass_frame[l]);
    ++compared;
  }
  EXPECT_GE(compared, 10u);
}

TEST(TracerRatioTest, MobileIonsInThatFrameAreTheWholeDipole) {
  Walkers w;
  EXPECT_LT(ChargeFrameIdentity(w.input), 1e-9);
  w.input.charges = {{"Li", 1.0}, {"B", 2.0}, {"C", -2.5}};  // not neutral: no identity
  EXPECT_GT(ChargeFrameIdentity(w.input), 0.1);
  w.input.charges = {{"Li", 1.0}, {"B", 2.0}, {"C", -1.0}};  // a framework without a charge
  EXPECT_TRUE(std::isnan(ChargeFrameIdentity(w.input)));
  EXPECT_TRUE(TracerRatioCurve(w.input).charge_frame.empty());
}

// p = k² along x: |p(b L + L) - p(b L)|² = (L² (2 b + 1))².
TEST(TracerRatioTest, BlockEndsAreThoseOfBlocksThatDoNotOverlap) {
  DipoleSeries p{0.5, {{}, {}, {}}};
  for (int k = 0; k < 11; ++k) {
    p.components[0].push_back(k * k);
    p.components[1].push_back(0.0);
    p.components[2].push_back(0.0);
  }
  size_t blocks = 0;
  // Two blocks of five samples, 2.5 ps.
  EXPECT_NEAR(BlockEndRatio({p}, 6.0, 2.5, &blocks), (625.0 + 5625.0) / 2.0 / 2.5, 1e-9);
  EXPECT_EQ(blocks, 2u);
  BlockEndRatio({p}, 6.0, 50.0, &blocks);
  EXPECT_EQ(blocks, 0u);
}

}  // namespace
}  // namespace superion::analysis
