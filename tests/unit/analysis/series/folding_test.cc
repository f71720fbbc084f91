#include "analysis/series/folding.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace superion::analysis {
namespace {

constexpr size_t kSamples = 3000;

struct Motion {
  double walk = 0.0;                     // standard deviation of a diffusive step
  double vibration = 0.0, memory = 0.0;  // standard deviation, correlation from sample to sample
  double hop = 0.0, rate = 0.0;          // size, probability for a sample
  bool there_and_back = false;           // hops between two values
};

std::vector<double> Path(const Motion& m, Random* random, size_t n = kSamples) {
  std::vector<double> out;
  double x = 0.0, v = 0.0, level = 0.0;
  for (size_t i = 0; i < n; ++i) {
    x += m.walk * random->Gaussian();
    v = m.memory * v + m.vibration * std::sqrt(1.0 - m.memory * m.memory) * random->Gaussian();
    if (random->Uniform() < m.rate) {
      if (m.there_and_back) {
        level = level == 0.0 ? m.hop : 0.0;
      } else {
        level += random->Uniform() < 0.5 ? m.hop : -m.hop;
      }
    }
    out.push_back(x + v + level);
  }
  return out;
}

std::vector<double> Fold(std::vector<double> p, double quantum) {
  for (double& x : p) x -= quantum * std::floor(x / quantum);
  return p;
}

TEST(Folding, ADiffusingDipoleThatIsFoldedIsFound) {
  Random random(1);
  for (const double quantum : {10.0, 15.0, 20.0, 30.0}) {
    int found = 0;
    for (int k = 0; k < 20; ++k) {
      std::vector<std::vector<double>> seeds;
      for (int s = 0; s < 4; ++s) seeds.push_back(Fold(Path({0.45, 0.5, 0.7}, &random), quantum));
      const auto folding = FindFolding(seeds);
      found += folding && folding->certain;
      EXPECT_NEAR(folding ? folding->quantum : 0.0, quantum, 0.02 * quantum);
    }
    EXPECT_EQ(found, 20) << quantum;
  }
}

TEST(Folding, TheSameDipoleUnfoldedIsNone) {
  Random random(2);
  for (int k = 0; k < 200; ++k)
    EXPECT_FALSE(FindFolding({Path({0.45, 0.5, 0.7}, &random), Path({0.45, 0.5, 0.7}, &random)})) << k;
}

// Hops of z a = 3 e Å: in a still dipole, with vibrations fast and slow, with diffusion of others; random
// walks and one ion that goes there and back.
TEST(Folding, RareHopsOfIonsAreNone) {
  Random random(3);
  for (const bool back : {false, true}) {
    for (const double rate : {0.001, 0.005, 0.03}) {
      for (const Motion& m :
           {Motion{0, 0, 0}, Motion{0, 0.05, 0}, Motion{0, 0.3, 0}, Motion{0, 0.3, 0.7}, Motion{0, 0.3, 0.98},
            Motion{0.005, 0, 0}, Motion{0.03, 0.05, 0.5}, Motion{0.1, 0, 0}}) {
        int certain = 0;
        for (int k = 0; k < 20; ++k) {
          Motion with = m;
          with.hop = 3.0, with.rate = rate, with.there_and_back = back;
          const auto folding = FindFolding({Path(with, &random), Path(with, &random)});
          certain += folding && folding->certain;
        }
        EXPECT_EQ(certain, 0) << back << " " << rate << " " << m.walk << " " << m.vibration << " "
                              << m.memory;
      }
    }
  }
}

// An ion that hops among three sites in a row: the middle one is no edge, and nothing leads there but hops.
TEST(Folding, ThreeSitesInARowAreNone) {
  Random random(5);
  for (const double vibration : {0.0, 0.01, 0.2}) {
    for (int k = 0; k < 50; ++k) {
      std::vector<double> p;
      double site = 0.0;
      for (size_t i = 0; i < kSamples; ++i) {
        if (random.Uniform() < 0.02) site = std::floor(3.0 * random.Uniform());
        p.push_back(3.0 * site + vibration * random.Gaussian());
      }
      EXPECT_FALSE(FindFolding({p})) << vibration;
    }
  }
}

// One jump over the whole range could be an ion's.
TEST(Folding, OneJumpIsOnlyNoted) {
  Random random(4);
  std::vector<double> p;
  for (int i = 0; i < 1000; ++i) p.push_back(0.02 * i + 0.01 * random.Gaussian());
  const auto folding = FindFolding({Fold(p, 12.0)});
  ASSERT_TRUE(folding.has_value());
  EXPECT_FALSE(folding->certain);
  EXPECT_EQ(folding->jumps, 1u);
  EXPECT_FALSE(FindFolding({std::vector<double>(p.begin(), p.begin() + 50)}));
}

}  // namespace
}  // namespace superion::analysis
