#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/neighbor_list.h"
#include "core/structure_reader.h"
#include "mutation.h"

namespace superion {
namespace {

using testing::HasSubstr;

std::string Cif(const std::string& symmetry, const std::string& sites, const std::string& columns = "",
                const std::string& cell = "5.85(2) 5.85 5.85 90 90 90.0") {
  std::istringstream in(cell);
  std::string v[6];
  for (std::string& x : v) in >> x;
  return "data_text\n_publ 'words'\ndata_x\n_cell_length_a " + v[0] + "\n_cell_length_b " + v[1] +
         "\n_cell_length_c " + v[2] + "\n_cell_angle_alpha " + v[3] + "\n_cell_angle_beta " + v[4] +
         "\n_cell_angle_gamma " + v[5] + "\n" + symmetry +
         "\nloop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n" +
         "_atom_site_fract_z\n" + columns + sites;
}

const std::string kAntifluorite = "Li1 Li1+ 0.25 0.25 0.25\nS1 S2- 0 0 0.0000(1)\n";

Structure Parse(const std::string& text) {
  const auto s = ParseCif(text, "a.cif");
  EXPECT_TRUE(s.ok()) << s.status() << "\n" << text;
  return s.value_or(Structure{});
}

std::string Complaint(const std::string& text) {
  const auto s = ParseCif(text, "a.cif");
  EXPECT_EQ(s.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(s.status().message());
}

void ExpectAntifluorite(const Structure& s) {
  ASSERT_EQ(s.size(), 12u);
  EXPECT_EQ(std::count(s.species.begin(), s.species.end(), "Li"), 8);
  EXPECT_NEAR(s.Volume(), 5.85 * 5.85 * 5.85, 1e-9);
  // Every S has 8 Li and every Li has 4 S at a√3/4.
  const NeighborList list = BuildNeighborList(s, 5.85 * std::sqrt(3.0) / 4 + 0.01).value();
  for (size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(list.first[i + 1] - list.first[i], s.species[i] == "S" ? 8 : 4) << i;
  }
}

TEST(CifReader, ExpandsNamedSpaceGroups) {
  for (const char* symmetry : {"_space_group_name_H-M_alt 'F m -3 m'", "_symmetry_space_group_name_H-M Fm-3m",
                               "_space_group_IT_number 225", "_symmetry_Int_Tables_number 225",
                               "_space_group_name_Hall '-F 4 2 3'"}) {
    ExpectAntifluorite(Parse(Cif(symmetry, kAntifluorite)));
  }
}

TEST(CifReader, OperationsWrittenOutGoBeforeNames) {
  const std::string symmetry =
      "_space_group_name_H-M_alt 'F m -3 m'\nloop_\n_space_group_symop_operation_xyz\n'x, y, z'\n"
      "'-x,-y,-z'\n";
  EXPECT_EQ(Parse(Cif(symmetry, "Li1 Li 0.1 0.2 0.3\nS1 S 0 0 0\n")).size(), 3u);
  const std::string old =
      "loop_\n_symmetry_equiv_pos_site_id\n_symmetry_equiv_pos_as_xyz\n1 x,y,z\n2 x+1/2,y+1/2,z\n";
  EXPECT_EQ(Parse(Cif(old, "Li1 Li 0.1 0.2 0.3\n")).size(), 2u);
}

TEST(CifReader, WithoutSymmetryThereIsOnlyTheIdentity) {
  const Structure s = Parse(Cif("", "Cl1 Cl 0.1 1.2 -0.3\n", "", "4 5 6 80 95 120"));
  ASSERT_EQ(s.size(), 1u);
  EXPECT_NEAR(Norm(s.cell[0]), 4, 1e-12);
  EXPECT_NEAR(Norm(s.cell[1]), 5, 1e-12);
  EXPECT_NEAR(Norm(s.cell[2]), 6, 1e-12);
  EXPECT_NEAR(Dot(s.cell[1], s.cell[2]), 30 * std::cos(80 * M_PI / 180), 1e-10);
  EXPECT_NEAR(Dot(s.cell[0], s.cell[2]), 24 * std::cos(95 * M_PI / 180), 1e-10);
  EXPECT_NEAR(Dot(s.cell[0], s.cell[1]), 20 * std::cos(120 * M_PI / 180), 1e-10);
  EXPECT_GT(Determinant(s.cell), 0);
}

// 1/3 given with four digits must not become three atoms.
TEST(CifReader, RoundedSpecialPositionsStayOneAtom) {
  const Structure s =
      Parse(Cif("_space_group_IT_number 194", "S1 S 0.3333 0.6667 0.25\n", "", "4 4 7 90 90 120"));
  EXPECT_EQ(s.size(), 2u);
}

TEST(CifReader, PartialOccupancyNamesTheSite) {
  const std::string sites = "Li1 Li 0.25 0.25 0.25 1.0\nLi2 Li 0.1 0.2 0.3 0.442(6)\nS1 S 0 0 0 1\n";
  EXPECT_THAT(Complaint(Cif("", sites, "_atom_site_occupancy\n")),
              HasSubstr("site Li2 has the occupancy 0.442(6)"));
  EXPECT_EQ(Parse(Cif("", "Li1 Li 0 0 0 .\nS1 S .5 .5 .5 1.0(1)\n", "_atom_site_occupancy\n")).size(), 2u);
}

TEST(CifReader, ErrorsAreNamed) {
  EXPECT_THAT(Complaint("not a cif"), HasSubstr("a.cif: not a valid CIF"));
  EXPECT_THAT(Complaint("data_x\n_cell_length_a 4\n"), HasSubstr("no data block"));
  EXPECT_THAT(Complaint(Cif("", kAntifluorite, "", "5 5 ? 90 90 90")), HasSubstr("_cell_length_c"));
  EXPECT_THAT(Complaint(Cif("", kAntifluorite, "", "5 5 5 90 90 180")), HasSubstr("no volume"));
  EXPECT_THAT(Complaint(Cif("", "Q1 Q 0 0 0\n")), HasSubstr("\"Q\""));
  EXPECT_THAT(Complaint(Cif("", "Li1 Li ? ? ?\n")), HasSubstr("site Li1 has no coordinates"));
  EXPECT_THAT(Complaint(Cif("_space_group_name_H-M_alt 'F n o pe'", kAntifluorite)),
              HasSubstr("\"F n o pe\""));
  EXPECT_THAT(Complaint(Cif("loop_\n_symmetry_equiv_pos_as_xyz\n'x,y'\n", kAntifluorite)),
              HasSubstr("a.cif"));
}

TEST(CifReader, SurvivesRandomDamage) {
  const std::string good = Cif("_space_group_name_H-M_alt 'F m -3 m'", kAntifluorite);
  const int failed = CountFailures(good, 1500, [](const std::string& t) { return ParseCif(t, "fuzz"); });
  EXPECT_GT(failed, 150);
  EXPECT_LT(failed, 1500);
}

}  // namespace
}  // namespace superion
