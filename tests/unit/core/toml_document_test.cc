#include "core/toml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion {
namespace {

using ::testing::HasSubstr;

TEST(TomlDocumentTest, KeepsValuesTypesAndLines) {
  const absl::StatusOr<TomlDocument> d =
      ParseToml("a = 1\nb = 2.5\n[t]\nc = [true, \"x\"]\n[[m]]\nk = 3\n", "f.toml");
  ASSERT_TRUE(d.ok()) << d.status();
  EXPECT_TRUE(d->root["a"].is_number_integer());
  EXPECT_EQ(d->root["b"], 2.5);
  EXPECT_EQ(d->root["t"]["c"], Json::parse("[true, \"x\"]"));
  EXPECT_EQ(d->root["m"][0]["k"], 3);
  EXPECT_EQ(d->lines.at("t.c"), 4);
  EXPECT_EQ(d->lines.at("m[0].k"), 6);
}

TEST(TomlDocumentTest, SyntaxErrorsHaveALine) {
  EXPECT_THAT(std::string(ParseToml("a = 1\nb = = 2\n", "f.toml").status().message()), HasSubstr("f.toml:2"));
}

TEST(TomlDocumentTest, DatesAreRefused) {
  EXPECT_THAT(std::string(ParseToml("a = 2020-01-01\n", "f.toml").status().message()), HasSubstr("dates"));
}

}  // namespace
}  // namespace superion
