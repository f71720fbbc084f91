#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/structure_reader.h"
#include "mutation.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHead =
    "LAMMPS data\n\n2 atoms\n2 atom types\n\n-1 4 xlo xhi\n0 5 ylo yhi\n2 8 zlo zhi\n1 0.5 -0.25 xy xz "
    "yz\n\n";
const std::string kMasses = "Masses\n\n1 6.94\n2 32.06\n\n";

Structure Parse(const std::string& text) {
  const auto s = ParseLammpsData(text, "a.lmp");
  EXPECT_TRUE(s.ok()) << s.status();
  return s.value_or(Structure{});
}

std::string Complaint(const std::string& text) {
  const auto s = ParseLammpsData(text, "a.lmp");
  EXPECT_EQ(s.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(s.status().message());
}

void ExpectTheTwoAtoms(const Structure& s) {
  EXPECT_THAT(s.species, ElementsAre("Li", "S"));
  EXPECT_EQ(s.cell, (Mat3{{{5, 0, 0}, {1, 5, 0}, {0.5, -0.25, 6}}}));
  ASSERT_EQ(s.size(), 2u);
  EXPECT_EQ(s.positions[0], (Vec3{1, 0.5, 0}));
  EXPECT_EQ(s.positions[1], (Vec3{4, 2, 1}));
}

TEST(LammpsDataReader, EveryStyleSaidOrGuessed) {
  ExpectTheTwoAtoms(Parse(kHead + kMasses + "Atoms # atomic\n\n1 1 0 0.5 2\n2 2 3 2 3\n"));
  ExpectTheTwoAtoms(Parse(kHead + kMasses + "Atoms\n\n2 2 3 2 3 0 0 -1\n1 1 0 0.5 2 0 1 0\n"));
  ExpectTheTwoAtoms(Parse(kHead + kMasses + "Atoms # charge\n\n1 1 1.0 0 0.5 2\n2 2 -2.0 3 2 3\n"));
  ExpectTheTwoAtoms(Parse(kHead + kMasses + "Atoms\n\n1 1 1.0 0 0.5 2\n2 2 -2.0 3 2 3\n"));
  ExpectTheTwoAtoms(Parse(kHead + kMasses + "Atoms # full\n\n1 7 1 1.0 0 0.5 2\n2 8 2 -2.0 3 2 3 0 0 0\n"));
  ExpectTheTwoAtoms(Parse(kHead + kMasses + "Atoms\n\n1 7 1 1.0 0 0.5 2\n2 8 2 -2.0 3 2 3\n"));
  ExpectTheTwoAtoms(Parse(kHead + kMasses + "Atoms # molecular\n\n1 9 1 0 0.5 2\n2 9 2 3 2 3\n"));
}

TEST(LammpsDataReader, CommentsNameTypesBeforeMassesDo) {
  const std::string atoms = "Atoms # atomic\n\n1 1 0 0.5 2\n2 2 3 2 3\n\nVelocities\n\n1 0 0 0\n2 0 0 0\n";
  EXPECT_THAT(Parse(kHead + "Masses\n\n1 1.0 # Li\n2 100 # S sulfur\n\n" + atoms).species,
              ElementsAre("Li", "S"));
  EXPECT_THAT(Parse(kHead + "Masses\n\n1 6.941 # lithium\n2 32.065\n\n" + atoms).species,
              ElementsAre("Li", "S"));
  EXPECT_THAT(Complaint(kHead + "Masses\n\n1 6.94\n2 100\n\n" + atoms),
              HasSubstr("no element has a mass of 100 u"));
  EXPECT_THAT(Complaint(kHead + "Masses\n\n1 6.94\n\n" + atoms), HasSubstr("atom 2 is of type 2"));
}

TEST(LammpsDataReader, ErrorsAreNamed) {
  const std::string atoms = "Atoms # atomic\n\n1 1 0 0.5 2\n";
  EXPECT_THAT(Complaint(kHead + kMasses + atoms), HasSubstr("announces 2 atoms, the Atoms section holds 1"));
  EXPECT_THAT(Complaint(kHead + kMasses), HasSubstr("no Atoms section"));
  EXPECT_THAT(Complaint("t\n\n1 atoms\n\n" + kMasses + atoms), HasSubstr("xlo xhi"));
  EXPECT_THAT(Complaint("t\n\n1 atoms\n3 1 xlo xhi\n" + kMasses + atoms), HasSubstr("line 4"));
  EXPECT_THAT(Complaint(kHead + kMasses + "Atoms # sphere\n\n1 1 1 1 0 0 0\n"), HasSubstr("\"sphere\""));
  EXPECT_THAT(Complaint(kHead + kMasses + "Atoms\n\n1 1 0 0\n"), HasSubstr("4 columns"));
  EXPECT_THAT(Complaint(kHead + kMasses + "Atoms # atomic\n\n1 1 0 x 0\n"), HasSubstr("\"x\""));
}

TEST(LammpsDataReader, SurvivesRandomDamage) {
  const std::string good = kHead + kMasses + "Atoms # full\n\n1 7 1 1.0 0 0.5 2\n2 8 2 -2.0 3 2 3 0 0 0\n";
  const int failed =
      CountFailures(good, 2000, [](const std::string& t) { return ParseLammpsData(t, "fuzz"); });
  EXPECT_GT(failed, 200);
  EXPECT_LT(failed, 2000);
}

}  // namespace
}  // namespace superion
