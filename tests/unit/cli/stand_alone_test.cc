#include "cli/stand_alone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace superion {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(StandAloneTest, ChargesAreParsedOrExplained) {
  EXPECT_EQ(*ParseCharges("Li=1,S=-2"), Json({{"Li", 1.0}, {"S", -2.0}}));
  EXPECT_EQ(*ParseCharges(" Li = +1 , P=5"), Json({{"Li", 1.0}, {"P", 5.0}}));
  EXPECT_THAT(std::string(ParseCharges("Li:1").status().message()), HasSubstr("Li=1,S=-2"));
  EXPECT_THAT(std::string(ParseCharges("Xx=1").status().message()), HasSubstr("\"Xx\""));
  EXPECT_THAT(std::string(ParseCharges("Li=one").status().message()), HasSubstr("found \"one\""));
}

TEST(StandAloneTest, ListsOfNumbersHaveALength) {
  EXPECT_EQ(*ParseNumbers("--x", "1,-2.5,3e-2", 3), (std::vector<double>{1, -2.5, 0.03}));
  EXPECT_FALSE(ParseNumbers("--x", "1,2", 3).ok());
  EXPECT_FALSE(ParseNumbers("--x", "1,,2", 3).ok());
  EXPECT_FALSE(ParseNumbers("--x", "1,nan,2", 3).ok());
  EXPECT_EQ(ParseNumbers("--x", "4,5", 0)->size(), 2u);
}

TEST(StandAloneTest, SpeciesByNumberOrByStructure) {
  EXPECT_EQ(*ParseSpecies("Li64, S32,Li1"), Json::parse(R"([["Li", 64], ["S", 32], ["Li", 1]])"));
  for (const char* wrong : {"Li", "64", "Li0", "Xx3", "Li64,", "Li-2", "Li6.5"})
    EXPECT_TRUE(absl::IsInvalidArgument(ParseSpecies(wrong).status())) << wrong;
  const std::string path = ::testing::TempDir() + "/species_test.xyz";
  std::ofstream(path) << "3\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3\n"
                         "Li 0 0 0\nLi 2 2 2\nS 4 4 4\n";
  EXPECT_EQ(*ParseSpecies(path), Json::parse(R"([["Li", 2], ["S", 1]])"));
}

TEST(StandAloneTest, UserFilesMustExist) {
  const std::string path = ::testing::TempDir() + "/stand_alone_test.xyz";
  std::ofstream(path) << "x";
  EXPECT_EQ(UserInput("data", path)->path, fs::path(path).lexically_normal().string());
  EXPECT_THAT(UserInput("structure", path + "#3")->path, HasSubstr("#3"));
  EXPECT_FALSE(UserInput("data", path + ".none").ok());
}

TEST(StandAloneTest, ScratchFoldersVanish) {
  const std::string target = ::testing::TempDir() + "/stand_alone_out/model.superion";
  std::string path;
  {
    const absl::StatusOr<ScratchFolder> folder = ScratchFolder::Beside(target);
    ASSERT_TRUE(folder.ok()) << folder.status();
    path = folder->path();
    std::ofstream(path + "/model") << "new";
    std::ofstream(target) << "old";
    TaskResult result;
    result.artifacts = {{"model", "model", "", 0}};
    EXPECT_TRUE(MoveFile(*ArtifactPath(result, path, "model"), target).ok());
    EXPECT_TRUE(absl::IsInternal(ArtifactPath(result, path, "other").status()));
  }
  EXPECT_FALSE(fs::exists(path));
  std::string content;
  std::getline(std::ifstream(target), content);
  EXPECT_EQ(content, "new");
  fs::remove_all(::testing::TempDir() + "/stand_alone_out");
}

}  // namespace
}  // namespace superion
