#include "cli/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion {
namespace {

using ::testing::HasSubstr;

TEST(ProgressBarTest, DurationsReadLikeAClock) {
  EXPECT_EQ(FormatDuration(0), "0 s");
  EXPECT_EQ(FormatDuration(59.4), "59 s");
  EXPECT_EQ(FormatDuration(59.6), "1:00");
  EXPECT_EQ(FormatDuration(3599.4), "59:59");
  EXPECT_EQ(FormatDuration(3661), "1:01:01");
  EXPECT_EQ(FormatDuration(-1), "–");
  EXPECT_EQ(FormatDuration(std::numeric_limits<double>::quiet_NaN()), "–");
}

TEST(ProgressBarTest, BarsNeverOverflow) {
  EXPECT_EQ(FormatBar(0, 10, 4), "[----]");
  EXPECT_EQ(FormatBar(5, 10, 4), "[##--]");
  EXPECT_EQ(FormatBar(10, 10, 4), "[####]");
  EXPECT_EQ(FormatBar(20, 10, 4), "[####]");
  EXPECT_EQ(FormatBar(-3, 10, 4), "[----]");
  EXPECT_EQ(FormatBar(3, 0, 4), "[----]");
}

TEST(ProgressBarTest, EtaIsProportional) {
  const std::string line = FormatProgress("label", {4, 8, "labels", "SCF 5"}, 30);
  EXPECT_THAT(line, HasSubstr("50 %"));
  EXPECT_THAT(line, HasSubstr("4/8 labels"));
  EXPECT_THAT(line, HasSubstr("eta 30 s"));
  EXPECT_THAT(line, HasSubstr("SCF 5"));
  EXPECT_THAT(FormatProgress("x", {6, 8, "steps", ""}, 30, 5), HasSubstr("eta 1:00"));
  EXPECT_THAT(FormatProgress("x", {5, 8, "steps", ""}, 30, 5), HasSubstr("eta –"));
  EXPECT_THAT(FormatProgress("x", {0, 8, "steps", ""}, 3), HasSubstr("eta –"));
  EXPECT_EQ(FormatProgress("x", {}, 3), "x starts, 3 s");
}

TEST(ProgressBarTest, CutsBetweenCharacters) {
  EXPECT_EQ(DisplayWidth("σ = 3 Å"), 7u);
  EXPECT_EQ(CutToWidth("σσσσ", 4), "σσσσ");
  EXPECT_EQ(CutToWidth("σσσσσ", 4), "σσσ…");
  EXPECT_EQ(DisplayWidth(CutToWidth("abcdefghij", 5)), 5u);
}

}  // namespace
}  // namespace superion
