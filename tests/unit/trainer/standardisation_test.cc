#include "trainer/standardisation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/parameter_layout.h"
#include "trainer/radial_coordinates.h"

namespace superion::trainer {
namespace {

TEST(DensityGram, IsTheMeanOfProductsOfColumns) {
  const ModelArchitecture a = *ArchitectureOfSize("S", {"Li", "Cl"}, 4.5);
  MemoryBudget budget;
  auto store = *FrameStore<double>::Create(a, MorseFrames(3, 0.2, 1), 0.7, 1, &budget);
  store.Finish(MeasureScales(a, store.frames(), 0.7));
  const std::vector<double> gram = DensityGram(a, store);
  // Of Li around Cl, l = 2, radial functions 1 and 3.
  double sum = 0;
  int chlorine = 0;
  for (int k = 0; k < 3; ++k) {
    const std::vector<double> density = store.Density(k);
    for (size_t i = 0; i < store.frames()[k].species.size(); ++i) {
      if (store.frames()[k].species[i] != 1) continue;
      const double* li = density.data() + i * a.n_density();
      ++chlorine;
      for (int lm = 4; lm < 9; ++lm) sum += li[1 * a.n_lm() + lm] * li[3 * a.n_lm() + lm] / 5;
    }
  }
  const size_t block = (1 * (a.l_max + 1) + 2) * 2 + 0;
  EXPECT_NEAR(gram[block * 64 + 1 * 8 + 3], sum / chlorine, 1e-12);
  EXPECT_EQ(gram[block * 64 + 3 * 8 + 1], gram[block * 64 + 1 * 8 + 3]);
  EXPECT_NE(sum, 0.0);
}

// After standardisation an invariant of ν factors of A has the standard deviation 0.02^(ν-1) over the
// training atoms.
TEST(MeasureInvariants, HighBodyOrdersEnterSmall) {
  const ModelArchitecture a = *ArchitectureOfSize("M", {"Li", "Cl"}, 4.5);
  MemoryBudget budget;
  auto store = *FrameStore<double>::Create(a, MorseFrames(10, 0.2, 1), 0.7, 1, &budget);
  store.Finish(MeasureScales(a, store.frames(), 0.7));
  AtomNetwork<double> network(a, 1);
  const RadialCoordinates coordinates(a, DensityGram(a, store));
  std::vector<double> parameters = InitialParameters(a, coordinates.Seen(), 1);
  coordinates.ToWeights(parameters.data() + ParameterLayout(a).block("mix0").offset);
  network.SetParameters(parameters.data());
  std::vector<double> mean, scale;
  MeasureInvariants(a, store, network, &mean, &scale);
  const int f = a.n_features(), per_pair = (a.l_max + 1) * a.channels;
  std::vector<double> square(f, 0.0), row;
  AtomNetwork<double>::Workspace workspace;
  int lithium = 0;
  for (size_t k = 0; k < store.size(); ++k) {
    const std::vector<int>& species = store.frames()[k].species;
    row.resize(species.size() * f);
    network.Invariants(MakeAtomTiles(species, 2), store.Density(k).data(), row.data(), &workspace);
    for (size_t i = 0; i < species.size(); ++i) {
      lithium += species[i] == 0;
      for (int j = 0; j < f && species[i] == 0; ++j)
        square[j] += std::pow((row[i * f + j] - mean[j]) / scale[j], 2);
    }
  }
  const int factors[] = {2, 3, 4};  // of the pairs (0,0), (0,1), (1,1)
  for (int j = 0; j < f; ++j) {
    const int order = j < a.channels ? 1 : factors[(j - a.channels) / per_pair];
    EXPECT_NEAR(std::sqrt(square[j] / lithium), std::pow(0.02, order - 1), 1e-6) << j;
  }
}

}  // namespace
}  // namespace superion::trainer
