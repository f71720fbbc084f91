// The daemon listens on a Unix socket; who does not know the token of its 0600 file is refused.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/campaign_run.h"

namespace superion {
namespace {

using testing::HasSubstr;

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

class Token : public testing::Test {
 protected:
  Token() : folder_("token") {
    SubprocessOptions options;
    options.arguments = {Program("superiond"), "--data-dir", folder_ / "data"};
    options.stderr_path = folder_ / "superiond.txt";
    auto process = Subprocess::Start(options);
    EXPECT_TRUE(process.ok()) << process.status();
    if (process.ok()) daemon_ = *std::move(process);
    ExitState exit;
    while (daemon_ && !fs::exists(folder_ / "data/endpoint")) {
      if (daemon_->WaitFor(std::chrono::milliseconds(20), &exit)) {
        ADD_FAILURE() << ReadFile(folder_ / "superiond.txt").value_or("");
        break;
      }
    }
  }
  Outcome List(const std::string& token_file) {
    return RunProgram({Program("superion"), "list", "--server", "unix:" + folder_ / "data/superiond.sock",
                       "--token-file", token_file},
                      folder_);
  }

  DataFolder folder_;
  std::unique_ptr<Subprocess> daemon_;
};

TEST_F(Token, OpensTheDaemonToItsOwnerOnly) {
  EXPECT_EQ(ModeOf(folder_ / "data/token"), 0600u);
  EXPECT_EQ(ModeOf(folder_ / "data"), 0700u);
  EXPECT_GE(ReadFile(folder_ / "data/token").value_or("").size(), 64u);
  EXPECT_EQ(List(folder_ / "data/token").exit.exit_code, 0);

  std::ofstream(folder_ / "wrong") << std::string(64, '0') << "\n";
  const Outcome refused = List(folder_ / "wrong");
  EXPECT_EQ(refused.exit.exit_code, 4);
  EXPECT_THAT(refused.output, HasSubstr("the token is missing or wrong"));
  std::ofstream(folder_ / "empty") << "\n";
  EXPECT_EQ(List(folder_ / "empty").exit.exit_code, 4);

  fs::permissions(folder_ / "wrong", fs::perms::owner_read | fs::perms::owner_write);
  const Outcome worker =
      RunProgram({Program("superion-worker"), "--server", "unix:" + folder_ / "data/superiond.sock",
                  "--token-file", folder_ / "wrong", "--work-dir", folder_ / "work"},
                 folder_);
  EXPECT_EQ(worker.exit.exit_code, 4) << worker.output;
  EXPECT_THAT(worker.output, HasSubstr("the token is missing or wrong"));
}

TEST_F(Token, ThatOthersCanReadIsRefusedByDaemonAndWorker) {
  fs::permissions(folder_ / "data/token", fs::perms::others_read, fs::perm_options::add);
  const Outcome worker =
      RunProgram({Program("superion-worker"), "--server", "unix:" + folder_ / "data/superiond.sock",
                  "--token-file", folder_ / "data/token", "--work-dir", folder_ / "work"},
                 folder_);
  EXPECT_NE(worker.exit.exit_code, 0);
  EXPECT_THAT(worker.output, HasSubstr("chmod 600"));
  daemon_->Terminate(std::chrono::seconds(20));
  const Outcome daemon = RunProgram({Program("superiond"), "--data-dir", folder_ / "data"}, folder_);
  EXPECT_EQ(daemon.exit.exit_code, 1);
  EXPECT_THAT(daemon.output, HasSubstr("chmod 600"));
}

TEST_F(Token, NoListeningOnANetworkWithoutBeingAsked) {
  const Outcome outcome =
      RunProgram({Program("superiond"), "--data-dir", folder_ / "other", "--listen", "0.0.0.0:0"}, folder_);
  EXPECT_EQ(outcome.exit.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("--insecure-tcp"));
}

}  // namespace
}  // namespace superion
