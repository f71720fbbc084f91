#include "tests/unit/trainer/device_checks.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "core/random.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/force_operator.h"
#include "trainer/train_loop.h"

namespace superion::trainer {
namespace {

using at::Tensor;

template <typename Real>
constexpr at::ScalarType kType = sizeof(Real) == 4 ? at::kFloat : at::kDouble;

template <typename Real>
std::vector<Real> Gaussians(size_t n, double scale, uint64_t seed) {
  Random random(seed);
  std::vector<Real> v(n);
  for (Real& x : v) x = static_cast<Real>(scale * random.Gaussian());
  return v;
}

template <typename Real>
Tensor Place(const std::vector<Real>& v, std::vector<int64_t> shape, at::Device device) {
  return at::tensor(v, kType<Real>).reshape(shape).to(device);
}

double LargestDifference(const Tensor& a, const Tensor& b) {
  const Tensor x = a.to(at::kCPU, at::kDouble).reshape({-1}), y = b.to(at::kCPU, at::kDouble).reshape({-1});
  return ((x - y).abs().max() / y.abs().max()).item<double>();
}

// Eight atoms, one atom that sees its own images, no pair at all, eight atoms.
std::vector<PairList> UnlikeFrames(const ModelArchitecture& architecture) {
  std::vector<Frame> frames = MorseFrames(2, 0.15, 3);
  Structure one = frames[0].structure, alone = one;
  one.species.resize(1), one.positions.resize(1);
  for (Vec3& row : one.cell) row = 0.6 * row;
  alone.species.resize(1), alone.positions.resize(1);
  for (Vec3& row : alone.cell) row = 10.0 * row;
  std::vector<PairList> pairs;
  for (const Structure& s : {frames[0].structure, one, alone, frames[1].structure})
    pairs.push_back(*MakePairList(architecture, s));
  EXPECT_TRUE(pairs[2].center.empty());
  EXPECT_FALSE(pairs[1].center.empty());
  return pairs;
}

// Frame by frame by DensityOperator.
template <typename Real>
struct Expected {
  std::vector<double> forces, virials;
  std::vector<Real> adjoint;
};
template <typename Real>
Expected<Real> ByDensityOperator(const ModelArchitecture& a, const std::vector<PairList>& frames,
                                 const std::vector<Real>& gradient,
                                 const std::vector<double>& force_cotangent,
                                 const std::vector<double>& virial_cotangent) {
  const DensityOperator<Real> judge(a, 0.3);
  Expected<Real> all{{}, {}, std::vector<Real>(gradient.size())};
  size_t first = 0;
  for (size_t k = 0; k < frames.size(); ++k) {
    const size_t n = frames[k].n_atoms;
    std::vector<double> f(3 * n), w(9 * n), total(9, 0.0), cotangent(9 * n);
    for (size_t i = 0; i < 9 * n; ++i) cotangent[i] = virial_cotangent[9 * k + i % 9];
    judge.Forces(frames[k], gradient.data() + first * a.n_density(), f.data(), w.data());
    judge.ForcesAdjoint(frames[k], force_cotangent.data() + 3 * first, cotangent.data(),
                        all.adjoint.data() + first * a.n_density());
    for (size_t i = 0; i < 9 * n; ++i) total[i % 9] += w[i];
    all.forces.insert(all.forces.end(), f.begin(), f.end());
    all.virials.insert(all.virials.end(), total.begin(), total.end());
    first += n;
  }
  return all;
}

template <typename Real>
double Inner(const Tensor& a, const std::vector<Real>& b) {
  const Tensor x = a.to(at::kCPU, at::kDouble).reshape({-1});
  return at::dot(x, at::tensor(b, kType<Real>).to(at::kDouble)).template item<double>();
}

// Two species, random weights, a small model.
template <typename Real>
struct Step {
  ModelArchitecture architecture = *ArchitectureOfSize("S", {"Li", "Cl"}, 4.5);
  FrameStore<Real> store;
  FixedScales scales;
  std::vector<Real> parameters;

