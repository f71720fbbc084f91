#include "cli/exit_code.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/unit/cli/verb_fixture.h"

namespace superion {
namespace {

using ::testing::HasSubstr;

TEST(ExitCodeTest, CodesAreStable) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::ResourceExhaustedError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::UnimplementedError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::CancelledError("")), 130);
}

struct Case {
  std::vector<std::string> call;
  int code;
  std::string said;  // on stderr or stdout
};

class ExitCodeTable : public VerbTest {
 protected:
  ExitCodeTable() {
    std::ofstream(root_ + "/l.json")
        << R"({"kind": "oracle", "form": "morse_coulomb", "cutoff_angstrom": 5, "morse": [], "coulomb":
             {"interactions": [], "species": {"Li": {"valence": 1, "radius_angstrom": 1.3,
             "principal_quantum_number": 2}}}})";
    std::ofstream(root_ + "/doc.json") << "{}";
    std::ofstream(root_ + "/wrong.toml") << "schema = 1\nname = \"x\"\nseeed = 1\n";
  }
  void Expect(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      const Answer answer = Call(one.call);
      std::string line;
      for (const std::string& word : one.call) line += word + " ";
      EXPECT_EQ(answer.code, one.code) << line << "\n" << answer.err;
      EXPECT_THAT(answer.err + answer.out, HasSubstr(one.said)) << line;
      codes_.insert(answer.code);
    }
  }
  std::vector<std::string> With(std::vector<std::string> call, const std::vector<std::string>& more) {
    call.insert(call.end(), more.begin(), more.end());
    return call;
  }

  const std::vector<std::string> md_ = {"md",    "--model",         "m.superion", "--structure",
                                        "a.xyz", "--temperature-k", "300",        "--time-ps",
                                        "1",     "--out",           "run"};
  const std::vector<std::string> label_ = {"label", "--labeler", "l.json", "--in", "a.xyz", "--out", "b.xyz"};
  const std::vector<std::string> neb_ = {"neb",     "--model", "m.superion", "--initial", "a.xyz",
                                         "--final", "a.xyz",   "--out",      "hop"};
  std::set<int> codes_;
};

// docs/cli.md, "Exit codes": every row, by every verb that can end so without a daemon.
TEST_F(ExitCodeTable, IsKept) {
  const std::string example = std::string(SUPERION_SOURCE_DIR) + "/examples/li2s_quickstart.toml";
  // Nothing is beside the client yet: a runner that is missing.
  Expect({{md_, 4, "superion-md"},
          {label_, 4, "superion-dft"},
          {neb_, 4, "superion-md"},
          {{"train", "--train", "a.xyz", "--out", "n.superion"}, 4, "superion-train"},
          {{"eval", "--model", "m.superion", "--data", "a.xyz"}, 4, "superion-learn"},
          {{"bench", "model", "--model", "m.superion", "--structure", "a.xyz"}, 4, "superion-learn"},
          {{"analyze", "a.xyz", "--charges", "Li=1"}, 4, "superion-analyze"},
          {{"arrhenius", "doc.json", "doc.json"}, 4, "superion-analyze"},
          {{"finite-size", "doc.json"}, 4, "superion-analyze"},
          {{"run", example, "--data-dir", "d"}, 4, "superiond"},
          {{"doctor", "--data-dir", "d"}, 4, "superiond"}});
  for (const char* verb : {"status", "watch", "list", "show", "pause", "resume", "cancel", "report"})
    Expect({{{verb, "--data-dir", root_}, 4, "no daemon serves the folder"}, {{verb}, 2, "which daemon?"}});
  Expect({{{"submit", example, "--data-dir", root_}, 4, "no daemon"},
          {{"export", "--out", "e", "--data-dir", root_}, 4, "no daemon"},
          {{"worker", "start", "--data-dir", root_}, 4, "no daemon"},
          {{"worker", "start"}, 2, "which daemon?"},
          {{"list", "--server", "unix:/nowhere", "--token-file", "none"}, 2, "none"}});

  Runner("superion-md", R"({"steps_done": 1, "converged": false})");
  Runner("superion-dft", R"({"labelled": 1, "failed": 1})", R"([{"name": "labelled", "path": "l.xyz"}])",
         "echo x > l.xyz");
  Runner("superion-analyze", R"({"sigma_s_per_m": 1, "gates": [{"id": "G4", "passed": false}]})");
  const std::vector<std::string> analyze = {"analyze", "a.xyz", "--charges", "Li=1"};
  Expect({{md_, 0, "1 steps"},
          {analyze, 0, "not passed: G4"},
          {With(analyze, {"--require-converged"}), 3, "not passed: G4"},
          {label_, 3, "1 failed"},
          {neb_, 3, "not converged"},
          {{"validate", example}, 0, "valid campaign"}});

  Expect({{{"validate", "wrong.toml"}, 2, "did you mean \"seed\"?"},
          {{"validate", root_}, 2, "directory"},
          {{"validate", "none.toml"}, 2, "none.toml"},
          {{"run", "none.toml"}, 2, "none.toml"},
          {{"submit", "none.toml", "--data-dir", root_}, 2, "none.toml"},
          {With(md_, {"--restart", "none"}), 2, "restart: no file \"none\""},
          {With(md_, {"--replicas", "0"}), 2, "--replicas"},
          {{"eval", "--model", "none", "--data", "a.xyz"}, 2, "model: no file \"none\""},
          {{"analyze", "none", "--charges", "Li=1"}, 2, "no file or folder none"},
          {{"label", "--labeler", "none.json", "--in", "a.xyz", "--out", "b.xyz"}, 2, "none.json"},
          {{"list", "--data-dir", ""}, 2, "--data-dir is empty"},
          {{"list", "--data-dir="}, 2, "--data-dir= is followed by nothing"},
          {{"dance"}, 2, "dance"},
          {{}, 2, "subcommand"}});

  // Whatever the runner calls it, what is wrong is a file of the user.
  for (const char* program :
       {"superion-md", "superion-dft", "superion-analyze", "superion-learn", "superion-train"})
    Script(
        program,
        "echo '{\"schema\": 1, \"status\": {\"code\": \"DATA_LOSS\", \"message\": \"frames are missing\"}, "
        "\"metrics\": {}, \"artifacts\": []}' > result.json; exit 1");
  for (const auto& call : std::vector<std::vector<std::string>>{
           md_,
           label_,
           neb_,
           analyze,
           {"analyze", "a.xyz", "--structure"},
           {"analyze", "a.xyz", "--nemd"},
           {"analyze", "a.xyz", "m.superion", "--divergence"},
           {"arrhenius", "doc.json"},
           {"finite-size", "doc.json"},
           {"train", "--train", "a.xyz", "--out", "n.superion"},
           {"eval", "--model", "m.superion", "--data", "a.xyz"},
           {"bench", "model", "--model", "m.superion", "--structure", "a.xyz"}})
    Expect({{call, 2, "frames are missing"}});

  Script("superion-md", "echo 'the disk of the world is full' >&2; exit 7");
  Expect({{md_, 1, "the disk of the world is full"}, {neb_, 1, "exit code 7"}});
  Script("superion-md", "kill -INT $PPID; exec tail -f /dev/null");
  Expect({{md_, 130, "interrupted"}});

  std::ifstream table(std::string(SUPERION_SOURCE_DIR) + "/docs/cli.md");
  std::set<int> documented;
  for (std::string line; std::getline(table, line);) {
    int code = 0;
    if (std::sscanf(line.c_str(), "| %d |", &code) == 1) documented.insert(code);
  }
  EXPECT_EQ(codes_, documented);
}

}  // namespace
}  // namespace superion
