#include "dft_adapter/ld1_pseudopotential.h"

#include <gmock/gmock.h>

#include "core/subprocess.h"
#include "dft_adapter/pseudopotential.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

TEST(Ld1Recipe, ThoseOfTheRepositoryArePartOfTheProgram) {
  EXPECT_THAT(Ld1RecipeNames(), testing::UnorderedElementsAre("Cl.pbe-tm.UPF", "Li.pbe-tm-nlcc.UPF",
                                                              "P.pbe-tm.UPF", "S.pbe-tm.UPF"));
  for (const std::string& name : Ld1RecipeNames()) {
    EXPECT_THAT(Ld1Recipe(name), testing::HasSubstr("file_pseudopw='" + name + "'"));
  }
  EXPECT_EQ(Ld1Recipe("Xe.UPF"), "");
}

TEST(Ld1Recipe, ValenceIsTheSumOfPositiveOccupations) {
  EXPECT_EQ(Ld1RecipeValence(Ld1Recipe("Li.pbe-tm-nlcc.UPF")), 1.0);
  EXPECT_EQ(Ld1RecipeValence(Ld1Recipe("S.pbe-tm.UPF")), 6.0);
  EXPECT_EQ(Ld1RecipeValence(Ld1Recipe("P.pbe-tm.UPF")), 5.0);
  EXPECT_EQ(Ld1RecipeValence(Ld1Recipe("Cl.pbe-tm.UPF")), 7.0);
}

std::string TestSection(const std::string& level) {
  return "---------------------- Testing the pseudopotential ----------------------\n" + level +
         "---------------------- End of pseudopotential test ----------------------\n";
}

TEST(Ld1Test, LevelsMustAgree) {
  EXPECT_TRUE(
      CheckLd1Test(TestSection("     1 0     3S   1( 2.00)       -1.26832       -1.26833        0.00001\n"))
          .ok());
  EXPECT_FALSE(
      CheckLd1Test(TestSection("     1 0     3S   1( 2.00)       -1.26832       -1.25833        0.01000\n"))
          .ok());
  EXPECT_FALSE(
      CheckLd1Test(TestSection("     1 0     3S   1( 2.00)       -1.26832            NaN            NaN\n"))
          .ok());
  EXPECT_FALSE(CheckLd1Test(TestSection("")).ok());
  EXPECT_FALSE(CheckLd1Test("Testing the pseudopotential\n").ok());
}

TEST(Ld1Pseudopotential, TwoRunsGiveTheSameContentHash) {
  if (!FindProgram("ld1.x").ok()) GTEST_SKIP() << "ld1.x is not installed";
  const std::string folder = TestFolder(), file = "S.pbe-tm.UPF";
  const auto first = MakeLd1Pseudopotential("S", file, Ld1Recipe(file), "ld1.x", folder);
  const auto second = MakeLd1Pseudopotential("S", file, Ld1Recipe(file), "ld1.x", folder);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(PseudopotentialHash(file, *first), PseudopotentialHash(file, *second));
  EXPECT_EQ(*PseudopotentialValence("S", *first, file), 6.0);
  std::filesystem::remove_all(folder);
}

TEST(Ld1Pseudopotential, WrongValenceOrMissingProgramIsAnError) {
  const std::string folder = TestFolder(), file = "S.pbe-tm.UPF";
  EXPECT_EQ(MakeLd1Pseudopotential("S", file, Ld1Recipe(file), "no-such-ld1.x", folder).status().code(),
            absl::StatusCode::kUnimplemented);
  if (!FindProgram("ld1.x").ok()) GTEST_SKIP() << "ld1.x is not installed";
  EXPECT_FALSE(MakeLd1Pseudopotential("S", file, "&input nonsense /\n", "ld1.x", folder).ok());
  EXPECT_FALSE(MakeLd1Pseudopotential("Li", file, Ld1Recipe(file), "ld1.x", folder).ok());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace superion
