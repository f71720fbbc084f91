// The house's limits that a reader would otherwise have to police: file length, and machine paths in the
// sources.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

namespace superion {
namespace {

namespace fs = std::filesystem;

template <typename Visit>
void ForEachSource(Visit visit) {
  const fs::path root = SUPERION_SOURCE_DIR;
  for (const auto& top : fs::directory_iterator(root)) {
    const std::string name = top.path().filename();
    if (!top.is_directory() || name == "build" || name == "runs" || name[0] == '.') continue;
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      const std::string extension = entry.path().extension();
      if (extension == ".cc" || extension == ".h" || extension == ".inl" || extension == ".cu")
        visit(entry.path());
    }
  }
}

TEST(Wording, FilesStopAtFiveHundredLines) {
  ForEachSource([](const fs::path& file) {
    std::ifstream in(file);
    size_t lines = 0;
    for (std::string line; std::getline(in, line);) ++lines;
    EXPECT_LE(lines, 500u) << file;
  });
}

TEST(Wording, SourcesNameNoMachinePath) {
  const std::regex path(R"((^|[^A-Za-z0-9_])/(home|root|mnt)/[a-z])");
  ForEachSource([&](const fs::path& file) {
    std::ifstream in(file);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      EXPECT_FALSE(std::regex_search(line, path)) << file << ":" << number << ": " << line;
    }
  });
}

}  // namespace
}  // namespace superion
