#include "trainer/pair_kernel.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/random.h"
#include "potential/pair_dispatch.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/force_operator.h"
#include "trainer/pair_kernel.inl"

namespace superion::trainer {
namespace {

constexpr double kUnwritten = std::numeric_limits<double>::quiet_NaN();

// Threads one after the other, `step` apart, round and round: every thread once, in another order.
struct Strided {
  long step;
  template <typename Stage>
  void operator()(long n, const Stage& stage) const {
    for (long first = 0; first < std::min(step, n); ++first)
      for (long thread = n - 1 - first; thread >= 0; thread -= step) stage(thread);
  }
};

struct Results {
  std::vector<double> forces, virials;
  std::vector<float> adjoint;
};

class PairKernelTest : public ::testing::Test {
 protected:
  PairKernelTest() {
    for (const Frame& frame : MorseFrames(3, 0.15, 3)) lists_.push_back(*MakePairList(a_, frame.structure));
    for (const PairList& list : lists_) pointers_.push_back(&list);
    Random random(7);
    gradient_.resize(24 * a_.n_density());
    for (float& g : gradient_) g = static_cast<float>(random.Gaussian());
    for (int i = 0; i < 24 * 3 + 3 * 9; ++i) cotangent_.push_back(random.Gaussian());
  }

  // What no thread has written stays NaN.
  Results Run(const Strided& launch) const {
    const PairTensors pairs(pointers_, at::kCPU);
    const PairArrays& at = pairs.arrays();
    const auto setting = MakePairSetting<float>(a_, 0.3);
    Results out{std::vector<double>(3 * at.n_atoms, kUnwritten),
                std::vector<double>(9 * at.n_frames, kUnwritten),
                std::vector<float>(gradient_.size(), static_cast<float>(kUnwritten))};
    std::vector<double> pair_gradient(3 * at.n_pairs, kUnwritten), atom_virials(9 * at.n_atoms, kUnwritten);
    RunForces<3>(ForceArguments<float>{setting, at, gradient_.data(), pair_gradient.data(),
                                       atom_virials.data(), out.forces.data(), out.virials.data()},
                 launch);
    std::vector<float> factors(2 * (setting.n_radial + setting.n_lm) * at.n_pairs,
                               static_cast<float>(kUnwritten));
    RunAdjoint<3>(AdjointArguments<float>{setting, at, cotangent_.data(), cotangent_.data() + 72,
                                          factors.data(), out.adjoint.data()},
                  launch);
    return out;
  }

  ModelArchitecture a_ = *ArchitectureOfSize("S", {"Li", "Cl"}, 4.0);
  std::vector<PairList> lists_;
  std::vector<const PairList*> pointers_;
  std::vector<float> gradient_;
  std::vector<double> cotangent_;
};

// On a device the threads of a stage run in any order. NaN is unequal to itself, so everything was written.
TEST_F(PairKernelTest, OrderOfTheThreadsChangesNoBit) {
  const Results expected = Run({1});
  for (long step : {2, 7, 1000}) {
    const Results other = Run({step});
    EXPECT_EQ(other.forces, expected.forces) << "step " << step;
    EXPECT_EQ(other.virials, expected.virials) << "step " << step;
    EXPECT_EQ(other.adjoint, expected.adjoint) << "step " << step;
  }
}

TEST_F(PairKernelTest, EveryPairComesOnceAtItsNeighbor) {
  const PairTensors pairs(pointers_, at::kCPU);
  const PairArrays& at = pairs.arrays();
  std::vector<int> seen(at.n_pairs, 0);
  for (long j = 0; j < at.n_atoms; ++j)
    for (int k = at.first_incoming[j]; k < at.first_incoming[j + 1]; ++k) {
      ++seen[at.incoming[k]];
      EXPECT_EQ(at.neighbor[at.incoming[k]], j);
      EXPECT_EQ(at.frame[at.center[at.incoming[k]]], at.frame[j]);
    }
  EXPECT_EQ(seen, std::vector<int>(at.n_pairs, 1));
  EXPECT_EQ(at.first_atom[at.n_frames], 24);
}

}  // namespace
}  // namespace superion::trainer
