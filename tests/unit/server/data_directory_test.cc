#include "server/daemon/data_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/database/temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

unsigned ModeOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

TEST(DataDirectory, IsPrivateAndKeepsItsToken) {
  const TemporaryDirectory folder;
  std::string token;
  {
    const auto directory = DataDirectory::Open(folder / "a/b/");
    ASSERT_TRUE(directory.ok()) << directory.status();
    EXPECT_EQ(ModeOf(folder / "a/b"), 0700u);
    token = *(*directory)->Token();
    EXPECT_EQ(token.size(), 64u);
    EXPECT_EQ(ModeOf(folder / "a/b/token"), 0600u);
    EXPECT_EQ(DataDirectory::Open(folder / "a/b").status().code(), absl::StatusCode::kFailedPrecondition);
  }
  const auto again = DataDirectory::Open(folder / "a/b");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*(*again)->Token(), token);
  const auto other = DataDirectory::Open(folder / "c");
  EXPECT_NE(*(*other)->Token(), token);
}

TEST(DataDirectory, RefusesWhatOthersCouldReadOrWrite) {
  const TemporaryDirectory folder;
  const auto directory = DataDirectory::Open(folder / "d");
  ASSERT_TRUE((*directory)->Token().ok());
  chmod((folder / "d/token").c_str(), 0644);
  EXPECT_THAT(std::string((*directory)->Token().status().message()), HasSubstr("chmod 600"));
  std::ofstream(folder / "short") << "abc";
  chmod((folder / "short").c_str(), 0600);
  EXPECT_THAT(std::string((*directory)->Token(folder / "short").status().message()), HasSubstr("16"));
  mkdir((folder / "open").c_str(), 0700);
  chmod((folder / "open").c_str(), 0777);
  EXPECT_THAT(std::string(DataDirectory::Open(folder / "open").status().message()), HasSubstr("chmod 700"));
  std::ofstream(folder / "file") << "x";
  EXPECT_EQ(DataDirectory::Open(folder / "file").status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace superion
