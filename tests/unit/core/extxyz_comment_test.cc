#include "core/extxyz_comment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Parse(const std::string& line) {
  std::vector<std::string> items;
  const auto parsed = ParseComment(line);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  for (const CommentItem& item : parsed.value_or(std::vector<CommentItem>{})) {
    items.push_back(item.key + "|" + item.value);
  }
  return items;
}

TEST(ExtxyzComment, ReadsEveryStyleOfValue) {
  EXPECT_THAT(
      Parse(R"(a=1 b="two words" c='single' d={1 2 3} e=[1, 2, [3]] f flag = T g=)"),
      ElementsAre("a|1", "b|two words", "c|single", "d|1 2 3", "e|[1, 2, [3]]", "f|T", "flag|T", "g|"));
  EXPECT_THAT(Parse(R"(q="say \"hi\" \\ there\nend" "odd key"=5)"),
              ElementsAre("q|say \"hi\" \\ there\nend", "odd key|5"));
  EXPECT_THAT(Parse(R"(path=a=b url=x:y?z=1)"), ElementsAre("path|a=b", "url|x:y?z=1"));
  EXPECT_THAT(Parse("\t  \r"), ElementsAre());
}

TEST(ExtxyzComment, OpenQuotesAndBracketsAreErrors) {
  EXPECT_THAT(std::string(ParseComment("x=1 a=\"open").status().message()), HasSubstr("column 7: the quote"));
  EXPECT_THAT(std::string(ParseComment("a=[1, [2]").status().message()), HasSubstr("bracket ["));
  EXPECT_FALSE(ParseComment("a={1 2").ok());
  EXPECT_FALSE(ParseComment("\"key").ok());
}

TEST(ExtxyzComment, ItemsComeBack) {
  for (const std::string value :
       {"plain", "two words", "say \"hi\"", "back\\slash", "line\nbreak", "[1, 2, 3]", "[1", "[1] [2]", "]",
        "{x}", "a=b", "'", "", "T", "1e-5", "é ü"}) {
    for (const std::string key : {"name", "odd key"}) {
      const auto items = ParseComment("before=1 " + FormatCommentItem(key, value) + " after=2");
      ASSERT_TRUE(items.ok()) << items.status() << " for " << value;
      ASSERT_EQ(items->size(), 3u) << value;
      EXPECT_EQ((*items)[1].key, key);
      EXPECT_EQ((*items)[1].value, value);
    }
  }
}

TEST(ExtxyzComment, Reals) {
  EXPECT_EQ(ParseReal("-1.5e-3").value(), -1.5e-3);
  EXPECT_EQ(ParseReal("+2").value(), 2);
  EXPECT_EQ(ParseWideReal("0.1000000000000000055511151231257827").value(), static_cast<long double>(0.1));
  EXPECT_NE(ParseWideReal("0.1").value(), static_cast<long double>(0.1));
  EXPECT_EQ(ParseReal("1.5D+02").value(), 150.0);
  EXPECT_EQ(ParseReal("0.1000000000000000055511151231257827").value(), 0.1);
  for (const char* text :
       {"", "x", "1.5x", "--1", "+-1", "1e", "nan", "NaN", "inf", "-Infinity", "1e999", "0x10", "1,5"}) {
    EXPECT_FALSE(ParseReal(text).ok()) << text;
  }
  EXPECT_THAT(ParseReals("[[1, 2], [3, 4]]").value(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ParseReals(" 1\t-2 ").value(), ElementsAre(1, -2));
  EXPECT_FALSE(ParseReals("1 two").ok());
}

TEST(ExtxyzComment, Logicals) {
  for (const char* text : {"T T F", "[T, T, F]", "True True False", "[true, true, false]", "1 1 0"}) {
    EXPECT_THAT(ParseLogicals(text).value(), ElementsAre(true, true, false)) << text;
  }
  EXPECT_FALSE(ParseLogicals("T maybe F").ok());
}

}  // namespace
}  // namespace superion
