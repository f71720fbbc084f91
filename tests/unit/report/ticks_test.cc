#include "report/ticks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace superion::report {
namespace {

std::vector<std::string> Labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> labels;
  for (const Tick& tick : ticks) {
    if (!tick.label.empty()) labels.push_back(tick.label);
  }
  return labels;
}

using testing::ElementsAre;

TEST(Ticks, LinearOnesAreRound) {
  EXPECT_THAT(Labels(LinearTicks(0, 10, 5)), ElementsAre("0", "2", "4", "6", "8", "10"));
  EXPECT_THAT(Labels(LinearTicks(-0.11, 0.32, 4)), ElementsAre("−0.1", "0", "0.1", "0.2", "0.3"));
  EXPECT_THAT(Labels(LinearTicks(1234.2, 1234.9, 4)), ElementsAre("1234.2", "1234.4", "1234.6", "1234.8"));
}

TEST(Ticks, WholeOnesSkipFractions) {
  EXPECT_THAT(Labels(LinearTicks(-0.1, 3.1, 6, true)), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(Labels(LinearTicks(0.9, 60.5, 6, true)), ElementsAre("10", "20", "30", "40", "50", "60"));
}

TEST(Ticks, LinearOnesStayInsideAndFew) {
  for (const double scale : {1e-9, 1e-3, 1.0, 7.0, 1e6}) {
    for (const double offset : {-5.0, 0.0, 100.0}) {
      const auto ticks = LinearTicks(scale * offset, scale * (offset + 3.3), 5);
      EXPECT_GE(ticks.size(), 3u);
      EXPECT_LE(ticks.size(), 9u);
      for (const Tick& tick : ticks) {
        EXPECT_GE(tick.value, scale * offset - 1e-6 * scale);
        EXPECT_LE(tick.value, scale * (offset + 3.3) + 1e-6 * scale);
      }
    }
  }
}

TEST(Ticks, LogarithmicOnesAreDecades) {
  EXPECT_THAT(Labels(LogTicks(0.5, 2000)), ElementsAre("1", "10", "100", "1000"));
  EXPECT_THAT(Labels(LogTicks(1e-6, 1e-2)), ElementsAre("10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01"));
  EXPECT_THAT(Labels(LogTicks(3, 60)), ElementsAre("5", "10", "20", "50"));
  EXPECT_THAT(Labels(LogTicks(31, 68)), ElementsAre("40", "50", "60"));
}

TEST(Ticks, NarrowLogarithmicRangesHaveLabelsToo) {
  EXPECT_THAT(Labels(LogTicks(11, 18)), ElementsAre("12", "14", "16", "18"));
  EXPECT_THAT(Labels(LogTicks(2.1, 90)), ElementsAre("5", "10", "20", "50"));
  for (const double factor : {1.0001, 1.01, 1.2, 1.9, 2.5, 3.5, 8.0, 30.0, 99.0, 101.0, 1e4}) {
    for (double low = 1e-7; low < 1e7; low *= 1.37) {
      const std::vector<std::string> labels = Labels(LogTicks(low, low * factor));
      EXPECT_GE(labels.size(), 2u) << low << " to " << low * factor;
      EXPECT_LE(labels.size(), 12u) << low << " to " << low * factor;
      EXPECT_EQ(std::set<std::string>(labels.begin(), labels.end()).size(), labels.size())
          << low << " to " << low * factor << ": two ticks with one label";
    }
  }
}

TEST(Ticks, TinyStepsOfTinyNumbersDiffer) {
  EXPECT_THAT(Labels(LinearTicks(1.2341e-7, 1.2349e-7, 4)),
              ElementsAre("1.2342e-07", "1.2344e-07", "1.2346e-07", "1.2348e-07"));
}

TEST(Ticks, ManyDecadesAreThinned) {
  EXPECT_LE(Labels(LogTicks(1e-30, 1e10)).size(), 12u);
  EXPECT_GE(Labels(LogTicks(1e-30, 1e10)).size(), 4u);
}

}  // namespace
}  // namespace superion::report
