#include "dft_adapter/pseudopotential.h"

#include <gmock/gmock.h>

#include "core/file.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

using testing::HasSubstr;

std::string Upf(const std::string& date, const std::string& number, const std::string& author = "someone") {
  return "<UPF version=\"2.0.1\">\n  <PP_INFO>\n Generation date: " + date +
         "\n  </PP_INFO>\n  <!-- END -->\n" + "  <PP_HEADER generated=\"by " + author + "\" author=\"" +
         author + "\" date=\"" + date +
         "\" element=\" S\" z_valence=\"6.0000000000000000\" mesh_size=\"3\"/>\n  <PP_LOCAL>\n  " + number +
         "  2.0E+00\n 3.0 </PP_LOCAL>\n</UPF>\n";
}

TEST(PseudopotentialHash, IgnoresDateAuthorInfoAndLayout) {
  const std::string hash = PseudopotentialHash("S.UPF", Upf("20Nov2026", "1.50"));
  EXPECT_EQ(hash, PseudopotentialHash("S.UPF", Upf("21Nov2026", "1.50", "another")));
  EXPECT_EQ(hash, PseudopotentialHash("S.UPF", Upf("20Nov2026", "\n   1.5D+00 ")));
  EXPECT_NE(hash, PseudopotentialHash("S.UPF", Upf("20Nov2026", "1.5000000000000002")));
  std::string other = Upf("20Nov2026", "1.50");
  other.replace(other.find("z_valence=\"6."), 12, "z_valence=\"4");
  EXPECT_NE(hash, PseudopotentialHash("S.UPF", other));
}

TEST(PseudopotentialHash, GthIgnoresTitleAndDate) {
  const std::string body = " 10 11 -1 0 2001 0\n 0.75 1 -0.5\n 0\n";
  const std::string hash = PseudopotentialHash("Li.gth", "title\n 3 1 20200101\n" + body);
  EXPECT_EQ(hash, PseudopotentialHash("Li.gth", "other title\n 3 1 0\n" + body));
  EXPECT_NE(hash, PseudopotentialHash("Li.gth", "title\n 3 3 20200101\n" + body));
}

TEST(PseudopotentialValence, ReadsBothFormatsAndChecksTheElement) {
  EXPECT_EQ(*PseudopotentialValence("S", Upf("d", "1"), "S.UPF"), 6.0);
  EXPECT_EQ(PseudopotentialValence("Li", Upf("d", "1"), "S.UPF").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PseudopotentialValence("S", "<html>", "S.UPF").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(*PseudopotentialValence("Li", "title\n 3 1 0 zatom\n", "Li.gth"), 1.0);
  EXPECT_EQ(PseudopotentialValence("Na", "title\n 3 1 0 zatom\n", "Li.gth").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(FindPseudopotential, TakesTheExactFileOfTheFirstFolderThatHasIt) {
  const std::string folder = TestFolder();
  SiteProfile site;
  site.pseudo_directories = {folder + "/a", folder + "/b"};
  std::filesystem::create_directories(folder + "/a");
  std::filesystem::create_directories(folder + "/b");
  ASSERT_TRUE(WriteFileAtomically(folder + "/b/S.my.UPF", Upf("d", "1")).ok());
  const auto found = FindPseudopotential("S", "S.my.UPF", site, folder);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->path, folder + "/b/S.my.UPF");
  EXPECT_EQ(found->valence, 6.0);
  const auto missing = FindPseudopotential("S", "S.typo.UPF", site, folder);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  for (const std::string& part :
       {std::string("of S"), std::string("S.typo.UPF"), folder + "/a", folder + "/b"}) {
    EXPECT_THAT(std::string(missing.status().message()), HasSubstr(part));
  }
  std::filesystem::remove_all(folder);
}

TEST(FindPseudopotential, MakesGthOnDemandInTheFirstWritableFolder) {
  const std::string folder = TestFolder();
  ASSERT_TRUE(WriteFileAtomically(folder + "/db", "Li GTH-PBE-q1\n 1\n 0.75 1 -0.5\n 0\n").ok());
  SiteProfile site;
  site.pseudo_directories = {"/proc/none", folder + "/mine"};
  site.gth_file = folder + "/db";
  const auto made = FindPseudopotential("Li", "Li.GTH-PBE-q1.gth", site, folder);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->path, folder + "/mine/Li.GTH-PBE-q1.gth");
  EXPECT_EQ(made->valence, 1.0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace superion
