// The client as users call it: the real program in a folder of its own, with runners that are scripts.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/json.h"
#include "core/subprocess.h"

namespace superion {

namespace fs = std::filesystem;

struct Answer {
  int code = -1;
  std::string out, err;
};

class VerbTest : public ::testing::Test {
 protected:
  VerbTest() {
    std::string pattern = ::testing::TempDir() + "/verb_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    fs::create_directories(root_ + "/bin");
    // The client looks for runners beside itself.
    fs::copy_file(std::string(SUPERION_BIN_DIR) + "/superion", root_ + "/bin/superion");
    std::ofstream(root_ + "/a.xyz")
        << "1\nLattice=\"5 0 0 0 5 0 0 0 5\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\nLi 0 0 0\n";
    std::ofstream(root_ + "/m.superion") << "model";
  }
  ~VerbTest() override { fs::remove_all(root_); }

  // A program beside the client.
  void Script(const std::string& program, const std::string& body) {
    std::ofstream(root_ + "/bin/" + program) << "#!/bin/sh\n" << body << "\n";
    fs::permissions(root_ + "/bin/" + program, fs::perms::owner_all);
  }
  // A runner that writes down its spec and reports these metrics.
  void Runner(const std::string& program, const std::string& metrics, const std::string& artifacts = "[]",
              const std::string& extra = "") {
    Script(program,
           "cp spec.json " + root_ + "/spec.json\n" + extra +
               "\necho '{\"schema\": 1, \"status\": {\"code\": \"OK\", \"message\": \"\"}, \"metrics\": " +
               metrics + ", \"artifacts\": " + artifacts + "}' > result.json");
  }
  Answer Call(std::vector<std::string> arguments) {
    Answer answer;
    SubprocessOptions options;
    options.arguments = std::move(arguments);
    options.arguments.insert(options.arguments.begin(), root_ + "/bin/superion");
    options.working_directory = root_;
    options.stderr_path = root_ + "/stderr";
    options.environment = {{"HOME", root_}, {"SUPERION_SITE", ""}};
    options.on_stdout_line = [&](std::string_view line) { answer.out += std::string(line) + "\n"; };
    absl::StatusOr<std::unique_ptr<Subprocess>> process = Subprocess::Start(std::move(options));
    EXPECT_TRUE(process.ok()) << process.status();
    if (!process.ok()) return answer;
    answer.code = (*process)->Wait().exit_code;
    answer.err = ReadFile(root_ + "/stderr").value_or("");
    return answer;
  }
  Json Spec() { return ReadJson(root_ + "/spec.json").value_or(Json()); }
  std::string root_;
};

}  // namespace superion
