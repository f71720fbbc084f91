// Bytes that change on the disk: a broken database is refused as it is; a broken artifact is made again.
#include <gmock/gmock.h>

#include "tests/support/campaign_run.h"

namespace superion {
namespace {

using testing::HasSubstr;

std::string Tiny() { return std::string(SUPERION_SOURCE_DIR) + "/tests/e2e/tiny_oracle.toml"; }

// A data folder that holds a campaign: one that failed at once, because there is no pw.x.
void MakeDatabase(const DataFolder& folder) {
  std::ofstream(folder / "site.toml") << "schema = 1\npw_command = \"no-such-pw.x\"\n";
  const Outcome outcome = RunProgram(
      {Program("superion"), "run", std::string(SUPERION_SOURCE_DIR) + "/examples/li2s_quickstart.toml",
       "--data-dir", folder / "data"},
      folder, {{"SUPERION_SITE", folder / "site.toml"}});
  ASSERT_THAT(outcome.output, HasSubstr("no-such-pw.x")) << outcome.output;
  ASSERT_TRUE(fs::exists(folder / "data/superion.db"));
}

void ExpectRefusedUntouched(const DataFolder& folder) {
  const std::string before = *ReadFile(folder / "data/superion.db");
  const Outcome outcome =
      RunProgram({Program("superion"), "run", Tiny(), "--data-dir", folder / "data"}, folder);
  EXPECT_EQ(outcome.exit.signal, 0);
  EXPECT_EQ(outcome.exit.exit_code, 4) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("superion.db is broken"));
  EXPECT_THAT(outcome.output, HasSubstr("Nothing was changed"));
  EXPECT_EQ(*ReadFile(folder / "data/superion.db"), before) << "the evidence was touched";
  EXPECT_THAT(ProcessesOf(folder), testing::IsEmpty());
}

TEST(CorruptedDatabase, WithABrokenHeaderIsRefused) {
  const DataFolder folder("db-header");
  MakeDatabase(folder);
  std::fstream(folder / "data/superion.db", std::ios::in | std::ios::out | std::ios::binary)
      << "not a database at all";
  ExpectRefusedUntouched(folder);
}

TEST(CorruptedDatabase, ThatWasTruncatedIsRefused) {
  const DataFolder folder("db-short");
  MakeDatabase(folder);
  fs::resize_file(folder / "data/superion.db", 9000);
  ExpectRefusedUntouched(folder);
}

TEST(CorruptedDatabase, WithABrokenPageIsRefused) {
  const DataFolder folder("db-page");
  MakeDatabase(folder);
  std::fstream file(folder / "data/superion.db", std::ios::in | std::ios::out | std::ios::binary);
  for (std::streamoff page = 1; page < 8; ++page) {
    file.seekp(4096 * page);
    file << std::string(64, '\xa5');
  }
  file.close();
  ExpectRefusedUntouched(folder);
}

// Runs the campaign until `reached`, then interrupts it.
class ServedCampaign {
 public:
  explicit ServedCampaign(const DataFolder& folder) : folder_(folder) {
    SubprocessOptions options;
    options.arguments = {Program("superion"), "run", Tiny(), "--data-dir", folder / "data"};
    options.stdout_path = folder / "run.out";
    options.stderr_path = folder / "run.err";
    auto process = Subprocess::Start(options);
    EXPECT_TRUE(process.ok()) << process.status();
    if (process.ok()) process_ = *std::move(process);
  }
  // Until the bootstrap labels are in; false when the run ended before.
  bool WaitForLabels() {
    ExitState exit;
    while (process_ && !process_->WaitFor(std::chrono::milliseconds(100), &exit)) {
      const Outcome status =
          RunProgram({Program("superion"), "status", "--json", "--data-dir", folder_ / "data"}, folder_);
      const absl::StatusOr<Json> json = ReadJson(folder_ / "stdout.txt");
      if (status.exit.exit_code != 0 || !json.ok()) continue;
      labels_ = json->value("labels", 0);
      if (labels_ >= 38) return true;
    }
    return false;
  }
  int labels() const { return labels_; }
  std::string Said() const { return ReadFile(folder_ / "run.err").value_or(""); }
  void Interrupt() {
    ::kill(process_->pid(), SIGINT);
    EXPECT_EQ(process_->Wait().exit_code, 130) << Said();
  }

 private:
  const DataFolder& folder_;
  std::unique_ptr<Subprocess> process_;
  int labels_ = 0;
};

std::vector<fs::path> Artifacts(const DataFolder& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "data/artifacts")) {
    if (entry.is_regular_file() && entry.path().filename().string().size() == 64 &&
        entry.path().parent_path().filename() != "corrupt")
      found.push_back(entry.path());
  }
  return found;
}

TEST(CorruptedArtifact, IsNoticedAndMadeAgain) {
  const DataFolder folder("artifact");
  {
    ServedCampaign run(folder);
    ASSERT_TRUE(run.WaitForLabels()) << run.Said();
    run.Interrupt();
  }
  const std::vector<fs::path> artifacts = Artifacts(folder);
  ASSERT_GE(artifacts.size(), 5u);
  for (const fs::path& path : artifacts) {
    std::string content = *ReadFile(path.string());
    if (content.empty()) continue;
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    std::ofstream(path, std::ios::binary) << content;
  }
  // Without the worker's own sound copies every input comes from the store.
  fs::remove_all(folder / "data/worker");
  const Outcome again =
      RunProgram({Program("superion"), "run", Tiny(), "--data-dir", folder / "data"}, folder);
  ASSERT_EQ(again.exit.exit_code, 0) << again.output;
  EXPECT_FALSE(fs::is_empty(folder / "data/artifacts/corrupt")) << "the broken ones are kept aside";
  const auto report = ReadJson(folder / "data/report.json");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->contains("unread_artifacts")) << "what was broken was made again";
  EXPECT_THAT(ProcessesOf(folder), testing::IsEmpty());
}

}  // namespace
}  // namespace superion
