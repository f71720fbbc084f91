#include "core/text_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion {
namespace {

using testing::ElementsAre;

TEST(TextFields, LinesOfEverySystem) {
  EXPECT_THAT(SplitLines("\xEF\xBB\xBF"
                         "a\r\n\nb c"),
              ElementsAre("a", "", "b c"));
  EXPECT_THAT(SplitLines("a\n"), ElementsAre("a"));
  EXPECT_THAT(SplitLines(""), ElementsAre());
  EXPECT_EQ(Trim(" \t x y\r\n"), "x y");
  EXPECT_EQ(Trim("  "), "");
  EXPECT_EQ(Lower("Direct"), "direct");
}

TEST(TextFields, WholeNumbers) {
  EXPECT_EQ(ParseInteger("-12").value(), -12);
  for (const char* text : {"", "1.0", "1x", "x", "99999999999"})
    EXPECT_FALSE(ParseInteger(text).ok()) << text;
}

TEST(TextFields, ElementsOfLabels) {
  for (const auto& [label, element] : std::vector<std::pair<std::string, std::string>>{{"Li", "Li"},
                                                                                       {"Li1", "Li"},
                                                                                       {"Li1+", "Li"},
                                                                                       {"S2-", "S"},
                                                                                       {"CL3", "Cl"},
                                                                                       {"Ow", "O"},
                                                                                       {"Fe_up", "Fe"},
                                                                                       {"S", "S"},
                                                                                       {"s1", "S"},
                                                                                       {"H1", "H"}}) {
    EXPECT_EQ(ElementOfLabel(label).value_or("none"), element) << label;
  }
  for (const char* label : {"", "1Li", "Q1", "_"}) EXPECT_FALSE(ElementOfLabel(label).ok()) << label;
}

TEST(TextFields, TheCursorKnowsItsLine) {
  LineCursor cursor("one\ntwo 2\n", "file");
  EXPECT_EQ(cursor.Line("x").value(), "one");
  EXPECT_EQ(cursor.Remaining(), 1u);
  EXPECT_THAT(cursor.Fields("x").value(), ElementsAre("two", "2"));
  EXPECT_EQ(cursor.Error("odd").message(), "file: line 2: odd");
  EXPECT_TRUE(cursor.AtEnd());
  EXPECT_EQ(cursor.Line("the cell").status().message(), "file: the text ends where the cell should be");
}

TEST(TextFields, Vectors) {
  EXPECT_EQ(ParseVector({"a", "1", "2", "3", "T"}, 1).value(), (Vec3{1, 2, 3}));
  EXPECT_FALSE(ParseVector({"1", "2"}).ok());
  EXPECT_FALSE(ParseVector({"1", "2", "x"}).ok());
}

}  // namespace
}  // namespace superion
