// Runs the real programs on a campaign in a temporary data folder, for end-to-end and fault tests.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/json.h"
#include "core/subprocess.h"

namespace superion {

namespace fs = std::filesystem;

inline std::string Program(const std::string& name) { return std::string(SUPERION_BIN_DIR) + "/" + name; }

// A folder of its own below the build, removed at the end of the test unless the test failed.
class DataFolder {
 public:
  explicit DataFolder(const std::string& name) {
    // Unix socket paths end at 107 characters: below the temp folder, not below the build.
    path_ = fs::temp_directory_path() / fs::path("superion-" + name + "-" + std::to_string(::getpid()));
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~DataFolder() {
    if (!testing::Test::HasFailure()) fs::remove_all(path_);
  }
  std::string path() const { return path_.string(); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

struct Outcome {
  ExitState exit;
  std::string output;
};

// Runs a program to its end.
inline Outcome RunProgram(std::vector<std::string> arguments, const DataFolder& folder,
                          std::map<std::string, std::string> environment = {}) {
  Outcome outcome;
  SubprocessOptions options;
  options.arguments = std::move(arguments);
  options.stdout_path = folder / "stdout.txt";
  options.stderr_path = folder / "stderr.txt";
  options.environment = std::move(environment);
  auto process = Subprocess::Start(options);
  EXPECT_TRUE(process.ok()) << process.status();
  if (!process.ok()) return outcome;
  outcome.exit = (*process)->Wait();
  outcome.output = ReadFile(options.stdout_path).value_or("") + ReadFile(options.stderr_path).value_or("");
  return outcome;
}

// Processes whose command line or folder speaks of this data folder.
inline std::vector<pid_t> ProcessesOf(const DataFolder& folder) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos || std::stol(name) == ::getpid()) continue;
    std::error_code error;
    const std::string cwd = fs::read_symlink(entry.path() / "cwd", error).string();
    const std::string command = ReadFile((entry.path() / "cmdline").string()).value_or("");
    if (cwd.find(folder.path()) == 0 || command.find(folder.path()) != std::string::npos) {
      found.push_back(static_cast<pid_t>(std::stol(name)));
    }
  }
  return found;
}

}  // namespace superion
