#include "core/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

std::string Message(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(Json, BrokenTextNamesItsOrigin) {
  EXPECT_THAT(Message(ParseJson("{\"a\": }", "params.json").status()),
              HasSubstr("params.json: not valid JSON"));
  EXPECT_THAT(Message(ParseJson(std::string_view("{}\0garbage", 10), "x").status()),
              HasSubstr("byte 2 is zero"));
  EXPECT_EQ(ParseJson("[1, 2]", "x").value().size(), 2u);
}

TEST(Json, RepeatedKeysAndBottomlessNestingAreRefused) {
  EXPECT_THAT(Message(ParseJson(R"({"a": 1, "b": {"a": 2, "c": 3, "a": 4}})", "x").status()),
              HasSubstr("the key \"a\" comes twice"));
  EXPECT_TRUE(ParseJson(R"([{"a": 1}, {"a": {"a": 2}}])", "x").ok());
  EXPECT_TRUE(ParseJson(std::string(100, '[') + std::string(100, ']'), "x").ok());
  EXPECT_THAT(Message(ParseJson(std::string(101, '[') + std::string(101, ']'), "x").status()),
              HasSubstr("deeper than 100"));
  std::string open;
  for (int k = 0; k < 300000; ++k) open += "{\"a\":[";
  EXPECT_FALSE(ParseJson(open, "x").ok());
  for (int k = 0; k < 300000; ++k) open += "]}";
  EXPECT_FALSE(ParseJson(open, "x").ok());
}

TEST(Json, FilesAreReadOrMissed) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileAtomically(directory.File("a.json"), "{\"x\": 3}").ok());
  EXPECT_EQ(ReadJson(directory.File("a.json")).value()["x"], 3);
  EXPECT_EQ(ReadJson(directory.File("b.json")).status().code(), absl::StatusCode::kNotFound);
}

TEST(Json, TypedAccessNamesTheKey) {
  const Json object = {{"t", 300.5}, {"n", 4}, {"name", "Li"}};
  EXPECT_EQ(GetNumber(object, "t", "params").value(), 300.5);
  EXPECT_EQ(GetNumber(object, "n", "params").value(), 4.0);
  EXPECT_EQ(GetInteger(object, "n", "params").value(), 4);
  EXPECT_EQ(GetString(object, "name", "params").value(), "Li");
  EXPECT_EQ(Message(GetNumber(object, "x", "params").status()), "params.x: missing");
  EXPECT_EQ(Message(GetInteger(object, "t", "params").status()),
            "params.t: expected an integer, found 300.5");
  EXPECT_EQ(Message(GetNumber(object, "name", "params").status()),
            "params.name: expected a number, found \"Li\"");
  EXPECT_EQ(Message(GetString(object, "n", "params").status()), "params.n: expected a string, found 4");
  EXPECT_THAT(Message(GetNumber(Json(3), "n", "params").status()), HasSubstr("expected an object, found 3"));
}

TEST(Json, ForeignBytesNeverEndTheProgram) {
  const Json message = {{"message", "pw.x said \xff\xfe"}};
  EXPECT_THAT(DumpJson(message), HasSubstr("pw.x said"));
  EXPECT_TRUE(ParseJson(DumpJson(message), "x").ok());
  EXPECT_THAT(Message(GetNumber(message, "message", "m").status()), HasSubstr("expected a number"));
  EXPECT_EQ(DumpJson({{"a", 1}}, 1), "{\n \"a\": 1\n}");
}

}  // namespace
}  // namespace superion
