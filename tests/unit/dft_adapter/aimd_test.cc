#include "dft_adapter/aimd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/units.h"
#include "core/velocity.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

// Every atom bound to its start by a spring: the closed form of everything is known.
class Springs : public Labeler {
 public:
  Springs(const Structure& rest, double k, int fail_at = -1) : rest_(rest), k_(k), fail_at_(fail_at) {}
  absl::StatusOr<LabelOutcome> Label(const Structure& x, Sequence) override {
    LabelOutcome outcome;
    outcome.frame.structure = x;
    outcome.source = "springs";
    if (calls_++ == fail_at_) {
      outcome.failure = LabelFailure{failure_class::kScf, "made to fail"};
      return outcome;
    }
    double energy = 0.0;
    for (size_t i = 0; i < x.size(); ++i) {
      const Vec3 d = x.positions[i] - rest_.positions[i];
      energy += 0.5 * k_ * Dot(d, d);
      outcome.frame.forces.push_back(-k_ * d);
    }
    outcome.frame.energy = energy;
    return outcome;
  }
  Json Identity() const override { return "springs"; }

 private:
  Structure rest_;
  double k_;
  int fail_at_, calls_ = 0;
};

// With dof degrees of freedom the kinetic energy of the canonical ensemble has mean dof kT/2 and variance dof
// (kT)^2/2.
TEST(Aimd, ThermostatSamplesTheCanonicalKineticEnergy) {
  Random random(11);
  const int dof = 9, n = 200000;
  const double target = 0.5 * dof;  // kT = 1
  double kinetic = 20.0, sum = 0.0, squares = 0.0;
  for (int k = 0; k < 100 + n; ++k) {
    kinetic = RescaledKineticEnergy(kinetic, target, dof, std::exp(-0.5), &random);
    if (k < 100) continue;
    sum += kinetic;
    squares += kinetic * kinetic;
  }
  const double mean = sum / n, variance = squares / n - mean * mean;
  EXPECT_NEAR(mean, 0.5 * dof, 0.03);
  EXPECT_NEAR(variance, 0.5 * dof, 0.12);
}

TEST(Aimd, WithoutCouplingTheThermostatDoesNothing) {
  Random random(1);
  EXPECT_DOUBLE_EQ(RescaledKineticEnergy(3.7, 1.0, 33, 1.0, &random), 3.7);
}

AimdOptions Options() {
  AimdOptions o;
  o.temperature_k = 600;
  o.steps = 40;
  o.timestep_fs = 1.0;
  o.sample_every = 10;
  o.seed = 5;
  return o;
}

std::vector<Frame> Simulate(const AimdOptions& options, Labeler* labeler, const Structure& start,
                            AimdResult* result) {
  std::vector<Frame> frames;
  const auto keep = [&](const Frame& f) {
    frames.push_back(f);
    return absl::OkStatus();
  };
  *result = *RunAimd(start, options, labeler, keep, [](int) {});
  return frames;
}

// Free flight keeps what was drawn.
TEST(Aimd, StartsWithExactTemperatureAndNoMomentum) {
  const Structure start = Li2S12(0.0, 1);
  Springs none(start, 0.0);
  AimdOptions options = Options();
  options.thermostat_time_fs = 1e300;
  options.steps = options.sample_every = 1;
  AimdResult result;
  const auto frames = Simulate(options, &none, start, &result);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_NEAR(result.mean_temperature_k, 600.0, 1e-9);
  const std::vector<double> masses = *AtomicMasses(start.species);
  EXPECT_NEAR(Norm(Momentum(masses, frames[0].velocities)), 0.0, 1e-9);
}

TEST(Aimd, VelocityVerletConservesEnergyWithoutThermostat) {
  const Structure start = Li2S12(0.0, 1);
  Springs springs(start, 2.0);
  AimdOptions options = Options();
  options.thermostat_time_fs = 1e300;
  options.steps = 400;
  AimdResult result;
  const auto frames = Simulate(options, &springs, start, &result);
  const std::vector<double> masses = *AtomicMasses(start.species);
  const double total = 0.5 * 33 * units::kBoltzmann * 600;
  for (const Frame& f : frames)
    EXPECT_NEAR(*f.energy + KineticEnergy(masses, f.velocities), total, 2e-3 * total);
  EXPECT_LT(result.mean_temperature_k, 500);  // half of it went into the springs
}

