#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/structure_reader.h"
#include "core/units.h"
#include "mutation.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Input(const std::string& system, const std::string& cell, const std::string& positions) {
  return "&CONTROL\n  calculation = 'scf'\n/\n&SYSTEM\n" + system + "\n/\n&ELECTRONS\n/\nATOMIC_SPECIES\n" +
         "Li 6.94 Li.UPF\nS1 32.06 S.UPF\n" + cell + positions + "K_POINTS gamma\n";
}

const std::string kSystem = "  ibrav = 0, nat = 2 ! two\n  ntyp=2\n  ecutwfc = 2.d1";
const std::string kRows = "4 0 0\n0 5 0\n1 0 6\n";

Structure Parse(const std::string& text) {
  const auto s = ParseQeInput(text, "pw.in");
  EXPECT_TRUE(s.ok()) << s.status() << "\n" << text;
  return s.value_or(Structure{});
}

std::string Complaint(const std::string& text) {
  const auto s = ParseQeInput(text, "pw.in");
  EXPECT_EQ(s.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(s.status().message());
}

TEST(QeInputReader, AngstromAndCrystal) {
  const Structure s = Parse(Input(kSystem, "CELL_PARAMETERS angstrom\n" + kRows,
                                  "ATOMIC_POSITIONS {crystal}\nLi 0 0 0\n# comment\nS1 0.5 0.5 0.5 0 0 1\n"));
  EXPECT_THAT(s.species, ElementsAre("Li", "S"));
  EXPECT_EQ(s.cell, (Mat3{{{4, 0, 0}, {0, 5, 0}, {1, 0, 6}}}));
  EXPECT_EQ(s.positions[1], (Vec3{2.5, 2.5, 3}));
}

TEST(QeInputReader, EveryUnit) {
  const std::string positions = "Li 0 0 0\nS 1 2 3\n";
  const double bohr = units::kBohr;
  const Structure b =
      Parse(Input(kSystem, "CELL_PARAMETERS (bohr)\n" + kRows, "ATOMIC_POSITIONS bohr\n" + positions));
  EXPECT_DOUBLE_EQ(b.cell[2][2], 6 * bohr);
  EXPECT_DOUBLE_EQ(b.positions[1][2], 3 * bohr);
  const Structure a = Parse(Input(kSystem + "\n celldm(1) = 2.0", "CELL_PARAMETERS alat\n" + kRows,
                                  "ATOMIC_POSITIONS alat\n" + positions));
  EXPECT_DOUBLE_EQ(a.cell[0][0], 8 * bohr);
  EXPECT_DOUBLE_EQ(a.positions[1][1], 4 * bohr);
  const Structure angstrom = Parse(Input(kSystem + "\n A = 2.0", "CELL_PARAMETERS\n" + kRows,
                                         "ATOMIC_POSITIONS (angstrom)\n" + positions));
  EXPECT_DOUBLE_EQ(angstrom.cell[0][0], 8);
  EXPECT_DOUBLE_EQ(angstrom.positions[1][1], 2);
  // Without a lattice parameter alat is the length of the first vector.
  const Structure first =
      Parse(Input(kSystem, "CELL_PARAMETERS angstrom\n" + kRows, "ATOMIC_POSITIONS\n" + positions));
  EXPECT_DOUBLE_EQ(first.positions[1][0], 4);
}

TEST(QeInputReader, OtherLatticesAreRefusedClearly) {
  const std::string positions = "ATOMIC_POSITIONS crystal\nLi 0 0 0\nS .5 .5 .5\n";
  const std::string cell = "CELL_PARAMETERS angstrom\n" + kRows;
  EXPECT_THAT(Complaint(Input("ibrav=2, celldm(1)=10, nat=2, ntyp=2", "", positions)),
              HasSubstr("pw.in: expected ibrav = 0 with CELL_PARAMETERS, found ibrav = 2"));
  EXPECT_THAT(Complaint(Input("nat=2", cell, positions)), HasSubstr("no ibrav"));
  EXPECT_THAT(Complaint(Input("ibrav=0", cell, positions)), HasSubstr("nat is missing"));
  EXPECT_THAT(Complaint(Input(kSystem, "", positions)), HasSubstr("no CELL_PARAMETERS"));
  EXPECT_THAT(Complaint(Input(kSystem, cell, "")), HasSubstr("no ATOMIC_POSITIONS"));
  EXPECT_THAT(Complaint(Input(kSystem, "CELL_PARAMETERS alat\n" + kRows, positions)),
              HasSubstr("celldm(1) or A"));
  EXPECT_THAT(Complaint(Input(kSystem, cell, "ATOMIC_POSITIONS crystal_sg\nLi 0 0 0\nS 0 0 0\n")),
              HasSubstr("\"crystal_sg\""));
  EXPECT_THAT(Complaint(Input(kSystem, cell, "ATOMIC_POSITIONS crystal\nLi 0 0 1/2\nS 0 0 0\n")),
              HasSubstr("1/2"));
  EXPECT_THAT(Complaint("&SYSTEM\nibrav=0\n"), HasSubstr("end of a namelist"));
}

TEST(QeInputReader, SurvivesRandomDamage) {
  const std::string good = Input(kSystem, "CELL_PARAMETERS angstrom\n" + kRows,
                                 "ATOMIC_POSITIONS crystal\nLi 0 0 0\nS 0.5 0.5 0.5\n");
  const int failed = CountFailures(good, 2000, [](const std::string& t) { return ParseQeInput(t, "fuzz"); });
  EXPECT_GT(failed, 200);
  EXPECT_LT(failed, 2000);
}

}  // namespace
}  // namespace superion
