// pw.x or a pseudopotential is not on the machine: the campaign says so at once, and says it again (or goes
// on) when the same command is repeated.
#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "tests/support/campaign_run.h"

namespace superion {
namespace {

using testing::HasSubstr;

std::string Quickstart() { return std::string(SUPERION_SOURCE_DIR) + "/examples/li2s_quickstart.toml"; }

Outcome RunCampaign(const std::string& file, const DataFolder& folder) {
  return RunProgram({Program("superion"), "run", file, "--data-dir", folder / "data"}, folder,
                    {{"SUPERION_SITE", folder / "site.toml"}, {"HOME", folder.path()}});
}

void ExpectClearEnd(const Outcome& outcome, const std::string& reason, const DataFolder& folder) {
  EXPECT_EQ(outcome.exit.signal, 0);
  EXPECT_EQ(outcome.exit.exit_code, 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("superion: the campaign ended as FAILED"));
  EXPECT_THAT(outcome.output, HasSubstr(reason));
  EXPECT_THAT(ProcessesOf(folder), testing::IsEmpty());
  EXPECT_FALSE(fs::exists(folder / "data/worker")) << "a sandbox is left";
}

TEST(MissingProgram, PwIsNamedAndTheCampaignCanBeTriedAgain) {
  const DataFolder folder("no-pw");
  std::ofstream(folder / "site.toml") << "schema = 1\npw_command = \"no-such-pw.x\"\n";
  ExpectClearEnd(RunCampaign(Quickstart(), folder), "the program no-such-pw.x was not found in PATH", folder);
  // Something else is wrong now: the same command tries again and tells the new reason, not the old one.
  std::ofstream(folder / "site.toml") << "schema = 1\npw_command = \"neither-pw.x\"\n";
  const Outcome again = RunCampaign(Quickstart(), folder);
  EXPECT_THAT(again.output, HasSubstr("failed before and is tried again"));
  ExpectClearEnd(again, "failed: the program neither-pw.x was not found in PATH", folder);
}

TEST(MissingProgram, APseudopotentialIsNamedWithTheFoldersThatWereSearched) {
  const DataFolder folder("no-upf");
  const std::string structure = std::string(SUPERION_SOURCE_DIR) + "/examples/li2s_12.xyz";
  std::ofstream(folder / "campaign.toml")
      << absl::StrReplaceAll(*ReadFile(Quickstart()),
                             {{"\"li2s_12.xyz\"", "\"" + structure + "\""}, {"S.pbe-tm.UPF", "S.mine.UPF"}});
  std::ofstream(folder / "site.toml") << "schema = 1\npseudo_directories = [\"" << folder / "upf"
                                      << "\"]\n";
  const Outcome outcome = RunCampaign(folder / "campaign.toml", folder);
  ExpectClearEnd(outcome, "pseudopotential of S: S.mine.UPF", folder);
  EXPECT_THAT(outcome.output, HasSubstr(folder / "upf"));
}

TEST(MissingProgram, LabelSaysItToo) {
  const DataFolder folder("label-no-pw");
  std::ofstream(folder / "site.toml") << "schema = 1\npw_command = \"no-such-pw.x\"\n";
  const std::string structure = std::string(SUPERION_SOURCE_DIR) + "/examples/li2s_12.xyz";
  const Outcome outcome = RunProgram({Program("superion"), "label", "--labeler", Quickstart(), "--in",
                                      structure, "--out", folder / "labelled.xyz"},
                                     folder, {{"SUPERION_SITE", folder / "site.toml"}});
  EXPECT_EQ(outcome.exit.exit_code, 4);
  EXPECT_THAT(outcome.output, HasSubstr("superion: the program no-such-pw.x was not found in PATH"));
  EXPECT_FALSE(fs::exists(folder / "labelled.xyz"));
}

}  // namespace
}  // namespace superion