  explicit Step(int products) {
    architecture.channels = 8, architecture.hidden = 6, architecture.l_max = 3, architecture.n_radial = 5;
    architecture.products = products;
    architecture.invariant_pairs = {{0, 0}, {0, 1}, {1, 1}};
    MemoryBudget budget;
    std::vector<Frame> frames = MorseFrames(3, 0.12, 11);
    frames[1].stress.reset();
    store = *FrameStore<Real>::Create(architecture, frames, 0.7, 1, &budget);
    scales = MeasureScales(architecture, store.frames(), 0.7);
    store.Finish(scales);
    parameters = Gaussians<Real>(ParameterLayout(architecture).size(), 0.3, 3);
  }
  std::unique_ptr<TrainingGraph<Real>> Graph(Device device) const {
    auto graph = std::make_unique<TrainingGraph<Real>>(architecture, scales, 2, device);
    const size_t n = 2 * architecture.n_features();
    graph->network().SetStandardisation(std::vector<double>(n, 0.1), std::vector<double>(n, 1.5));
    graph->network().SetParameters(parameters.data());
    return graph;
  }
};

const LossWeights kWeights{3.0, 1.0, 0.5, 0.05};

TrainOptions Options(const Dataset& dataset, Device device) {
  TrainOptions options;
  options.architecture = *ArchitectureOfSize("S", dataset.species, 4.6);
  options.epochs = 5;
  options.double_precision = true;
  options.device = device;
  return options;
}

}  // namespace

template <typename Real>
void CheckForceOperator(at::Device device, double tolerance) {
  for (int l_max = 0; l_max <= 5; ++l_max) {
    ModelArchitecture a = *ArchitectureOfSize("S", {"Li", "Cl"}, 4.0);
    a.l_max = l_max, a.n_radial = 7;
    const std::vector<PairList> frames = UnlikeFrames(a);
    const int64_t n = 18;
    const auto gradient = Gaussians<Real>(n * a.n_density(), 1.0, 5);
    const auto u = Gaussians<double>(3 * n, 1.0, 7), w = Gaussians<double>(9 * frames.size(), 1.0, 9);
    const Expected<Real> expected = ByDensityOperator<Real>(a, frames, gradient, u, w);
    std::vector<const PairList*> pointers;
    for (const PairList& pairs : frames) pointers.push_back(&pairs);
    const PairTensors pairs(pointers, device);
    ASSERT_EQ(pairs.arrays().n_atoms, n);
    const ForceOperator<Real> force_operator(a, 0.3);
    const Tensor g = Place(gradient, {n, -1}, device);
    const Motion motion = force_operator.Forces(pairs, g, true);
    const Motion cotangent{Place(u, {n, 3}, device), Place(w, {-1, 9}, device)};
    const Tensor adjoint = force_operator.Adjoint(pairs, cotangent);
    EXPECT_LT(LargestDifference(motion.forces, at::tensor(expected.forces)), tolerance) << "l_max " << l_max;
    EXPECT_LT(LargestDifference(motion.virials, at::tensor(expected.virials)), tolerance)
        << "l_max " << l_max;
    EXPECT_LT(LargestDifference(adjoint, at::tensor(expected.adjoint)), tolerance) << "l_max " << l_max;
    const double left = Inner(motion.forces, u) + Inner(motion.virials, w);
    const double size = motion.forces.norm().item<double>() * cotangent.forces.norm().item<double>();
    EXPECT_NEAR(left, Inner(adjoint, gradient), tolerance * size) << "l_max " << l_max;
    // Without virials.
    EXPECT_TRUE(at::equal(force_operator.Forces(pairs, g, false).forces, motion.forces));
    const Tensor of_forces = force_operator.Adjoint(pairs, {cotangent.forces, Tensor()});
    EXPECT_NEAR(Inner(motion.forces, u), Inner(of_forces, gradient), tolerance * size) << "l_max " << l_max;
  }
}

template <typename Real>
void CheckStep(Device device, double tolerance) {
  for (int products : {1, 2}) {
    const Step<Real> step(products);
    std::vector<LossTerms> terms;
    std::vector<std::vector<Real>> gradients(2);
    std::vector<Prediction> predictions(2);
    for (Device one : {Device::kCpu, device}) {
      const auto graph = step.Graph(one);
      const Batch<Real> batch = graph->MakeBatch(step.store, {0, 2, 1});
      graph->Predict(batch, true, &predictions[terms.size()]);
      auto& gradient = gradients[terms.size()];
      terms.push_back(graph->LossGradient(batch, step.parameters, kWeights, &gradient));
    }
    EXPECT_NEAR(terms[1].energy / terms[0].energy, 1.0, tolerance);
    EXPECT_NEAR(terms[1].force / terms[0].force, 1.0, tolerance);
    EXPECT_NEAR(terms[1].stress / terms[0].stress, 1.0, tolerance);
    const auto differ = [](const auto& a, const auto& b) {
      return LargestDifference(at::tensor(a), at::tensor(b));
    };
    EXPECT_LT(differ(gradients[1], gradients[0]), tolerance) << products << " products";
    EXPECT_LT(differ(predictions[1].energies, predictions[0].energies), tolerance);
    EXPECT_LT(differ(predictions[1].forces, predictions[0].forces), tolerance);
    EXPECT_LT(differ(predictions[1].virials, predictions[0].virials), tolerance);
  }
}

void CheckSameBits(Device device) {
  const Step<float> step(1);
  const auto graph = step.Graph(device);
  const Batch<float> batch = graph->MakeBatch(step.store, {0, 1, 2});
  std::vector<float> first, second;
  const LossTerms a = graph->LossGradient(batch, step.parameters, kWeights, &first);
  const LossTerms b = graph->LossGradient(batch, step.parameters, kWeights, &second);
  EXPECT_EQ(a.Total(kWeights), b.Total(kWeights));
  EXPECT_EQ(first, second);
}

void CheckTraining(Device device, double tolerance) {
  const Dataset dataset = MorseDataset(12, 4);
  const TrainOptions on_cpu = Options(dataset, Device::kCpu);
  const auto expected = Train(on_cpu, dataset, nullptr, nullptr);
  ASSERT_TRUE(expected.ok()) << expected.status();
  const auto check = [&](const absl::StatusOr<TrainOutcome>& outcome) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_EQ(outcome->learning_curve.size(), 5u);
    for (size_t k = 0; k < 5; ++k) {
      const double a = outcome->learning_curve[k]["valid"]["force_mae_mev_per_angstrom"];
      const double b = expected->learning_curve[k]["valid"]["force_mae_mev_per_angstrom"];
      EXPECT_NEAR(a / b, 1.0, tolerance) << "validation " << k;
    }
    for (const auto& [name, tensor] : expected->model.tensors)
      EXPECT_LT(
          LargestDifference(at::tensor(outcome->model.tensors.at(name).values), at::tensor(tensor.values)),
          tolerance)
          << name;
  };
  check(Train(Options(dataset, device), dataset, nullptr, nullptr));
  // Two epochs on the CPU, the others on the device.
  const auto folder =
      std::filesystem::path(::testing::TempDir()) / ("superion_device_" + NameOf(device) + "_checkpoint");
  std::filesystem::remove(folder);
  TrainOptions begin = on_cpu, end = Options(dataset, device);
  begin.checkpoint_path = end.checkpoint_path = folder;
  begin.stop_after_epochs = 2;
  EXPECT_EQ(Train(begin, dataset, nullptr, nullptr).status().code(), absl::StatusCode::kUnavailable);
  const auto resumed = Train(end, dataset, nullptr, nullptr);
  check(resumed);
  EXPECT_TRUE(resumed->resumed);
  std::filesystem::remove(folder);
}

template void CheckForceOperator<float>(at::Device, double);
template void CheckForceOperator<double>(at::Device, double);
template void CheckStep<float>(Device, double);
template void CheckStep<double>(Device, double);

}  // namespace superion::trainer
