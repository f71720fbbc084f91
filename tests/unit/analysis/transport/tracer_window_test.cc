#include "analysis/transport/tracer_window.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/series/distributions.h"
#include "analysis/transport/tracer.h"
#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

// Free walkers that rattle: <dr²> = 6 D t + 6 a² (1 - exp(-t/τ)).
struct Rattle {
  double amplitude_angstrom = 0.0, relaxation_ps = 0.0;
};

void AddRattle(const IonModel& model, const Rattle& rattle, Random* random, IonTrajectory* out) {
  const double keep = std::exp(-model.interval_ps / rattle.relaxation_ps);
  for (size_t row = 0; row < 3 * model.n_mobile; ++row) {
    double u = rattle.amplitude_angstrom * random->Gaussian();
    for (double& x : out->positions[row]) {
      x += u;
      u = keep * u + std::sqrt(1.0 - keep * keep) * rattle.amplitude_angstrom * random->Gaussian();
    }
  }
}

struct Outcome {
  double inside = 0.0, mean = 0.0, sd = 0.0, predicted = 0.0, start_ps = 0.0, defined = 0.0;
};

// Of many draws: how often the 95 % interval of D* holds the true value.
Outcome Repeat(const IonModel& model, const Rattle& rattle, int n_seeds, int draws) {
  Outcome out;
  double square = 0.0;
  for (int draw = 0; draw < draws; ++draw) {
    auto seeds = BrownianSeeds(model, 0.0, n_seeds, 100 + static_cast<uint64_t>(draw));
    Random random(static_cast<uint64_t>(7000 + draw));
    if (rattle.relaxation_ps > 0.0) {
      for (auto& seed : seeds) AddRattle(model, rattle, &random, &seed);
    }
    const auto tracer = AnalyzeTracer(seeds, {{{"Li", 1.0}, {"Cl", -1.0}}, {"Li"}, 0.0, 1.0, 0.0, 2}).value();
    for (const auto& motion : tracer.species) {
      if (!motion.d_angstrom2_per_ps) continue;
      const double d = *motion.d_angstrom2_per_ps / model.diffusion;
      const double t = StudentQuantile(0.975, tracer.haven_dof);
      out.defined += 1.0;
      out.inside += std::abs(std::log(d)) <= t * motion.s_d ? 1.0 : 0.0;
      out.mean += d, square += d * d, out.predicted += motion.s_d, out.start_ps += tracer.fit_first_ps;
    }
  }
  out.inside /= out.defined, out.mean /= out.defined, out.predicted /= out.defined,
      out.start_ps /= out.defined;
  out.sd = std::sqrt(square / out.defined - out.mean * out.mean);
  return out;
}

IonModel ShortRun() {
  IonModel model;
  model.n_mobile = 64, model.n_framework = 8, model.n_frames = 140;
  model.interval_ps = 0.1, model.diffusion = 0.14;
  return model;
}

IonModel LongRun() {
  IonModel model = ShortRun();
  model.n_mobile = 16, model.n_frames = 2000;
  return model;
}

TEST(TracerWindowTest, FreeWalkersAreFittedFromTheirFirstLags) {
  const Outcome free = Repeat(LongRun(), {}, 4, 20);
  EXPECT_EQ(free.defined, 20.0);
  EXPECT_GE(free.inside, 0.8);
  EXPECT_NEAR(free.mean, 1.0, 0.02);
  EXPECT_LT(free.sd, 0.03);
}

// A run as first-principles MD gives them: one seed of 14 ps, a rattle that makes a lag of 0.1 ps three times
// as steep as diffusion is.
TEST(TracerWindowTest, ARattleInAShortRunIsLeftOut) {
  const Outcome rattle = Repeat(ShortRun(), {0.45, 0.3}, 1, 20);
  EXPECT_EQ(rattle.defined, 20.0);
  EXPECT_GE(rattle.inside, 0.85);
  EXPECT_NEAR(rattle.mean, 1.0, 0.1);
  EXPECT_GT(rattle.start_ps, 0.6);
}

TEST(TracerWindowTest, ASlowRattleIsLeftOutOrTheIntervalGrows) {
  const Outcome rattle = Repeat(LongRun(), {0.45, 3.0}, 4, 20);
  EXPECT_GE(rattle.inside, 0.85);
  EXPECT_NEAR(rattle.mean, 1.0, 0.05);
  const Outcome slower = Repeat(LongRun(), {0.9, 10.0}, 4, 20);
  EXPECT_GE(slower.inside, 0.75);
  EXPECT_GT(slower.predicted, 0.08);
}

TEST(TracerWindowTest, TooFewLagsAreNamed) {
  const std::vector<double> line{0.0, 1.0, 2.0, 3.0};
  const BlockedSums sums = BlockedDisplacement(Components{line, line, line}, {1, 2}, 2);
  EXPECT_FALSE(ChooseTracerWindow({&sums}, 1.0, 3, 1, 2).ok());
}

}  // namespace
}  // namespace superion::analysis
