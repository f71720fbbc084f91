#include "analysis/structure/displacement_windows.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/science/structure_models.h"

namespace superion::analysis {
namespace {

std::vector<Snapshot> Frames(size_t n) {
  std::vector<Snapshot> out;
  for (size_t f = 0; f < n; ++f)
    out.push_back(SnapshotOf({{{9, 0, 0}, {0, 9, 0}, {0, 0, 9}}}, {{double(f), 0, 0}}, f));
  return out;
}

TEST(DisplacementWindowsTest, EveryOriginMeetsEveryLagOnce) {
  DisplacementWindows windows(10, 5.0, 1000);
  ASSERT_EQ(windows.origin_stride(), 1u);
  std::map<size_t, size_t> pairs;
  const auto frames = Frames(50);
  // Batches change nothing.
  for (size_t f = 0; f < 50; f += 7) {
    for (const FramePair& pair : windows.Add(std::span(frames).subspan(f, std::min<size_t>(7, 50 - f)))) {
      EXPECT_EQ(pair.later->frame - pair.origin->frame, windows.lags()[pair.lag]);
      ++pairs[windows.lags()[pair.lag]];
    }
  }
  for (size_t lag : windows.lags()) EXPECT_EQ(pairs[lag], 50 - lag);
  EXPECT_EQ(windows.lags().front(), 0u);
  EXPECT_EQ(windows.lags().back(), 10u);
}

TEST(DisplacementWindowsTest, FewOriginsOfLongWindowsAndNoneAcrossSeeds) {
  DisplacementWindows windows(1000, 5.0, 10);
  EXPECT_GE(windows.origin_stride(), 100u);
  const auto frames = Frames(300);
  windows.Add(frames);
  for (const FramePair& pair : windows.Add(std::span(frames).first(1))) EXPECT_EQ(pair.origin, pair.later);
}

}  // namespace
}  // namespace superion::analysis
