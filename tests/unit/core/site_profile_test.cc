#include "core/site_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/file.h"

namespace superion {
namespace {

using ::testing::HasSubstr;

TEST(SiteProfileTest, AnEmptyFileGivesTheDefaults) {
  const absl::StatusOr<SiteProfile> site = ParseSiteProfile("", "site.toml");
  ASSERT_TRUE(site.ok()) << site.status();
  EXPECT_EQ(site->pw_command, "pw.x");
  EXPECT_EQ(site->ld1_command, "ld1.x");
  EXPECT_EQ(site->cores, 0);
  EXPECT_FALSE(site->pseudo_directories.empty());
}

TEST(SiteProfileTest, KeysAreReadAndTravelAsJson) {
  const absl::StatusOr<SiteProfile> site = ParseSiteProfile(
      "pw_command = \"/opt/qe/pw.x\"\npw_silence_min = 7.5\npseudo_directories = [\"/data/upf\"]\ncores = "
      "3\nscratch_directory = "
      "\"/scratch\"\n",
      "site.toml");
  ASSERT_TRUE(site.ok()) << site.status();
  EXPECT_EQ(site->pw_command, "/opt/qe/pw.x");
  EXPECT_EQ(site->pseudo_directories, std::vector<std::string>{"/data/upf"});
  EXPECT_EQ(site->cores, 3);
  EXPECT_EQ(site->pw_silence_min, 7.5);
  const absl::StatusOr<SiteProfile> back = SiteProfileFromJson(ToJson(*site));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ToJson(*back), ToJson(*site));
}

TEST(SiteProfileTest, MistakesAreNamed) {
  EXPECT_THAT(std::string(ParseSiteProfile("pw_comand = \"x\"", "site.toml").status().message()),
              HasSubstr("did you mean \"pw_command\"?"));
  EXPECT_THAT(std::string(ParseSiteProfile("cores = -1", "site.toml").status().message()),
              HasSubstr("found -1"));
  EXPECT_FALSE(ParseSiteProfile("pw_command = \"\"", "site.toml").ok());
}

TEST(SiteProfileTest, ANamedProfileMustExist) {
  const std::string path = ::testing::TempDir() + "/site_profile_test.toml";
  ASSERT_TRUE(WriteFileAtomically(path, "cores = 5\n").ok());
  ASSERT_EQ(::setenv("SUPERION_SITE", path.c_str(), 1), 0);
  const absl::StatusOr<SiteProfile> site = LoadSiteProfile();
  ASSERT_TRUE(site.ok()) << site.status();
  EXPECT_EQ(site->cores, 5);
  ::setenv("SUPERION_SITE", "/nowhere/site.toml", 1);
  EXPECT_TRUE(absl::IsNotFound(LoadSiteProfile().status()));
  ::unsetenv("SUPERION_SITE");
}

}  // namespace
}  // namespace superion
