#include "analysis/transport/partial.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace superion::analysis {
namespace {

// Three species that all move, a neutral cell, and a drift of everything.
PartialInput Moving() {
  PartialInput input;
  input.species = {{"Li", 8, 1, 7, true}, {"P", 4, 5, 31, false}, {"S", 14, -2, 32, false}};
  input.interval_ps = 0.1;
  input.scale = 3.0;
  input.shortest_lag = 2;
  Random random(1);
  for (int s = 0; s < 2; ++s) {
    auto& seed = input.seeds.emplace_back(3, Components(3, std::vector<double>(2000)));
    for (size_t a = 0; a < 3; ++a) {
      for (auto& component : seed[a]) {
        double x = 0.0;
        for (size_t i = 0; i < component.size(); ++i) {
          component[i] = x + input.species[a].count * 0.02 * static_cast<double>(i);
          x += (a == 0 ? 1.0 : 0.2) * random.Gaussian();
        }
      }
    }
  }
  return input;
}

double Sum(const PartialResult::InFrame& frame) {
  double sum = 0.0;
  for (const auto& pair : frame.pairs) sum += (pair.a == pair.b ? 1.0 : 2.0) * pair.sigma.value;
  return sum;
}

TEST(Partial, SumIsTheSameInEveryFrameAndUnderDrift) {
  const PartialInput input = Moving();
  const auto result = PartialConductivities(input);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->frames.size(), 3u);
  for (const auto& frame : result->frames) {
    ASSERT_EQ(frame.pairs.size(), 6u);
    EXPECT_NEAR(Sum(frame), result->sum.value, 1e-9 * std::abs(result->sum.value)) << FrameName(frame.frame);
  }
  // The parts do depend on the frame.
  EXPECT_GT(std::abs(result->frames[0].pairs[0].sigma.value - result->frames[2].pairs[0].sigma.value),
            1e-3 * result->sum.value);
  // Sum of the charges times displacements, by itself.
  PartialInput one = input;
  one.species = {{"all", 1, 1, 1, true}, {"rest", 1, 0, 1, false}};
  for (auto& seed : one.seeds) {
    for (size_t c = 0; c < 3; ++c) {
      for (size_t i = 0; i < seed[0][c].size(); ++i) {
        seed[0][c][i] += 5.0 * seed[1][c][i] - 2.0 * seed[2][c][i];
        seed[1][c][i] = 0.0;
      }
    }
    seed.resize(2);
  }
  const auto dipole = PartialConductivities(one);
  ASSERT_TRUE(dipole.ok()) << dipole.status();
  EXPECT_NEAR(dipole->sum.value, result->sum.value, 1e-8 * std::abs(result->sum.value));
}

// One mobile species over a rigid framework: only its own part is left in the framework's frames.
TEST(Partial, RigidFrameworkHasNoPart) {
  PartialInput input = Moving();
  for (auto& seed : input.seeds) {
    for (size_t a = 1; a < 3; ++a) {
      for (size_t c = 0; c < 3; ++c) {
        for (size_t i = 0; i < seed[a][c].size(); ++i)
          seed[a][c][i] = input.species[a].count * 0.01 * static_cast<double>(i);
      }
    }
  }
  const auto result = PartialConductivities(input);
  ASSERT_TRUE(result.ok()) << result.status();
  for (size_t f : {0u, 1u}) {
    const auto& pairs = result->frames[f].pairs;
    EXPECT_NEAR(pairs[0].sigma.value, result->sum.value, 1e-9 * result->sum.value);
    for (size_t k = 1; k < pairs.size(); ++k)
      EXPECT_NEAR(pairs[k].sigma.value, 0.0, 1e-9 * result->sum.value) << FrameName(result->frames[f].frame);
  }
}

TEST(Partial, BadInputIsRefused) {
  PartialInput input = Moving();
  input.seeds[1][2].pop_back();
  EXPECT_EQ(PartialConductivities(input).status().code(), absl::StatusCode::kInvalidArgument);
  input = Moving();
  for (auto& seed : input.seeds) {
    for (auto& r : seed) {
      for (auto& x : r) x.resize(6);
    }
  }
  EXPECT_EQ(PartialConductivities(input).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace superion::analysis
