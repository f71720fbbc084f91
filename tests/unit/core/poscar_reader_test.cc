#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/structure_reader.h"
#include "mutation.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHead = "Li2S\n";
const std::string kCell = "4 0 0\n0 5 0\n1 0 6\n";

Structure Parse(const std::string& text) {
  const auto s = ParsePoscar(text, "POSCAR");
  EXPECT_TRUE(s.ok()) << s.status();
  return s.value_or(Structure{});
}

std::string Complaint(const std::string& text) {
  const auto s = ParsePoscar(text, "POSCAR");
  EXPECT_EQ(s.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(s.status().message());
}

TEST(PoscarReader, DirectCoordinates) {
  const Structure s = Parse(kHead + "1.0\n" + kCell + "Li S\n2 1\nDirect\n0 0 0\n0.5 0.5 0.5 Li\n0.25 0 1\n");
  EXPECT_THAT(s.species, ElementsAre("Li", "Li", "S"));
  EXPECT_EQ(s.cell, (Mat3{{{4, 0, 0}, {0, 5, 0}, {1, 0, 6}}}));
  EXPECT_EQ(s.positions[1], (Vec3{2.5, 2.5, 3}));
  EXPECT_EQ(s.positions[2], (Vec3{2, 0, 6}));
  EXPECT_THAT(s.pbc, ElementsAre(true, true, true));
}

TEST(PoscarReader, CartesianAndSelectiveDynamicsAndScale) {
  const Structure s =
      Parse(kHead + "2.0\n" + kCell +
            "Li_sv S/3ab\r\n1 1\nSelective dynamics\n Cartesian\n1 2 3 T T F\n0 0 1 F F F\n\n0 0 0\n");
  EXPECT_THAT(s.species, ElementsAre("Li", "S"));
  EXPECT_EQ(s.cell[2], (Vec3{2, 0, 12}));
  EXPECT_EQ(s.positions[0], (Vec3{2, 4, 6}));
  EXPECT_EQ(Parse(kHead + "1 2 3\n" + kCell + "Li\n1\nK\n1 1 1\n").positions[0], (Vec3{1, 2, 3}));
}

TEST(PoscarReader, ANegativeScaleIsTheVolume) {
  const Structure s = Parse(kHead + "-960\n" + kCell + "Li\n1\nc\n1 1 1\n");  // 120 Å³ as given
  EXPECT_NEAR(s.Volume(), 960, 1e-9);
  EXPECT_NEAR(s.positions[0][2], 2, 1e-12);
}

TEST(PoscarReader, OlderFilesNameTheirSpeciesInTheTitle) {
  EXPECT_THAT(Parse("Li S\n1\n" + kCell + "1 1\nd\n0 0 0\n.5 .5 .5\n").species, ElementsAre("Li", "S"));
  EXPECT_THAT(Complaint("my crystal\n1\n" + kCell + "1 1\nd\n0 0 0\n.5 .5 .5\n"), HasSubstr("VASP 5"));
}

TEST(PoscarReader, ErrorsNameTheLine) {
  EXPECT_THAT(Complaint(kHead + "0\n" + kCell), HasSubstr("POSCAR: line 2: expected a scale factor"));
  EXPECT_THAT(Complaint(kHead + "1\n4 0 0\n0 5\n"), HasSubstr("line 4: expected 3 fields"));
  EXPECT_THAT(Complaint(kHead + "1\n1 0 0\n0 1 0\n1 1 0\n"), HasSubstr("no volume"));
  EXPECT_THAT(Complaint(kHead + "1\n" + kCell + "Xx\n1\nd\n0 0 0\n"), HasSubstr("\"Xx\""));
  EXPECT_THAT(Complaint(kHead + "1\n" + kCell + "Li S\n1\nd\n0 0 0\n"), HasSubstr("2 species but 1 counts"));
  EXPECT_THAT(Complaint(kHead + "1\n" + kCell + "Li\n2000000000\nd\n0 0 0\n"),
              HasSubstr("2000000000 atoms of Li"));
  EXPECT_THAT(Complaint(kHead + "1\n" + kCell + "Li\n1\nfractional\n0 0 0\n"),
              HasSubstr("Direct or Cartesian"));
  EXPECT_THAT(Complaint(kHead + "1\n" + kCell + "Li\n1\nd\n0 0 nan\n"), HasSubstr("line 9"));
  EXPECT_THAT(Complaint(kHead + "1\n" + kCell + "Li\n2\nd\n0 0 0\n"), HasSubstr("atom 2 of 2"));
  EXPECT_THAT(Complaint(""), HasSubstr("the title"));
}

TEST(PoscarReader, SurvivesRandomDamage) {
  const std::string good =
      kHead + "-960\n" + kCell +
      "Li S\n2 1\nSelective dynamics\nDirect\n0 0 0 T T T\n.5 .5 .5 T T T\n.2 0 1 T T T\n";
  const int failed = CountFailures(good, 2000, [](const std::string& t) { return ParsePoscar(t, "fuzz"); });
  EXPECT_GT(failed, 200);
  EXPECT_LT(failed, 2000);
}

}  // namespace
}  // namespace superion
