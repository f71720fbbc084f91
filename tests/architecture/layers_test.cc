// The rule of docs/ARCHITECTURE.md, "Direction of dependency", checked against the #include lines of every
// room.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace superion {
namespace {

namespace fs = std::filesystem;
using Allowed = std::map<std::string, std::set<std::string>>;

const Allowed kRooms = {
    {"core", {}},
    {"database", {"core"}},
    {"potential", {"core"}},
    {"analysis", {"core"}},
    {"dft_adapter", {"core"}},
    {"report", {"core"}},
    {"trainer", {"potential", "core"}},
    {"md_runner", {"potential", "analysis", "core"}},
    {"server", {"database", "report", "core", "proto"}},
    {"workers", {"core", "proto"}},
    {"cli", {"core", "proto"}},
};

// Header prefix of a foreign library -> where it may be included (a room, or a folder or file below one).
const std::map<std::string, std::set<std::string>> kForeign = {
    {"torch/", {"trainer"}},
    {"ATen/", {"trainer"}},
    {"c10/", {"trainer"}},
    {"cuda_runtime", {"trainer"}},
    {"sqlite3.h", {"database"}},
    {"grpcpp/", {"server", "workers", "cli"}},
    {"superion/v1/", {"server/rpc", "workers/coordinator_client", "cli"}},
    {"lammps/", {"md_runner", "dft_adapter"}},
    {"Kokkos_", {"potential", "md_runner"}},
    {"toml++/", {"core"}},
    {"gemmi/", {"core"}},
    {"fftw3.h", {"analysis"}},
    {"zstd.h", {"core"}},
    {"hdf5.h", {"analysis/reader"}},
    {"spglib.h", {"analysis"}},
    {"pugixml.hpp", {"dft_adapter"}},
};

std::vector<fs::path> Sources(const fs::path& room) {
  std::vector<fs::path> files;
  if (!fs::exists(room)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(room)) {
    const std::string extension = entry.path().extension();
    if (extension == ".h" || extension == ".cc" || extension == ".inl" || extension == ".cu") {
      files.push_back(entry.path());
    }
  }
  return files;
}

std::vector<std::string> Includes(const fs::path& file) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::vector<std::string> found;
  std::ifstream in(file);
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_search(line, match, kInclude)) found.push_back(match[1]);
  }
  return found;
}

bool StartsWith(const std::string& text, const std::string& prefix) { return text.rfind(prefix, 0) == 0; }

bool AllowedAt(const std::string& relative, const std::set<std::string>& places) {
  for (const std::string& place : places) {
    if (StartsWith(relative, place)) return true;
  }
  return false;
}

TEST(Layers, RoomsIncludeOnlyRoomsTheyMay) {
  const fs::path root = SUPERION_SOURCE_DIR;
  size_t edges = 0;
  for (const auto& [room, allowed] : kRooms) {
    for (const fs::path& file : Sources(root / room)) {
      for (const std::string& include : Includes(file)) {
        const std::string target = include.substr(0, include.find('/'));
        if (!kRooms.count(target) || target == room) continue;
        ++edges;
        EXPECT_TRUE(allowed.count(target))
            << file << " includes " << include << ": " << room << " may not use " << target;
      }
    }
  }
  EXPECT_GT(edges, 0u) << "no include between rooms was found below " << root;
}

TEST(Layers, ForeignLibrariesStayInTheirRooms) {
  const fs::path root = SUPERION_SOURCE_DIR;
  for (const auto& [room, allowed] : kRooms) {
    for (const fs::path& file : Sources(root / room)) {
      const std::string relative = fs::relative(file, root);
      for (const std::string& include : Includes(file)) {
        for (const auto& [prefix, places] : kForeign) {
          if (!StartsWith(include, prefix)) continue;
          EXPECT_TRUE(AllowedAt(relative, places)) << relative << " includes " << include;
        }
      }
    }
  }
}

TEST(Layers, NoHeaderIncludesTorch) {
  for (const fs::path& file : Sources(fs::path(SUPERION_SOURCE_DIR) / "trainer")) {
    if (file.extension() != ".h" || file.filename() == "torch_precompiled.h") continue;
    EXPECT_THAT(Includes(file), testing::Not(testing::Contains("torch/torch.h")))
        << file << ": 16 s and 1.1 GB for every file that includes it";
  }
}

TEST(Layers, CoordinatorCoreHasNoInputOutput) {
  const fs::path root = SUPERION_SOURCE_DIR;
  for (const char* place : {"server/coordinator", "server/active_learning"}) {
    for (const fs::path& file : Sources(root / place)) {
      for (const std::string& include : Includes(file)) {
        EXPECT_THAT(std::vector<std::string>({"thread", "mutex", "fstream", "iostream", "random", "unistd.h",
                                              "condition_variable", "filesystem", "core/file.h",
                                              "core/subprocess.h"}),
                    testing::Not(testing::Contains(include)))
            << file << " includes " << include << ": the core decides, it does not act";
      }
    }
  }
}

}  // namespace
}  // namespace superion
