// Every source file has a test partner, and every test file is part of a CTest target.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace superion {
namespace {

namespace fs = std::filesystem;

std::string Content(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Files whose partner has another name or that only start a program; each with its reason.
std::set<std::string> Exempt() {
  std::set<std::string> files;
  std::istringstream in(Content(fs::path(SUPERION_SOURCE_DIR) / "tests/architecture/tested_elsewhere.txt"));
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') files.insert(line.substr(0, line.find_first_of(" \t")));
  }
  return files;
}

std::set<std::string> TestStems() {
  std::set<std::string> stems;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SUPERION_SOURCE_DIR) / "tests")) {
    const std::string name = entry.path().filename();
    const std::string suffix = "_test.cc";
    if (name.size() > suffix.size() && name.ends_with(suffix))
      stems.insert(name.substr(0, name.size() - suffix.size()));
  }
  return stems;
}

TEST(TestMirror, EverySourceHasATestPartner) {
  const std::set<std::string> stems = TestStems(), exempt = Exempt();
  const fs::path root = SUPERION_SOURCE_DIR;
  for (const char* room : {"core", "database", "potential", "analysis", "dft_adapter", "report", "trainer",
                           "md_runner", "server", "workers", "cli"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      if (entry.path().extension() != ".cc") continue;
      const std::string relative = fs::relative(entry.path(), root);
      EXPECT_TRUE(stems.count(entry.path().stem()) || exempt.count(relative))
          << relative << " has no tests/**/" << entry.path().stem().string()
          << "_test.cc; write one, or name it with the reason in tests/architecture/tested_elsewhere.txt";
    }
  }
}

TEST(TestMirror, ExemptionsExist) {
  for (const std::string& file : Exempt()) {
    EXPECT_TRUE(fs::exists(fs::path(SUPERION_SOURCE_DIR) / file)) << file << " is exempt but does not exist";
  }
}

TEST(TestMirror, EveryTestFileIsBuilt) {
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SUPERION_SOURCE_DIR) / "tests")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with("_test.cc")) continue;
    bool listed = false;
    for (fs::path folder = entry.path().parent_path(); folder != fs::path(SUPERION_SOURCE_DIR);
         folder = folder.parent_path()) {
      const std::string path_below = fs::relative(entry.path(), folder);
      const fs::path list = folder / "CMakeLists.txt";
      if (fs::exists(list) && Content(list).find(path_below) != std::string::npos) listed = true;
    }
    EXPECT_TRUE(listed) << entry.path() << " is in no CMakeLists.txt";
  }
}

}  // namespace
}  // namespace superion
