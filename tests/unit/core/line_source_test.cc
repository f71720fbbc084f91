#include "core/line_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/core/temporary_directory.h"

namespace superion {
namespace {

class LineSourceTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = (std::filesystem::path(folder_.path()) / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static std::vector<std::string> All(LineSource* lines) {
    std::vector<std::string> out;
    for (std::string_view line; lines->Next(&line);) out.emplace_back(line);
    return out;
  }
  // xz and bzip2 are optional.
  static bool NotBuiltIn(const absl::Status& status) {
    return absl::IsInvalidArgument(status) &&
           status.message().find("this build does not read") != absl::string_view::npos;
  }
  TemporaryDirectory folder_;
};

TEST_F(LineSourceTest, PlainAndCompressedFilesGiveTheSameLines) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 40000; ++i) {
    expected.push_back(fmt::format("line {} {}", i, std::string(static_cast<size_t>(i % 37), 'x')));
    text += expected.back() + "\n";
  }
  expected.emplace_back(std::string(700000, 'y'));  // longer than the buffer
  text += expected.back() + "\n";
  const std::string path = Write("t", text);
  ASSERT_EQ(
      std::system(("gzip -k " + path + "; cat " + path + ".gz " + path + ".gz > " + path + "2.gz").c_str()),
      0);
  ASSERT_EQ(std::system(("zstd -q " + path).c_str()), 0);
  ASSERT_EQ(
      std::system(
          ("python3 -c \"import bz2, lzma, sys; t = open(sys.argv[1], 'rb').read(); "
           "open(sys.argv[1] + '.xz', 'wb').write(lzma.compress(t)); "
           "open(sys.argv[1] + '.bz2', 'wb').write(bz2.compress(t[:70000]) + bz2.compress(t[70000:]))\" " +
           path)
              .c_str()),
      0);
  for (const std::string suffix : {"", ".gz", ".zst", ".xz", ".bz2"}) {
    auto lines = OpenLines(path + suffix);
    if (NotBuiltIn(lines.status())) continue;
    ASSERT_TRUE(lines.ok()) << lines.status();
    EXPECT_EQ(All(lines->get()), expected) << suffix;
    EXPECT_TRUE((*lines)->status().ok()) << suffix;
    EXPECT_FALSE((*lines)->cut()) << suffix;
  }
  auto twice = OpenLines(path + "2.gz");
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(All(twice->get()).size(), 2 * expected.size()) << "members follow each other";
}

TEST_F(LineSourceTest, WhatIsCutOrDamagedIsSaid) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += fmt::format("{}\n", i * i * 7919LL % 10007);
  const std::string path = Write("t", text);
  ASSERT_EQ(std::system(("gzip -k " + path + "; zstd -q " + path).c_str()), 0);
  ASSERT_EQ(std::system(("/usr/bin/python3 -c \"import bz2, lzma, sys; t = open(sys.argv[1], 'rb').read(); "
                         "open(sys.argv[1] + '.xz', 'wb').write(lzma.compress(t)); "
                         "open(sys.argv[1] + '.bz2', 'wb').write(bz2.compress(t))\" " +
                         path)
                            .c_str()),
            0);
  for (const std::string suffix : {".gz", ".zst", ".xz", ".bz2"}) {
    const std::string whole = path + suffix;
    const auto size = std::filesystem::file_size(whole);
    std::filesystem::copy_file(whole, whole + ".damaged");
    std::filesystem::resize_file(whole, size - 9);
    auto lines = OpenLines(whole);
    if (NotBuiltIn(lines.status())) continue;
    ASSERT_TRUE(lines.ok());
    All(lines->get());
    EXPECT_TRUE((*lines)->status().ok()) << suffix << (*lines)->status();
    EXPECT_TRUE((*lines)->cut()) << suffix;
    {
      std::fstream damage(whole + ".damaged", std::ios::in | std::ios::out | std::ios::binary);
      damage.seekp(static_cast<std::streamoff>(size / 2));
      damage << "damage damage damage damage damage";
    }
    auto damaged = OpenLines(whole + ".damaged");
    ASSERT_TRUE(damaged.ok());
    All(damaged->get());
    EXPECT_EQ((*damaged)->status().code(), absl::StatusCode::kDataLoss) << suffix;
  }
  EXPECT_EQ(OpenLines(path + ".absent").status().code(), absl::StatusCode::kNotFound);
  auto open = OpenLines(Write("open", "a\nb"));
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(All(open->get()), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE((*open)->cut());
  EXPECT_TRUE(All(OpenLines(Write("empty", ""))->get()).empty());
}

}  // namespace
}  // namespace superion
