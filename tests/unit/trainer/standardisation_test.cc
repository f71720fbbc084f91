#include "trainer/standardisation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/parameter_layout.h"

namespace superion::trainer {
namespace {

// Li with a Cl well within the cutoff and a Na at its very edge.
std::vector<Frame> EdgeFrames() {
  Random random(1);
  std::vector<Frame> frames;
  for (int k = 0; k < 10; ++k) {
    Frame frame;
    Structure& s = frame.structure;
    s.cell = {{{30, 0, 0}, {0, 30, 0}, {0, 0, 30}}};
    s.species = {"Li", "Cl", "Na"};
    s.positions = {{0, 0, 0}, {2.3 + 0.2 * random.Uniform(), 0, 0}, {0, 4.4 + 0.05 * random.Uniform(), 0}};
    frame.energy = 0.0;
    frame.forces.assign(3, Vec3{});
    frames.push_back(frame);
  }
  return frames;
}

class StandardisationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    architecture_ = *ArchitectureOfSize("S", {"Li", "Cl", "Na", "K"}, 4.5);
    MemoryBudget budget;
    store_ = *FrameStore<double>::Create(architecture_, EdgeFrames(), 0.7, 1, &budget);
    store_.Finish(MeasureScales(architecture_, store_.frames(), 0.7));
    rms_ = DensityRms(architecture_, store_);
  }
  int Species(const std::string& symbol) const {
    const auto& all = architecture_.species;
    return static_cast<int>(std::find(all.begin(), all.end(), symbol) - all.begin());
  }
  // Columns of degree l around Li of the neighbor species.
  std::vector<double> Columns(int l, const std::string& neighbor) const {
    const int n = architecture_.n_radial, z = architecture_.n_species();
    const auto begin =
        rms_.begin() + ((Species("Li") * (architecture_.l_max + 1) + l) * z + Species(neighbor)) * n;
    return {begin, begin + n};
  }
  ModelArchitecture architecture_;
  FrameStore<double> store_;
  std::vector<double> rms_;
};

TEST_F(StandardisationTest, APairAtTheEdgeOfTheCutoffGetsNoGiantWeight) {
  for (int l = 0; l <= architecture_.l_max; ++l) {
    double largest = 0;
    for (double rms : Columns(l, "Cl")) largest = std::max(largest, rms);
    // A column of Na is a thousandth of those of Cl: (1 - r/r_c)³.
    for (double rms : Columns(l, "Na")) EXPECT_GT(rms, 0.05 * largest);
  }
}

TEST_F(StandardisationTest, APairNeverSeenStartsAtZero) {
  const std::vector<double> parameters = InitialParameters(architecture_, rms_, 1);
  const ParameterBlock mix0 = ParameterLayout(architecture_).block("mix0");
  int zero = 0, set = 0;
  for (int64_t i = 0; i < mix0.size; ++i) {
    const bool seen = rms_[i / architecture_.channels] > 0;
    EXPECT_TRUE(std::isfinite(parameters[mix0.offset + i]));
    EXPECT_EQ(parameters[mix0.offset + i] != 0.0, seen);
    (seen ? set : zero) += 1;
  }
  EXPECT_GT(set, 0);
  EXPECT_GT(zero, 0);
  for (double rms : Columns(0, "K")) EXPECT_EQ(rms, 0.0);
}

// After standardisation an invariant of ν factors of A has the standard deviation 0.3^(ν-1) over the
// training atoms.
TEST(MeasureInvariants, HighBodyOrdersEnterSmall) {
  const ModelArchitecture a = *ArchitectureOfSize("M", {"Li", "Cl"}, 4.5);
  MemoryBudget budget;
  auto store = *FrameStore<double>::Create(a, MorseFrames(10, 0.2, 1), 0.7, 1, &budget);
  store.Finish(MeasureScales(a, store.frames(), 0.7));
  AtomNetwork<double> network(a, 1);
  network.SetParameters(InitialParameters(a, DensityRms(a, store), 1).data());
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
    EXPECT_NEAR(std::sqrt(square[j] / lithium), std::pow(0.3, order - 1), 1e-6) << j;
  }
}

}  // namespace
}  // namespace superion::trainer
