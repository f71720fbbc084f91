#include "trainer/training_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "core/random.h"
#include "tests/unit/trainer/morse_crystal.h"

namespace superion::trainer {
namespace {

// A small model with random weights on a few frames, in float64.
class TrainingGraphTest : public ::testing::Test {
 protected:
  void SetUp() override {
    architecture_ = *ArchitectureOfSize("S", {"Li", "Cl"}, 4.5);
    architecture_.n_radial = 4;
    architecture_.channels = 8;
    architecture_.hidden = 6;
    frames_ = MorseFrames(3, 0.12, 11);
    Build(frames_);
    Random random(3);
    parameters_.resize(ParameterLayout(architecture_).size());
    for (double& p : parameters_) p = 0.3 * random.Gaussian();
    const size_t n = 2 * architecture_.n_features();
    graph_->network().SetStandardisation(std::vector<double>(n, 0.1), std::vector<double>(n, 1.5));
    graph_->network().SetParameters(parameters_.data());
  }

  void Build(const std::vector<Frame>& frames) {
    MemoryBudget budget;
    store_ = *FrameStore<double>::Create(architecture_, frames, 0.7, 1, &budget);
    if (graph_ == nullptr) {
      scales_ = MeasureScales(architecture_, store_.frames(), 0.7);
      graph_ = std::make_unique<TrainingGraph<double>>(architecture_, scales_, 2);
    }
    store_.Finish(scales_);
    std::vector<int> all(frames.size());
    std::iota(all.begin(), all.end(), 0);
    batch_ = graph_->MakeBatch(store_, all);
  }

  Prediction Predict() {
    Prediction p;
    graph_->Predict(batch_, true, &p);
    return p;
  }

  ModelArchitecture architecture_;
  std::vector<Frame> frames_;
  FrameStore<double> store_;
  FixedScales scales_;
  std::unique_ptr<TrainingGraph<double>> graph_;
  std::vector<double> parameters_;
  Batch<double> batch_;
};

TEST_F(TrainingGraphTest, ForcesAreMinusTheDifferenceOfTheEnergy) {
  const Prediction at = Predict();
  const double h = 1e-4;
  for (int atom : {0, 5}) {
    for (int a = 0; a < 3; ++a) {
      double energy[2];
      for (int side : {0, 1}) {
        std::vector<Frame> moved = frames_;
        moved[1].structure.positions[atom][a] += side == 0 ? -h : h;
        Build(moved);
        energy[side] = Predict().energies[1];
      }
      const double difference = -(energy[1] - energy[0]) / (2 * h);
      EXPECT_NEAR(at.forces[3 * (8 + atom) + a], difference,
                  1e-6 * scales_.energy_scale + 1e-6 * std::abs(difference));
    }
  }
}

TEST_F(TrainingGraphTest, VirialIsMinusTheDerivativeByStrain) {
  const Prediction at = Predict();
  const double h = 1e-5;
  double energy[2];
  for (int side : {0, 1}) {
    std::vector<Frame> strained = frames_;
    Structure& s = strained[0].structure;
    const double e = side == 0 ? -h : h;
    for (Vec3& row : s.cell) row[1] += e * row[0];
    for (Vec3& r : s.positions) r[1] += e * r[0];
    Build(strained);
    energy[side] = Predict().energies[0];
  }
  EXPECT_NEAR(at.virials[1], -(energy[1] - energy[0]) / (2 * h), 1e-6 * std::abs(at.virials[0]));
}

// The whole chain: second derivatives of the network through the force operator and its adjoint, to the loss.
TEST_F(TrainingGraphTest, GradientOfTheLossIsItsDifferenceByEveryKindOfWeight) {
  const LossWeights weights{3.0, 1.0, 0.5, 0.05};
  std::vector<double> gradient, ignored;
  graph_->LossGradient(batch_, parameters_, weights, &gradient);
  const ParameterLayout layout(architecture_);
  for (const ParameterBlock& block : layout.blocks()) {
    // The weight of the block with the largest gradient.
    int64_t k = block.offset;
    for (int64_t i = block.offset; i < block.offset + block.size; ++i)
      if (std::abs(gradient[i]) > std::abs(gradient[k])) k = i;
    ASSERT_NE(gradient[k], 0.0) << block.name;
    const double h = 1e-5;
    double loss[2];
    for (int side : {0, 1}) {
      std::vector<double> moved = parameters_;
      moved[k] += side == 0 ? -h : h;
      loss[side] = graph_->LossGradient(batch_, moved, weights, &ignored).Total(weights);
    }
    EXPECT_NEAR(gradient[k] / ((loss[1] - loss[0]) / (2 * h)), 1.0, 1e-5) << block.name;
  }
}

TEST_F(TrainingGraphTest, LossIsTheHuberMeanOfTheErrors) {
  const LossWeights weights{1.0, 1.0, 1.0, 0.05};
  std::vector<double> ignored;
  const LossTerms terms = graph_->LossGradient(batch_, parameters_, weights, &ignored);
  const Prediction p = Predict();
  const auto huber = [](double x) { return std::abs(x) < 0.05 ? 0.5 * x * x : 0.05 * (std::abs(x) - 0.025); };
  double energy = 0, force = 0, stress = 0;
  for (int k = 0; k < 3; ++k) {
    energy += huber((p.energies[k] - store_.frames()[k].energy) / 8 / scales_.energy_scale) / 3;
    for (int i = 0; i < 24; ++i)
      force += huber((p.forces[24 * k + i] - store_.frames()[k].forces[i]) / scales_.energy_scale) / 72;
    for (int i = 0; i < 9; ++i)
      stress += huber((p.virials[9 * k + i] - (*store_.frames()[k].virial)[i / 3][i % 3]) / 8 /
                      scales_.energy_scale) /
                27;
  }
  EXPECT_NEAR(terms.energy, energy, 1e-12 * energy);
  EXPECT_NEAR(terms.force, force, 1e-12 * force);
  EXPECT_NEAR(terms.stress, stress, 1e-12 * stress);
}

}  // namespace
}  // namespace superion::trainer