TEST(Aimd, FramesCarryWhatWasLabelledAndRepeatWithTheSeed) {
  const Structure start = Li2S12(0.0, 1);
  Springs springs(start, 2.0), again(start, 2.0);
  AimdResult result;
  const auto frames = Simulate(Options(), &springs, start, &result);
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(result.frames, 4);
  EXPECT_EQ(result.sources.at("springs"), 40);
  EXPECT_EQ(frames[3].velocities.size(), 12u);
  const auto same = Simulate(Options(), &again, start, &result);
  EXPECT_EQ(same[3].structure.positions, frames[3].structure.positions);
  AimdOptions other = Options();
  other.seed = 6;
  EXPECT_NE(Simulate(other, &again, start, &result)[3].structure.positions, frames[3].structure.positions);
}

// Takes a geometry for too close as often as told, counted over all calls; the first is the start.
class Crowded : public Springs {
 public:
  Crowded(const Structure& rest, std::vector<int> close_at) : Springs(rest, 2.0), close_at_(close_at) {}
  absl::StatusOr<LabelOutcome> Label(const Structure& x, Sequence sequence) override {
    auto outcome = Springs::Label(x, sequence);
    sequences.push_back(sequence);
    if (std::count(close_at_.begin(), close_at_.end(), calls++)) {
      outcome->failure = LabelFailure{failure_class::kGeometry, "Li and S are 0.1 Å apart"};
    }
    return outcome;
  }
  int calls = 0;
  std::vector<Sequence> sequences;

 private:
  std::vector<int> close_at_;
};

TEST(Aimd, AtomsTooCloseBeforeTheFirstFrameDrawOtherVelocities) {
  const Structure start = Li2S12(0.0, 1);
  Crowded twice(start, {4, 6}), again(start, {4, 6}), never(start, {});
  AimdResult result, same, plain;
  const auto frames = Simulate(Options(), &twice, start, &result);
  EXPECT_EQ(result.redrawn, 2);
  EXPECT_EQ(result.steps_done, 40);
  EXPECT_FALSE(result.stopped.has_value());
  EXPECT_EQ(twice.sequences[5], Sequence::kIndependent);  // no neighbour of the step before
  EXPECT_EQ(twice.sequences[8], Sequence::kNearby);
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(Simulate(Options(), &again, start, &same)[3].structure.positions, frames[3].structure.positions);
  EXPECT_NE(Simulate(Options(), &never, start, &plain)[3].structure.positions, frames[3].structure.positions);
  EXPECT_EQ(plain.redrawn, 0);
}

TEST(Aimd, VelocitiesAreDrawnAgainOnlySoOftenAndNotAfterAFrame) {
  const Structure start = Li2S12(0.0, 1);
  std::vector<int> always(1000);
  std::iota(always.begin(), always.end(), 1);
  Crowded crowded(start, always), late(start, {15}), hopeless(start, {0});
  AimdResult result;
  EXPECT_TRUE(Simulate(Options(), &crowded, start, &result).empty());
  EXPECT_EQ(result.redrawn, kVelocityDraws - 1);
  ASSERT_TRUE(result.stopped.has_value());
  EXPECT_EQ(result.stopped->failure_class, failure_class::kGeometry);
  EXPECT_EQ(Simulate(Options(), &late, start, &result).size(), 1u);
  EXPECT_EQ(result.redrawn, 0);
  EXPECT_TRUE(Simulate(Options(), &hopeless, start, &result).empty());  // the start itself: nothing was drawn
  EXPECT_EQ(hopeless.calls, 1);
}

TEST(Aimd, AStepWithoutALabelEndsTheRunAndIsNoFrame) {
  const Structure start = Li2S12(0.0, 1);
  Springs springs(start, 2.0, 25);
  AimdResult result;
  const auto frames = Simulate(Options(), &springs, start, &result);
  EXPECT_EQ(frames.size(), 2u);
  EXPECT_EQ(result.steps_done, 24);
  ASSERT_TRUE(result.stopped.has_value());
  EXPECT_EQ(result.stopped->failure_class, failure_class::kScf);
}

}  // namespace
}  // namespace superion
