#include "core/number_range.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion {
namespace {

TEST(NumberRange, HoldsWhatLiesWithinAndIsFinite) {
  EXPECT_TRUE(AtLeast(1, 2).Holds(1));
  EXPECT_TRUE(AtLeast(1, 2).Holds(2));
  EXPECT_FALSE(AtLeast(1, 2).Holds(2.0001));
  EXPECT_FALSE(Positive().Holds(0));
  EXPECT_TRUE(Positive().Holds(1e-300));
  for (const Range& range : {Range{}, Positive(), AtLeast(-5)}) {
    EXPECT_FALSE(range.Holds(std::nan("")));
    EXPECT_FALSE(range.Holds(kInfinity));
    EXPECT_FALSE(range.Holds(-kInfinity));
  }
}

TEST(NumberRange, SaysItselfInWords) {
  EXPECT_EQ(Positive(10).Describe(), "> 0 and <= 10");
  EXPECT_EQ(AtLeast(1).Describe(), ">= 1");
  EXPECT_EQ((Range{-kInfinity, 3}).Describe(), "<= 3");
  EXPECT_EQ(Range{}.Describe(), "any");
}

}  // namespace
}  // namespace superion
