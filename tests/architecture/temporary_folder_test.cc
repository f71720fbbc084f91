// tests/support/main.cc: no two test processes share a temporary folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace superion {
namespace {

namespace fs = std::filesystem;

fs::path Folder() { return fs::path(testing::TempDir()).parent_path(); }

TEST(TemporaryFolder, IsOneForBothLibrariesAndForItsOwnerAlone) {
  EXPECT_TRUE(fs::equivalent(Folder(), fs::temp_directory_path()));
  struct stat state {};
  ASSERT_EQ(::stat(Folder().c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0700u);
  std::printf("folder=%s\n", Folder().c_str());
}

// The same test in a process of its own.
TEST(TemporaryFolder, IsAnotherInEveryProcessAndGoneAfterIt) {
  const std::string command =
      fs::read_symlink("/proc/self/exe").string() + " --gtest_filter='*IsOneForBoth*'";
  const std::unique_ptr<FILE, int (*)(FILE*)> child(::popen(command.c_str(), "r"), ::pclose);
  ASSERT_NE(child, nullptr);
  std::string said;
  for (char line[4096]; std::fgets(line, sizeof line, child.get()) != nullptr;) said += line;
  const size_t start = said.find("folder=");
  ASSERT_NE(start, std::string::npos) << said;
  const std::string other = said.substr(start + 7, said.find('\n', start) - start - 7);
  EXPECT_NE(other, Folder().string());
  EXPECT_FALSE(fs::exists(other)) << other;
  EXPECT_TRUE(fs::exists(Folder()));
}

}  // namespace
}  // namespace superion
