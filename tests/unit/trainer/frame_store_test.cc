#include "trainer/frame_store.h"

#include <gtest/gtest.h>

#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/standardisation.h"

namespace superion::trainer {
namespace {

FrameStore<float> Store(const ModelArchitecture& architecture, double bytes) {
  MemoryBudget budget{bytes};
  FrameStore<float> store =
      *FrameStore<float>::Create(architecture, MorseFrames(40, 0.1, 1), 0.7, 2, &budget);
  EXPECT_GE(budget.bytes_left, 0.0);
  std::vector<std::string> sources;
  store.SetSources(&sources);
  store.Finish(MeasureScales(architecture, store.frames(), 0.7));
  return store;
}

TEST(FrameStore, KeepsWhatFitsAndMakesTheRestAnew) {
  const ModelArchitecture architecture = *ArchitectureOfSize("S", {"Li", "Cl"}, 4.5);
  const FrameStore<float> all = Store(architecture, 1e12), none = Store(architecture, 0),
                          some = Store(architecture, 1e5);
  EXPECT_EQ(all.n_kept(), 40u);
  EXPECT_EQ(none.n_kept(), 0u);
  EXPECT_GT(some.n_kept(), 0u);
  EXPECT_LT(some.n_kept(), 40u);
  for (int k = 0; k < 40; ++k) {
    PairList scratch;
    const PairList &kept = all.Pairs(k, &scratch), &made = none.Pairs(k, &scratch);
    EXPECT_EQ(&made, &scratch);
    EXPECT_EQ(kept.neighbor, made.neighbor);
    EXPECT_EQ(kept.displacement, made.displacement);
    EXPECT_EQ(all.Density(k), none.Density(k));
    EXPECT_EQ(all.Density(k), some.Density(k));
    EXPECT_EQ(all.frames()[k].energy, none.frames()[k].energy);
  }
  EXPECT_EQ(DensityGram(architecture, all), DensityGram(architecture, none));
}

TEST(FrameStore, NamesTheFrameThatCannotBePrepared) {
  const ModelArchitecture architecture = *ArchitectureOfSize("S", {"Li"}, 4.5);  // knows no Cl
  MemoryBudget budget;
  std::vector<Frame> frames = MorseFrames(40, 0.1, 1);
  for (int k = 0; k < 37; ++k) frames[k].structure.species.assign(frames[k].structure.size(), "Li");
  const auto store = FrameStore<float>::Create(architecture, frames, 0.7, 1, &budget);
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.status().message().find("frame 38"), std::string::npos) << store.status();
}

}  // namespace
}  // namespace superion::trainer
