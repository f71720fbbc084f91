#include "trainer/radial_coordinates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "trainer/parameter_layout.h"
#include "trainer/standardisation.h"

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

class RadialCoordinatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    architecture_ = *ArchitectureOfSize("S", {"Li", "Cl", "Na", "K"}, 4.5);
    architecture_.smoothstep = true;
    MemoryBudget budget;
    auto store = *FrameStore<double>::Create(architecture_, EdgeFrames(), 0.7, 1, &budget);
    store.Finish(MeasureScales(architecture_, store.frames(), 0.7));
    gram_ = DensityGram(architecture_, store);
    coordinates_ = RadialCoordinates(architecture_, gram_);
  }
  int Species(const std::string& symbol) const {
    const auto& all = architecture_.species;
    return static_cast<int>(std::find(all.begin(), all.end(), symbol) - all.begin());
  }
  const double* AroundLi(int l, const std::string& neighbor) const {
    return coordinates_.block(Species("Li"), l, Species(neighbor));
  }
  // φ_a(r) around Li.
  double Phi(int l, const std::string& neighbor, int a, double r) const {
    const double u = r / 4.5, cut = std::pow(1 - u, architecture_.cutoff_power);
    const double s = u * u * u * (10 - 15 * u + 6 * u * u);
    double sum = 0;
    for (int n = 0; n < 8; ++n)
      sum +=
          std::cos(n * std::acos(std::clamp(2 * s - 1, -1.0, 1.0))) * cut * AroundLi(l, neighbor)[n * 8 + a];
    return sum;
  }
  double Largest(int l, const std::string& neighbor) const {
    double largest = 0;
    for (int a = 0; a < 8; ++a)
      for (double r = 1.0; r < 4.5; r += 0.1) largest = std::max(largest, std::abs(Phi(l, neighbor, a, r)));
    return largest;
  }
  std::vector<double> RandomMix0(uint64_t seed) const {
    Random random(seed);
    std::vector<double> mix0(ParameterLayout(architecture_).block("mix0").size);
    for (double& one : mix0) one = random.Gaussian();
    return mix0;
  }
  ModelArchitecture architecture_;
  std::vector<double> gram_;
  RadialCoordinates coordinates_;
};

TEST_F(RadialCoordinatesTest, WeightsAndCoordinatesAreInverse) {
  const std::vector<double> start = RandomMix0(1);
  std::vector<double> mix0 = start;
  coordinates_.ToWeights(mix0.data());
  double change = 0;
  for (size_t i = 0; i < mix0.size(); ++i) change = std::max(change, std::abs(mix0[i] - start[i]));
  EXPECT_GT(change, 0.1);
  coordinates_.FromWeights(mix0.data());
  for (size_t i = 0; i < mix0.size(); ++i) EXPECT_NEAR(mix0[i], start[i], 1e-5);
}

// g · R θ = Rᵀ g · θ
TEST_F(RadialCoordinatesTest, TheGradientFollowsTheTransposedMap) {
  const std::vector<double> theta = RandomMix0(1), gradient = RandomMix0(2);
  std::vector<double> weights = theta, pulled = gradient;
  coordinates_.ToWeights(weights.data());
  coordinates_.GradientToCoordinates(pulled.data());
  double left = 0, right = 0;
  for (size_t i = 0; i < theta.size(); ++i) left += gradient[i] * weights[i], right += pulled[i] * theta[i];
  EXPECT_NEAR(left, right, 1e-9 * std::abs(left));
}

TEST_F(RadialCoordinatesTest, BlocksOfHigherDegreeHaveUnitMeanSquare) {
  const int li = Species("Li"), cl = Species("Cl");
  for (int l = 1; l < 3; ++l) {
    const double *r = AroundLi(l, "Cl"), *g = gram_.data() + ((li * 3 + l) * 4 + cl) * 64;
    double trace = 0;
    for (int a = 0; a < 8; ++a)
      for (int i = 0; i < 8; ++i)
        for (int j = 0; j < 8; ++j) trace += r[i * 8 + a] * g[i * 8 + j] * r[j * 8 + a];
    EXPECT_NEAR(trace / 8, 1.0, 1e-9);
  }
}

TEST_F(RadialCoordinatesTest, ColumnsOfDegreeZeroAreDividedByTheirSize) {
  const int li = Species("Li"), cl = Species("Cl");
  const double *r = AroundLi(0, "Cl"), *g = gram_.data() + (li * 3 * 4 + cl) * 64;
  EXPECT_NEAR(r[0] * std::sqrt(g[0]), 1.0, 1e-12);  // a large column: no floor
  for (int i = 0; i < 8; ++i) {
    EXPECT_LE(r[i * 9] * std::sqrt(g[i * 9]), 1.0 + 1e-12);
    for (int j = 0; j < 8; ++j) EXPECT_EQ(r[i * 8 + j] != 0.0, i == j);
  }
}

// Variance of the density in φ_a for l >= 1 over ∫ φ² + φ''² dr falls with a.
TEST_F(RadialCoordinatesTest, SmoothFunctionsThatTheFramesNeedComeFirst) {
  const int li = Species("Li"), cl = Species("Cl");
  const double* r = AroundLi(1, "Cl");
  double first = 0, last = 0;
  for (int a = 0; a < 8; ++a) {
    double variance = 0, norm = 0;
    for (int l = 1; l < 3; ++l)
      for (int i = 0; i < 8; ++i)
        for (int j = 0; j < 8; ++j)
          variance += r[i * 8 + a] * gram_[((li * 3 + l) * 4 + cl) * 64 + i * 8 + j] * r[j * 8 + a];
    for (double x = 0.01; x < 4.49; x += 0.01) {
      const double at = Phi(1, "Cl", a, x);
      const double second = (Phi(1, "Cl", a, x - 0.01) - 2 * at + Phi(1, "Cl", a, x + 0.01)) / 1e-4;
      norm += at * at + second * second;
    }
    if (a == 0) first = variance / norm;
    if (a > 0) {  // down to rounding errors of the largest
      EXPECT_LT(variance / norm, 1.01 * last + 1e-12 * first) << a;
    }
    last = variance / norm;
  }
}

TEST_F(RadialCoordinatesTest, APairAtTheEdgeOfTheCutoffGetsNoGiantWeight) {
  // A column of Na is a thousandth of those of Cl: (1 - r/r_c)³.
  for (int l = 0; l <= architecture_.l_max; ++l) EXPECT_LT(Largest(l, "Na"), 20 * Largest(l, "Cl"));
}

TEST_F(RadialCoordinatesTest, APairNeverSeenStartsAtZeroAndKeepsItsUnits) {
  const std::vector<double> seen = coordinates_.Seen();
  const std::vector<double> parameters = InitialParameters(architecture_, seen, 1);
  const ParameterBlock mix0 = ParameterLayout(architecture_).block("mix0");
  for (int64_t i = 0; i < mix0.size; ++i)
    EXPECT_EQ(parameters[mix0.offset + i] != 0.0, seen[i / architecture_.channels] > 0);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1.0),
            4 * (architecture_.l_max + 1) * 8);  // Li-Cl, Li-Na and back
  EXPECT_EQ(AroundLi(0, "K")[0], 1.0);
  EXPECT_EQ(AroundLi(0, "K")[1], 0.0);
}

}  // namespace
}  // namespace superion::trainer
