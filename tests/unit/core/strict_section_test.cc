#include "core/strict_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion {
namespace {

using ::testing::HasSubstr;

TEST(StrictSectionTest, ClosestWordForgivesSlipsOnly) {
  const std::set<std::string> words = {"temperature_k", "steps", "seeds"};
  EXPECT_EQ(ClosestWord("temprature_k", words), "temperature_k");
  EXPECT_EQ(ClosestWord("temperature", words), "temperature_k");
  EXPECT_EQ(ClosestWord("step", words), "steps");
  EXPECT_EQ(ClosestWord("pressure_bar", words), "");
}

TEST(StrictSectionTest, UnknownKeyComesBeforeTheMissingOne) {
  TomlDocument document;
  document.origin = "f";
  document.root = {{"s", {{"stesp", 3}}}};
  StrictSection section(document, "s");
  int steps = 0;
  section.Integer("steps", &steps, StrictSection::kRequired);
  EXPECT_EQ(std::string(section.Finish().message()),
            "f: s.stesp: unknown key \"stesp\"; did you mean \"steps\"?");
}

TEST(StrictSectionTest, OptionalKeysLeaveDefaultsAlone) {
  TomlDocument document;
  document.root = {{"a", 2.5}};
  StrictSection section(document, "");
  double a = 1, b = 7;
  section.Number("a", &a, StrictSection::kOptional, Positive());
  section.Number("b", &b, StrictSection::kOptional, Positive());
  EXPECT_TRUE(section.Finish().ok());
  EXPECT_EQ(a, 2.5);
  EXPECT_EQ(b, 7);
}

TEST(StrictSectionTest, SeedsAreWholeAndNotNegative) {
  for (const Json& wrong : {Json(-1), Json(1.5), Json("1")}) {
    TomlDocument document;
    document.root = {{"seed", wrong}};
    StrictSection section(document, "");
    uint64_t seed = 0;
    section.Seed("seed", &seed, StrictSection::kRequired);
    EXPECT_THAT(std::string(section.Finish().message()), HasSubstr("an integer >= 0"));
  }
}

TEST(StrictSectionTest, ElementsOfListsAreSections) {
  TomlDocument document;
  document.root = {{"m", {{{"d", 1}}, {{"d", 2}}}}};
  StrictSection section(document, "m[1]");
  double d = 0;
  section.Number("d", &d, StrictSection::kRequired);
  EXPECT_TRUE(section.Finish().ok());
  EXPECT_EQ(d, 2);
}

}  // namespace
}  // namespace superion
