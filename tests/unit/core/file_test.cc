#include "core/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstring>

#include "temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

TEST(File, WhatIsWrittenIsRead) {
  const TemporaryDirectory directory;
  const std::string content("zero\0byte\r\n\xff", 12);
  ASSERT_TRUE(WriteFileAtomically(directory.File("a"), content).ok());
  EXPECT_EQ(ReadFile(directory.File("a")).value(), content);
  ASSERT_TRUE(WriteFileAtomically(directory.File("a"), "").ok());
  EXPECT_EQ(ReadFile(directory.File("a")).value(), "");
  EXPECT_EQ(directory.Entries(), 1u);
}

TEST(File, MissingOnesAreNamed) {
  const TemporaryDirectory directory;
  const auto content = ReadFile(directory.File("none"));
  EXPECT_EQ(content.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(content.status().message()), HasSubstr(directory.File("none")));
  EXPECT_EQ(Sha256File(directory.File("none")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(WriteFileAtomically(directory.File("no/folder"), "x").ok());
  EXPECT_FALSE(ReadFile(directory.path()).ok()) << "a folder is not a file";
}

// FIPS 180-2, appendix B.
TEST(File, HashesAreSha256) {
  EXPECT_EQ(Sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const TemporaryDirectory directory;
  const std::string million(1000000, 'a');
  ASSERT_TRUE(WriteFileAtomically(directory.File("a"), million).ok());
  EXPECT_EQ(Sha256File(directory.File("a")).value(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// A disk of 64 KiB that the test mounts for itself.
TEST(File, AFullDiskKeepsTheOldContent) {
  const TemporaryDirectory directory;
  if (::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "cannot mount a tmpfs: " << std::strerror(errno);
  }
  const absl::Status first = WriteFileAtomically(directory.File("a"), "old");
  const absl::Status second = WriteFileAtomically(directory.File("a"), std::string(1 << 20, 'x'));
  const auto content = ReadFile(directory.File("a"));
  const size_t entries = directory.Entries();
  ASSERT_EQ(::umount(directory.path().c_str()), 0);
  EXPECT_TRUE(first.ok()) << first;
  EXPECT_EQ(second.code(), absl::StatusCode::kResourceExhausted) << second;
  EXPECT_THAT(std::string(second.message()), HasSubstr("No space left"));
  EXPECT_EQ(content.value(), "old");
  EXPECT_EQ(entries, 1u) << "the unfinished file was left behind";
}

TEST(File, AFailedRenameLeavesNothingBehind) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(std::filesystem::create_directories(directory.File("taken/by/a/folder")));
  EXPECT_FALSE(WriteFileAtomically(directory.File("taken"), "x").ok());
  EXPECT_EQ(directory.Entries(), 1u);
}

}  // namespace
}  // namespace superion
