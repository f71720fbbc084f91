#include "analysis/verdict/odd_seed.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace superion::analysis {
namespace {

// Correlated energies of a cell of 100 atoms: AR(1), standard deviation 1 eV, about 20 samples per
// independent one.
std::vector<std::vector<double>> Energies(const std::vector<double>& means, uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<double>> out;
  for (double mean : means) {
    double x = random.Gaussian();
    auto& series = out.emplace_back();
    for (int k = 0; k < 4000; ++k) {
      x = 0.9 * x + std::sqrt(1.0 - 0.81) * random.Gaussian();
      series.push_back(mean + x);
    }
  }
  return out;
}

TEST(OddSeed, SeedsOfOnePhaseAgree) {
  int alarms = 0;
  for (uint64_t k = 0; k < 50; ++k)
    alarms += FindOddSeed(Energies({-400, -400, -400, -400}, k), 100, 600)->differs;
  EXPECT_EQ(alarms, 0);
}

TEST(OddSeed, AnotherPhaseIsNamed) {
  const auto found = FindOddSeed(Energies({-400, -400, -398, -400}, 3), 100, 600);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->differs);
  EXPECT_EQ(found->seed, 2u);
  EXPECT_NEAR(found->difference_ev, 0.02, 5 * found->standard_error_ev);
  // Predicted: sd 1 eV, g = (1+a)/(1-a) = 19, 4000 values; one seed against three.
  EXPECT_NEAR(found->standard_error_ev, std::sqrt(19.0 / 4000 * (1 + 1.0 / 3)) / 100,
              0.3 * found->standard_error_ev);
}

TEST(OddSeed, TooLittleToSay) {
  EXPECT_FALSE(FindOddSeed(Energies({-400}, 1), 100, 600).has_value());
  EXPECT_FALSE(FindOddSeed({{1, 2, 3}, {1, 2, 3}}, 100, 600).has_value());
  // Significant but small against kT.
  EXPECT_FALSE(FindOddSeed(Energies({0, 0, 0.2, 0}, 5), 100, 600)->differs) << "2 meV of 52 meV per atom";
}

}  // namespace
}  // namespace superion::analysis
