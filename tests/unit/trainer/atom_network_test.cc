#include "trainer/atom_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/random.h"
#include "tests/unit/trainer/reference_network.h"

namespace superion::trainer {
namespace {

using at::Tensor;

std::vector<double> Gaussians(size_t n, double scale, Random* random) {
  std::vector<double> v(n);
  for (double& x : v) x = scale * random->Gaussian();
  return v;
}

struct Case {
  ModelArchitecture architecture;
  std::vector<int> species;
  std::vector<double> density, parameters, mean, scale;
};

// Random everything: more atoms than one tile holds, parts of tiles, two species.
Case RandomCase(int l_max, int channels, int products, std::vector<std::pair<int, int>> pairs) {
  Case c;
  c.architecture.species = {"Li", "S"};
  c.architecture.n_radial = 3;
  c.architecture.l_max = l_max;
  c.architecture.channels = channels;
  c.architecture.products = products;
  c.architecture.invariant_pairs = std::move(pairs);
  c.architecture.hidden = 7;
  Random random(5);
  for (int i = 0; i < 23; ++i) c.species.push_back(i % 6 == 2 ? 1 : 0);
  c.density = Gaussians(c.species.size() * c.architecture.n_density(), 1.0, &random);
  c.parameters = Gaussians(ParameterLayout(c.architecture).size(), 0.4, &random);
  c.mean = Gaussians(2 * c.architecture.n_features(), 0.3, &random);
  for (size_t k = 0; k < c.mean.size(); ++k) c.scale.push_back(0.7 + random.Uniform());
  return c;
}

double LargestDifference(const Tensor& a, const std::vector<double>& b) {
  const Tensor other = at::tensor(b, at::kDouble);
  return ((a.reshape({-1}) - other).abs().max() / other.abs().max()).item<double>();
}

Tensor OfVector(const std::vector<double>& v) { return at::tensor(v, at::kDouble); }

class AtomNetworkTest : public ::testing::TestWithParam<std::tuple<int, int, int>> {
 protected:
  Case Make() const {
    const auto [l_max, channels, products] = GetParam();
    std::vector<std::pair<int, int>> pairs{{0, 0}, {0, 1}, {1, 1}};
    if (products == 2) pairs.push_back({0, 2}), pairs.push_back({1, 2});
    return RandomCase(l_max, channels, products, pairs);
  }
};

// Energies, G and the gradient by every parameter of a function of both, against dense self-differentiating
// operations.
TEST_P(AtomNetworkTest, AgreesWithDenseOperationsDifferentiatedTwice) {
  const Case c = Make();
  const int n = static_cast<int>(c.species.size());
  Random random(9);
  const std::vector<double> direction = Gaussians(c.density.size(), 1.0, &random);
  const std::vector<double> weight = Gaussians(n, 1.0, &random);

  Tensor theta = OfVector(c.parameters).requires_grad_(true);
  Tensor density = OfVector(c.density).reshape({n, -1}).requires_grad_(true);
  const Tensor energies = ReferenceAtomEnergies(c.architecture, theta, density, c.species, c.mean, c.scale);
  const Tensor gradient = torch::autograd::grad({energies.sum()}, {density}, {}, true, true)[0];
  const Tensor scalar =
      (energies * OfVector(weight)).sum() + (gradient.reshape({-1}) * OfVector(direction)).sum();
  const Tensor expected = torch::autograd::grad({scalar}, {theta})[0];

  AtomNetwork<double> network(c.architecture, 1);
  network.SetStandardisation(c.mean, c.scale);
  network.SetParameters(c.parameters.data());
  const AtomTiles tiles = MakeAtomTiles(c.species, 2);
  AtomNetwork<double>::Workspace workspace;
  std::vector<double> e(n), g(c.density.size()), by_parameters(c.parameters.size());
  network.Energies(tiles, c.density.data(), e.data(), g.data(), nullptr, &workspace);
  network.WeightGradient(tiles, weight.data(), direction.data(), &workspace, by_parameters.data());
  EXPECT_LT(LargestDifference(energies, e), 1e-12);
  EXPECT_LT(LargestDifference(gradient, g), 1e-12);
  EXPECT_LT(LargestDifference(expected, by_parameters), 1e-11);
}

TEST_P(AtomNetworkTest, SinglePrecisionIsTheSameToRounding) {
  const Case c = Make();
  const int n = static_cast<int>(c.species.size());
  const AtomTiles tiles = MakeAtomTiles(c.species, 2);
  AtomNetwork<double> judge(c.architecture, 1);
  AtomNetwork<float> network(c.architecture, 1);
  judge.SetStandardisation(c.mean, c.scale);
  network.SetStandardisation(c.mean, c.scale);
  judge.SetParameters(c.parameters.data());
  const std::vector<float> parameters(c.parameters.begin(), c.parameters.end());
  const std::vector<float> density(c.density.begin(), c.density.end());
  network.SetParameters(parameters.data());
  AtomNetwork<double>::Workspace judge_workspace;
  AtomNetwork<float>::Workspace workspace;
  std::vector<double> e(n), g(c.density.size()), w(c.parameters.size());
  std::vector<float> ef(n), gf(c.density.size()), wf(c.parameters.size());
  judge.Energies(tiles, c.density.data(), e.data(), g.data(), nullptr, &judge_workspace);
  network.Energies(tiles, density.data(), ef.data(), gf.data(), nullptr, &workspace);
  judge.WeightGradient(tiles, e.data(), c.density.data(), &judge_workspace, w.data());
  network.WeightGradient(tiles, ef.data(), density.data(), &workspace, wf.data());
  EXPECT_LT(LargestDifference(at::tensor(ef).to(at::kDouble), e), 3e-5);
  EXPECT_LT(LargestDifference(at::tensor(gf).to(at::kDouble), g), 3e-5);
  EXPECT_LT(LargestDifference(at::tensor(wf).to(at::kDouble), w), 1e-4);
}

TEST_P(AtomNetworkTest, SameBitsForAnyNumberOfThreads) {
  const Case c = Make();
  const int n = static_cast<int>(c.species.size());
  const AtomTiles tiles = MakeAtomTiles(c.species, 2);
  std::vector<std::vector<double>> results;
  for (int threads : {1, 3}) {
    AtomNetwork<double> network(c.architecture, threads);
    network.SetStandardisation(c.mean, c.scale);
    network.SetParameters(c.parameters.data());
    AtomNetwork<double>::Workspace workspace;
    std::vector<double> e(n), g(c.density.size()), w(c.parameters.size());
    network.Energies(tiles, c.density.data(), e.data(), g.data(), nullptr, &workspace);
    network.WeightGradient(tiles, e.data(), c.density.data(), &workspace, w.data());
    e.insert(e.end(), w.begin(), w.end());
    results.push_back(e);
  }
  EXPECT_EQ(results[0], results[1]);
}

INSTANTIATE_TEST_SUITE_P(Shapes, AtomNetworkTest,
                         ::testing::Values(std::tuple(2, 16, 1), std::tuple(3, 16, 1), std::tuple(2, 5, 2),
                                           std::tuple(1, 32, 2), std::tuple(4, 16, 1), std::tuple(5, 4, 2)));

TEST(AtomTiles, EveryAtomOnceAndOneSpeciesPerTile) {
  std::vector<int> species(75);
  for (size_t i = 0; i < species.size(); ++i) species[i] = static_cast<int>(i * 7 % 3);
  const AtomTiles tiles = MakeAtomTiles(species, 3);
  std::vector<int> seen(species.size(), 0);
  for (const AtomTiles::Tile& tile : tiles.tiles) {
    EXPECT_LE(tile.count, kTileAtoms);
    for (int k = 0; k < tile.count; ++k) {
      ++seen[tiles.order[tile.first + k]];
      EXPECT_EQ(species[tiles.order[tile.first + k]], tile.species);
    }
  }
  EXPECT_THAT(seen, ::testing::Each(1));
}

}  // namespace
}  // namespace superion::trainer
