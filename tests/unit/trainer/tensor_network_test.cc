#include "trainer/tensor_network.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/random.h"
#include "trainer/atom_network.h"

namespace superion::trainer {
namespace {

using at::Tensor;

std::vector<double> Gaussians(size_t n, double scale, Random* random) {
  std::vector<double> v(n);
  for (double& x : v) x = scale * random->Gaussian();
  return v;
}

double LargestDifference(const Tensor& a, const std::vector<double>& b) {
  const Tensor other = at::tensor(b, at::kDouble);
  return ((a.reshape({-1}) - other).abs().max() / other.abs().max()).item<double>();
}

// Twenty-three atoms, most of one species, one species absent.
class TensorNetworkTest : public ::testing::TestWithParam<std::tuple<int, int, int>> {
 protected:
  void SetUp() override {
    std::tie(a_.l_max, a_.channels, a_.products) = GetParam();
    a_.species = {"Li", "S", "Cl"};
    a_.n_radial = 3, a_.hidden = 7;
    a_.invariant_pairs = {{0, 0}, {0, 1}, {1, 1}};
    if (a_.products == 2) a_.invariant_pairs.push_back({1, 2});
    for (int i = 0; i < 23; ++i) species_.push_back(i % 6 == 2 ? 2 : 0);
    Random random(5);
    density_ = Gaussians(species_.size() * a_.n_density(), 1.0, &random);
    parameters_ = Gaussians(ParameterLayout(a_).size(), 0.4, &random);
    mean_ = Gaussians(3 * a_.n_features(), 0.3, &random);
    for (size_t k = 0; k < mean_.size(); ++k) scale_.push_back(0.7 + random.Uniform());
    weight_ = Gaussians(species_.size(), 1.0, &random);
    direction_ = Gaussians(density_.size(), 1.0, &random);
  }

  ModelArchitecture a_;
  std::vector<int> species_;
  std::vector<double> density_, parameters_, mean_, scale_, weight_, direction_;
};

TEST_P(TensorNetworkTest, EnergiesGradientAndMixedSecondDerivativesAreThoseOfTheKernels) {
  const int64_t n = static_cast<int64_t>(species_.size()), z = 3;
  const TensorNetwork network(a_, at::kDouble, at::kCPU);
  const AtomSlots slots = MakeAtomSlots(species_, 3, at::kCPU);
  const Tensor density =
      network.ToSlots(slots, at::tensor(density_, at::kDouble).reshape({n, -1})).requires_grad_(true);
  const Tensor theta = at::tensor(parameters_, at::kDouble).requires_grad_(true);
  const Tensor in_slots = network.Energies(theta, density, at::tensor(mean_, at::kDouble).reshape({z, -1}),
                                           at::tensor(scale_, at::kDouble).reciprocal().reshape({z, -1}));
  const Tensor by_density = torch::autograd::grad({in_slots.sum()}, {density}, {}, true, true)[0];
  const Tensor energies = in_slots.reshape({-1}).index_select(0, slots.slot);
  const Tensor gradient = network.FromSlots(slots, by_density);
  const Tensor scalar = at::dot(energies, at::tensor(weight_, at::kDouble)) +
                        at::dot(gradient.reshape({-1}), at::tensor(direction_, at::kDouble));
  const Tensor by_parameters = torch::autograd::grad({scalar}, {theta})[0];

  AtomNetwork<double> kernels(a_, 1);
  kernels.SetStandardisation(mean_, scale_);
  kernels.SetParameters(parameters_.data());
  const AtomTiles tiles = MakeAtomTiles(species_, 3);
  AtomNetwork<double>::Workspace workspace;
  std::vector<double> e(n), g(density_.size()), w(parameters_.size());
  kernels.Energies(tiles, density_.data(), e.data(), g.data(), nullptr, &workspace);
  kernels.WeightGradient(tiles, weight_.data(), direction_.data(), &workspace, w.data());
  EXPECT_LT(LargestDifference(energies, e), 1e-12);
  EXPECT_LT(LargestDifference(gradient, g), 1e-12);
  EXPECT_LT(LargestDifference(by_parameters, w), 1e-11);
}

TEST_P(TensorNetworkTest, SlotsHoldEveryAtomOnce) {
  const TensorNetwork network(a_, at::kDouble, at::kCPU);
  const AtomSlots slots = MakeAtomSlots(species_, 3, at::kCPU);
  EXPECT_EQ(slots.n_slots, 19);
  const Tensor density = at::tensor(density_, at::kDouble).reshape({23, -1});
  const Tensor in_slots = network.ToSlots(slots, density);
  EXPECT_TRUE(at::equal(network.FromSlots(slots, in_slots), density));
  EXPECT_NEAR((in_slots.square().sum() / density.square().sum()).item<double>(), 1.0, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Shapes, TensorNetworkTest,
                         ::testing::Values(std::tuple(0, 4, 1), std::tuple(2, 16, 1), std::tuple(3, 8, 1),
                                           std::tuple(2, 5, 2), std::tuple(1, 32, 2), std::tuple(4, 6, 1),
                                           std::tuple(5, 3, 2)));

}  // namespace
}  // namespace superion::trainer
