#include "analysis/verdict/equilibration.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace superion::analysis {
namespace {

std::vector<double> Correlated(size_t n, double a, Random* random) {
  std::vector<double> x(n);
  double v = random->Gaussian();
  for (double& value : x) {
    value = v;
    v = a * v + std::sqrt(1.0 - a * a) * random->Gaussian();
  }
  return x;
}

TEST(Equilibration, InefficiencyOfAnAutoregressiveProcess) {
  Random random(1);
  const auto x = Correlated(100000, 0.9, &random);
  EXPECT_NEAR(StatisticalInefficiency(x), 1.9 / 0.1, 2.0);  // (1+a)/(1-a)
  EXPECT_DOUBLE_EQ(StatisticalInefficiency(std::vector<double>(100, 3.0)), 1.0);
}

TEST(Equilibration, ATransientIsDiscardedAndLittleElse) {
  Random random(2);
  auto x = Correlated(4000, 0.5, &random);
  EXPECT_LT(EquilibrationIndex(x), 1000u);
  for (size_t i = 0; i < x.size(); ++i) x[i] += 20.0 * std::exp(-static_cast<double>(i) / 100.0);
  const size_t t0 = EquilibrationIndex(x);
  EXPECT_GT(t0, 200u);
  EXPECT_LT(t0, 1500u);
  EXPECT_EQ(EquilibrationIndex({1.0, 2.0}), 0u);
}

TEST(Equilibration, GewekeIsAUnitNormalWithoutDriftAndLargeWithIt) {
  Random random(3);
  int beyond = 0;
  for (int r = 0; r < 300; ++r) beyond += std::abs(GewekeZ(Correlated(1000, 0.5, &random))) > 2.5;
  EXPECT_LT(beyond, 15);  // 1.2 % expected
  auto x = Correlated(1000, 0.5, &random);
  for (size_t i = 0; i < x.size(); ++i) x[i] += 0.003 * static_cast<double>(i);
  EXPECT_LT(GewekeZ(x), -5.0);
  EXPECT_EQ(GewekeZ(std::vector<double>(100, 1.0)), 0.0);
}

}  // namespace
}  // namespace superion::analysis
