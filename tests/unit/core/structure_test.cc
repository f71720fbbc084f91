#include "core/structure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Structure Rocksalt() {
  Structure s;
  s.cell = {{{0, 2.5, 2.5}, {2.5, 0, 2.5}, {2.5, 2.5, 0}}};
  s.species = {"Cl", "Li"};
  s.positions = {{0, 0, 0}, {2.5, 0, 0}};
  return s;
}

std::string Complaint(const Structure& s, double minimum_distance = 0.5) {
  const absl::Status status = CheckStructure(s, minimum_distance);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(Structure, DistinctSpeciesAreOrderedByAtomicNumber) {
  Structure s = Rocksalt();
  EXPECT_THAT(DistinctSpecies(s), ElementsAre("Li", "Cl"));
  s.species = {"S", "Cl", "P", "Li", "S", "Li"};
  EXPECT_THAT(DistinctSpecies(s), ElementsAre("Li", "P", "S", "Cl"));
  EXPECT_THAT(DistinctSpecies(Structure{}), ElementsAre());
}

TEST(Structure, AGoodOnePasses) {
  EXPECT_TRUE(CheckStructure(Rocksalt()).ok());
  EXPECT_TRUE(CheckStructure(Rocksalt(), 2.49).ok());
}

TEST(Structure, TooCloseAtomsAreNamedWithTheirDistance) {
  EXPECT_THAT(Complaint(Rocksalt(), 2.6),
              testing::ContainsRegex("atoms 1 \\(Cl\\) and 2 \\(Li.*\\) are 2.5000 Å apart"));
  Structure s = Rocksalt();
  s.positions[1] = s.positions[0];
  EXPECT_THAT(Complaint(s), HasSubstr("0.0000 Å"));
  s.positions[1] = s.positions[0] + s.cell[0] + s.cell[1];  // the same place through the boundary
  EXPECT_THAT(Complaint(s), HasSubstr("atoms 1 (Cl) and 2 (Li, periodic image)"));
}

TEST(Structure, AnAtomMayNotTouchItsOwnImage) {
  Structure s;
  s.cell = {{{0.4, 0, 0}, {0, 9, 0}, {0, 0, 9}}};
  s.species = {"Li"};
  s.positions = {{0, 0, 0}};
  EXPECT_THAT(Complaint(s), HasSubstr("atoms 1 (Li) and 1 (Li, periodic image) are 0.4000 Å"));
}

TEST(Structure, ImpossibleCellsAndNumbersAreRefused) {
  Structure s = Rocksalt();
  s.cell[2] = s.cell[0] + s.cell[1];
  EXPECT_THAT(Complaint(s), HasSubstr("singular"));
  s = Rocksalt();
  s.cell[1][1] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(Complaint(s), HasSubstr("cell vector b"));
  s = Rocksalt();
  s.positions[1][2] = std::nan("");
  EXPECT_THAT(Complaint(s), HasSubstr("atom 2"));
  s = Rocksalt();
  s.species[0] = "Xq";
  EXPECT_THAT(Complaint(s), HasSubstr("atom 1: \"Xq\""));
  s.species.pop_back();
  EXPECT_THAT(Complaint(s), HasSubstr("1 species for 2 positions"));
  EXPECT_THAT(Complaint(Structure{}), HasSubstr("no atoms"));
}

TEST(Structure, AMoleculeNeedsNoCell) {
  Structure s = Rocksalt();
  s.cell = {};
  s.pbc = {false, false, false};
  EXPECT_TRUE(CheckStructure(s).ok());
  EXPECT_THAT(Complaint(s, 3.0), HasSubstr("2.5000"));
}

TEST(Structure, SupercellRepeatsCopiesInOrder) {
  const Structure s = Rocksalt();
  const Structure super = Supercell(s, {2, 1, 3});
  ASSERT_EQ(super.size(), 12u);
  EXPECT_DOUBLE_EQ(super.Volume(), 6 * s.Volume());
  EXPECT_THAT(std::vector<std::string>(super.species.begin(), super.species.begin() + 4),
              ElementsAre("Cl", "Li", "Cl", "Li"));
  EXPECT_EQ(super.positions[0], s.positions[0]);
  EXPECT_EQ(super.positions[11], s.positions[1] + s.cell[0] + 2.0 * s.cell[2]);
  EXPECT_TRUE(CheckStructure(super, 2.49).ok());
  EXPECT_FALSE(CheckStructure(super, 2.51).ok());
}

}  // namespace
}  // namespace superion
