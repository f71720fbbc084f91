// A wrong campaign file is one clear error of `validate`, `run` and `submit`, and leaves nothing behind.
#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/support/campaign_run.h"

namespace superion {
namespace {

using testing::HasSubstr;

struct Mistake {
  std::string name, file, from, to;
  std::vector<std::string> said;  // what was given, where, what was expected
};
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

std::string Source(const std::string& path) { return std::string(SUPERION_SOURCE_DIR) + "/" + path; }

class BadCampaign : public testing::TestWithParam<Mistake> {
 protected:
  // The campaign with its mistake; its structure is named by an absolute path.
  static std::string Write(const Mistake& mistake, const DataFolder& folder) {
    std::string text = *ReadFile(Source(mistake.file));
    text = absl::StrReplaceAll(text, {{"file = \"../../examples/li2s_12.xyz\"", "file = \"li2s_12.xyz\""}});
    EXPECT_THAT(text, HasSubstr(mistake.from));
    text.replace(text.find(mistake.from), mistake.from.size(), mistake.to);
    fs::copy_file(Source("examples/li2s_12.xyz"), folder / "li2s_12.xyz");
    std::ofstream(folder / "bad.toml") << text;
    return folder / "bad.toml";
  }
};

TEST_P(BadCampaign, IsOneClearErrorAndNoDamage) {
  const Mistake& mistake = GetParam();
  const DataFolder folder("bad-" + mistake.name);
  const std::string file = Write(mistake, folder);
  const std::vector<std::vector<std::string>> commands = {
      {Program("superion"), "validate", file},
      {Program("superion"), "run", file, "--data-dir", folder / "data"},
      {Program("superion"), "submit", file, "--data-dir", folder / "data"}};
  for (const auto& command : commands) {
    const Outcome outcome = RunProgram(command, folder);
    EXPECT_EQ(outcome.exit.exit_code, 2) << command[1] << ": " << outcome.output;
    const std::vector<std::string> lines = absl::StrSplit(outcome.output, '\n', absl::SkipEmpty());
    ASSERT_EQ(lines.size(), 1u) << command[1] << ": " << outcome.output;
    EXPECT_THAT(lines[0], testing::StartsWith("superion: " + file));
    for (const std::string& words : mistake.said) EXPECT_THAT(lines[0], HasSubstr(words)) << command[1];
    EXPECT_FALSE(fs::exists(folder / "data")) << command[1] << " began to work";
  }
}

const char kTiny[] = "tests/e2e/tiny_oracle.toml", kQuickstart[] = "examples/li2s_quickstart.toml";

INSTANTIATE_TEST_SUITE_P(
    Files, BadCampaign,
    testing::Values(
        Mistake{"UnknownKey",
                kTiny,
                "perturbed_frames =",
                "perturbed_frame =",
                {"bootstrap.perturbed_frame", "unknown key"}},
        Mistake{"NegativeTemperature",
                kTiny,
                "[200, 250, 300]",
                "[200, -250]",
                {"production.temperatures_k", ">= 1 and <= 20000", "-250"}},
        Mistake{"MissingSpecies", kTiny, "S = -2", "", {"charges.S", "missing"}},
        Mistake{"SpeciesWithoutParameters",
                kTiny,
                "S = { valence",
                "Cl = { valence",
                {"labeler.coulomb.species", "S"}},
        Mistake{"ChargedCell", kTiny, "S = -2", "S = -1", {"charges", "+4 e", "expected 0"}},
        Mistake{"WrongType", kTiny, "seeds = 4", "seeds = \"four\"", {"production.seeds", "integer", "four"}},
        Mistake{"MissingStructure", kTiny, "li2s_12.xyz", "li2s_13.xyz", {"structure.file", "li2s_13.xyz"}},
        Mistake{"NotToml", kTiny, "[train]", "[train", {"not valid TOML"}},
        Mistake{"MissingPseudopotential",
                kQuickstart,
                "S = \"S.pbe-tm.UPF\"",
                "",
                {"labeler.pseudopotentials", "no pseudopotential for S"}},
        Mistake{"StressAtALowCutoff",
                kQuickstart,
                "conv_thr_ry = 1e-7",
                "conv_thr_ry = 1e-7\nstress = true",
                {"labeler", "stress", "40"}}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace superion
