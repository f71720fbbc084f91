#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <sstream>

#include "command.h"
#include "core/extxyz.h"
#include "core/file.h"
#include "core/random.h"
#include "core/units.h"
#include "temporary_directory.h"

namespace superion {
namespace {

// Numbers of every size, as bits.
double Wild(Random* random) {
  while (true) {
    const double x = std::bit_cast<double>(random->Next());
    if (std::isfinite(x) && std::abs(x) < 1e200 && std::abs(x) > 1e-200) return x;
  }
}

Vec3 WildVector(Random* random) { return {Wild(random), Wild(random), Wild(random)}; }

Frame WildFrame(Random* random) {
  Frame f;
  f.structure.species = {"Li", "P", "S", "Cl"};
  f.structure.cell = {{{5.85 + random->Uniform(), 0, 0.1}, {-1 / 3.0, 7, 0}, {0, 1e-17, 9}}};
  for (size_t i = 0; i < 4; ++i) {
    f.structure.positions.push_back(WildVector(random));
    f.forces.push_back(WildVector(random));
    f.velocities.push_back(WildVector(random));
  }
  f.energy = Wild(random);
  f.stress = Mat3{WildVector(random), WildVector(random), WildVector(random)};
  f.atom_scalars["grade"] = {Wild(random), 0.0, 1e-300, -2.0};
  f.info = {{"label_hash", "ab12"}, {"note", "two \"words\" = x"}, {"list", "[1, 2]"}, {"empty", ""}};
  return f;
}

void ExpectSame(const Frame& a, const Frame& b) {
  EXPECT_EQ(a.structure.species, b.structure.species);
  EXPECT_EQ(a.structure.cell, b.structure.cell);
  EXPECT_EQ(a.structure.pbc, b.structure.pbc);
  EXPECT_EQ(a.structure.positions, b.structure.positions);
  EXPECT_EQ(a.forces, b.forces);
  EXPECT_EQ(a.velocities, b.velocities);
  EXPECT_EQ(a.energy, b.energy);
  EXPECT_EQ(a.stress, b.stress);
  EXPECT_EQ(a.atom_scalars, b.atom_scalars);
  EXPECT_EQ(a.info, b.info);
}

TEST(ExtxyzWriter, ComesBackToTheBit) {
  const TemporaryDirectory directory;
  Random random(1);
  std::vector<Frame> frames;
  for (int k = 0; k < 200; ++k) frames.push_back(WildFrame(&random));
  ASSERT_TRUE(WriteExtxyz(directory.File("a.xyz"), frames).ok());
  const auto back = ReadExtxyz(directory.File("a.xyz"));
  ASSERT_TRUE(back.ok()) << back.status();
  ASSERT_EQ(back->size(), frames.size());
  for (size_t k = 0; k < frames.size(); ++k) ExpectSame((*back)[k], frames[k]);
}

TEST(ExtxyzWriter, WhatIsNotKnownIsNotWritten) {
  Frame f;
  f.structure.species = {"Li"};
  f.structure.positions = {{1, 2, 3}};
  f.structure.pbc = {false, false, false};
  EXPECT_EQ(FormatExtxyz(f), "1\nProperties=species:S:1:pos:R:3 pbc=\"F F F\"\nLi 1 2 3\n");
  ExpectSame(ParseExtxyz(FormatExtxyz(f), "x").value().at(0), f);
}

TEST(ExtxyzWriter, AKeyOfItsOwnCannotBeWrittenTwice) {
  Frame f;
  f.structure.species = {"Li"};
  f.structure.positions = {{1, 2, 3}};
  f.structure.pbc = {false, false, false};
  f.energy = 1.5;
  f.info = {{"energy", "99"}, {"pbc", "T T T"}, {"virial", "1"}};
  const Frame back = ParseExtxyz(FormatExtxyz(f), "x").value().at(0);
  EXPECT_EQ(back.energy, 1.5);
  EXPECT_FALSE(back.structure.pbc[0]);
  EXPECT_TRUE(back.info.empty());
}

TEST(ExtxyzWriter, AMassColumnIsTheMassOfTheMomenta) {
  Random random(3);
  Frame f = WildFrame(&random);
  f.atom_scalars["masses"] = {6.015, 30.97, 33.9, 36.97};
  ExpectSame(ParseExtxyz(FormatExtxyz(f), "x").value().at(0), f);
}

TEST(ExtxyzWriter, AFolderThatIsMissingIsAnError) {
  Frame f;
  f.structure.species = {"Li"};
  f.structure.positions = {{1, 2, 3}};
  EXPECT_FALSE(WriteExtxyz("/no/such/folder/a.xyz", {f}).ok());
}

TEST(ExtxyzWriter, AseReadsWhatIsWritten) {
  if (!HaveAse()) GTEST_SKIP() << "no ASE in " << kPython;
  const TemporaryDirectory directory;
  Frame f;
  f.structure.species = {"Li", "S"};
  f.structure.cell = {{{5, 0, 0}, {1, 6, 0}, {0, 2, 7}}};
  f.structure.pbc = {true, false, true};
  f.structure.positions = {{0.1, 0.2, 0.3}, {-4, 5, 1.0 / 3}};
  f.forces = {{1, 2, 3}, {-1, -2, -1e-9}};
  f.velocities = {{10, 20, 30}, {-1, 0, 2.5}};
  f.energy = -12;
  f.stress = Mat3{{{0.1, 0.6, 0.5}, {0.6, 0.2, 0.4}, {0.5, 0.4, 0.3}}};
  f.atom_scalars["grade"] = {0.25, 3};
  f.info = {{"note", "two words"}, {"frame_id", "ab12"}};
  ASSERT_TRUE(WriteExtxyz(directory.File("a.xyz"), {f, f}).ok());
  const CommandOutput python = RunCommand({kPython, "-c", R"(
from ase.io import read
from ase import units
frames = read('a.xyz', index=':')
a = frames[1]
out = [len(frames), a.get_chemical_symbols() == ['Li', 'S'], list(a.pbc) == [True, False, True], a.get_potential_energy()]
out += list(a.cell[1]) + list(a.positions[1]) + list(a.get_forces()[1]) + list(a.get_stress())
out += list(a.get_velocities()[1] * (1000 * units.fs)) + list(a.arrays['grade'])
print(*[repr(float(x)) for x in out])
print(a.info['note'])
)"},
                                          directory.path());
  ASSERT_EQ(python.exit_code, 0) << python.out;
  std::istringstream in(python.out);
  const std::vector<double> expected{2,     1,   1,   -12, 1,   6,   0,   -4, 5, 1.0 / 3, -1,   -2,
                                     -1e-9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, -1, 0, 2.5,     0.25, 3};
  for (const double x : expected) {
    double found;
    ASSERT_TRUE(in >> found) << python.out;
    EXPECT_NEAR(found, x, 1e-6 * std::abs(x)) << python.out;
  }
  EXPECT_THAT(python.out, testing::HasSubstr("two words"));
}

}  // namespace
}  // namespace superion
