#include "cli/analyze_modes.h"

#include <gmock/gmock.h>

#include "tests/unit/cli/verb_fixture.h"

namespace superion {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class AnalyzeModesTest : public VerbTest {
 protected:
  AnalyzeModesTest() {
    Runner("superion-analyze", R"({"temperature_k": 300, "status": "RUNNING", "sigma_s_per_m": null})");
    std::ofstream(root_ + "/j.txt") << "1 2 3\n";
  }
  void Refused(std::vector<std::string> call, const std::vector<std::string>& more,
               const std::string& option) {
    call.insert(call.begin(), "analyze");
    call.insert(call.end(), more.begin(), more.end());
    const Answer answer = Call(call);
    EXPECT_EQ(answer.code, 2) << option;
    EXPECT_THAT(answer.err, AllOf(HasSubstr(option + " has no meaning with"), HasSubstr("it belongs to")));
  }

  const std::vector<std::string> ions_ = {"a.xyz", "--charges", "Li=1"};
  const std::vector<std::string> series_ = {"--current",          "j.txt", "--timestep-fs", "1",
                                            "--volume-angstrom3", "1000"};
  const std::vector<std::string> structure_ = {"a.xyz", "--structure"};
};

// An option that would be ignored is a question that was not answered.
TEST_F(AnalyzeModesTest, AnOptionOfAnotherModeIsRefusedByName) {
  Refused(structure_, {"--require-converged"}, "--require-converged");
  Refused(structure_, {"--block-ps", "85"}, "--block-ps");
  Refused(structure_, {"--target-s-tot", "0.2"}, "--target-s-tot");
  Refused({"a.xyz", "--recipe", "glass"}, {"--per-axis"}, "--per-axis");
  Refused(ions_, {"--volume-angstrom3", "1000"}, "--volume-angstrom3");
  Refused(ions_, {"--columns", "2,3,4"}, "--columns");
  Refused(ions_, {"--residence-ps", "1"}, "--residence-ps");
  Refused(series_, {"--charges", "Li=1"}, "--charges");
  Refused(series_, {"--join"}, "--join");
  Refused(series_, {"--wrapped", "no"}, "--wrapped");
  Refused({"--nemd", "a.xyz"}, {"--types", "1=Li"}, "--types");
  Refused({"--nemd", "a.xyz"}, {"--require-converged"}, "--require-converged");
  Refused({"--divergence", "a.xyz"}, {"--temperature-k", "300"}, "--temperature-k");
  Refused({"a.xyz", "--recipe", "lgps-nemd"}, {"--join"}, "--join");
}

TEST_F(AnalyzeModesTest, AnOptionOfAnotherObservableIsRefusedByName) {
  Refused({"a.xyz", "--observables", "rdf,vdos"}, {"--residence-ps", "1"}, "--residence-ps");
  Refused({"a.xyz", "--observables", "rdf"}, {"--longest-lag-ps", "1"}, "--longest-lag-ps");
  Refused({"a.xyz", "--observables", "rdf"}, {"--coordination", "Li-S"}, "--coordination");
  const Answer meant = Call({"analyze", "a.xyz", "--observables", "rdf,sites", "--residence-ps", "1"});
  EXPECT_EQ(meant.code, 0) << meant.err;
}

TEST_F(AnalyzeModesTest, WhatIsMissingIsNamedAndNothingElse) {
  const auto said = [&](const std::vector<std::string>& call) {
    const Answer answer = Call(call);
    EXPECT_EQ(answer.code, 2);
    return answer.err;
  };
  EXPECT_THAT(said({"analyze", "--current", "j.txt", "--volume-angstrom3", "9"}),
              AllOf(HasSubstr("needs --timestep-fs"), Not(HasSubstr("--volume"))));
  EXPECT_THAT(said({"analyze", "--dipole", "j.txt", "--timestep-fs", "1"}),
              AllOf(HasSubstr("--dipole needs --volume-angstrom3"), Not(HasSubstr("--timestep"))));
  EXPECT_THAT(said({"analyze", "--dipole", "j.txt"}),
              HasSubstr("--timestep-fs, the time between lines, and"));
}

// Before hours of work, not after.
TEST_F(AnalyzeModesTest, AFolderIsNoFileToWriteTo) {
  fs::create_directory(root_ + "/folder");
  for (const std::vector<std::string>& call :
       {std::vector<std::string>{"analyze", "a.xyz", "--charges", "Li=1", "--out", "folder"},
        {"arrhenius", "j.txt", "--out", "folder"},
        {"finite-size", "j.txt", "--out", "folder/"},
        {"train", "--train", "a.xyz", "--out", "folder"},
        {"train", "--train", "a.xyz", "--out", "m", "--learning-curve", "folder"},
        {"eval", "--model", "m.superion", "--data", "a.xyz", "--parity", "folder"},
        {"label", "--labeler", "l.json", "--in", "a.xyz", "--out", "folder"}}) {
    const Answer answer = Call(call);
    EXPECT_EQ(answer.code, 2) << call[0];
    EXPECT_THAT(answer.err, HasSubstr("is a folder, expected the name of a file"));
  }
}

}  // namespace
}  // namespace superion
