#include "core/structure_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command.h"
#include "core/extxyz.h"
#include "core/file.h"
#include "temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

class StructureReaderTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(WriteFileAtomically(directory_.File(name), text).ok());
    return directory_.File(name);
  }
  TemporaryDirectory directory_;
};

const std::string kXyz =
    "1\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3\nLi 0 0 0\n"
    "1\nLattice=\"5 0 0 0 5 0 0 0 5\" Properties=species:S:1:pos:R:3\nS 1 1 1\n";

TEST_F(StructureReaderTest, PicksFramesByNumber) {
  const std::string path = Write("a.xyz", kXyz);
  EXPECT_EQ(ReadStructure(path)->species[0], "Li");
  EXPECT_EQ(ReadStructure(path + "#1")->species[0], "Li");
  EXPECT_EQ(ReadStructure(path + "#2")->species[0], "S");
  EXPECT_EQ(ReadStructure(path + "#3").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(ReadStructure(path + "#3").status().message()), HasSubstr("asked for frame 3"));
  EXPECT_FALSE(ReadStructure(path + "#0").ok());
  EXPECT_FALSE(ReadStructure(path + "#x").ok());
  EXPECT_EQ(ReadStructure(Write("odd#name.xyz", kXyz))->species[0], "Li");
}

TEST_F(StructureReaderTest, KnowsFormatsByTheirContent) {
  const std::string poscar = "Li\n1\n4 0 0\n0 4 0\n0 0 4\nLi\n1\nDirect\n0 0 0\n";
  const std::string lammps =
      "t\n\n1 atoms\n1 atom types\n0 4 xlo xhi\n0 4 ylo yhi\n0 4 zlo zhi\n\nMasses\n\n1 6.94\n\nAtoms\n\n1 1 "
      "0 0 0\n";
  const std::string qe =
      "&SYSTEM\nibrav=0, nat=1\n/\nCELL_PARAMETERS angstrom\n4 0 0\n0 4 0\n0 0 4\nATOMIC_POSITIONS "
      "crystal\nLi 0 0 0\n";
  const std::string cif =
      "data_x\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha 90\n_cell_angle_beta "
      "90\n"
      "_cell_angle_gamma "
      "90\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
      "Li1 0 0 0\n";
  int k = 0;
  for (const std::string& text : {poscar, lammps, qe, cif, kXyz}) {
    const auto s = ReadStructure(Write("unnamed" + std::to_string(k++), text));
    ASSERT_TRUE(s.ok()) << s.status();
    EXPECT_EQ(s->species[0], "Li");
    EXPECT_EQ(s->Volume(), 64);
  }
  EXPECT_TRUE(ReadStructure(Write("POSCAR_old", poscar)).ok());
  EXPECT_TRUE(ReadStructure(Write("data.li", lammps)).ok());
  EXPECT_FALSE(ReadStructure(Write("a.cif", poscar)).ok()) << "the name decides first";
}

TEST_F(StructureReaderTest, WhatIsNoStructureIsSaid) {
  EXPECT_THAT(std::string(ReadStructure(Write("notes.txt", "hello\nworld\n")).status().message()),
              HasSubstr("neither its name nor its content"));
  EXPECT_EQ(ReadStructure(directory_.File("none.cif")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(
      std::string(ReadStructure(Write("b.vasp", "x\n1\n4 0 0\n0 4 0\n0 0 4\nLi\n2\nd\n0 0 0\n0 0 1\n"))
                      .status()
                      .message()),
      HasSubstr("b.vasp: atoms 1 (Li) and 2 (Li, periodic image) are 0.0000 Å apart"));
}

// The same crystal written by ASE in every format.
TEST_F(StructureReaderTest, ReadsWhatAseWrites) {
  if (!HaveAse()) GTEST_SKIP() << "no ASE in " << kPython;
  const CommandOutput python = RunCommand({kPython, "-c", R"(
import numpy as np
from ase import Atoms
from ase.io import write
from ase.spacegroup import crystal
a = Atoms('Li4PS4Cl', scaled_positions=np.random.default_rng(1).random((10, 3)), pbc=True,
          cell=[[9, 0, 0], [-2, 10, 0], [1, 2, 11]])
write('ref.xyz', a, format='extxyz')
write('POSCAR', a, format='vasp', direct=True)
write('CONTCAR', a, format='vasp', direct=False)
write('a.cif', a, format='cif')
write('a.lmp', a, format='lammps-data', specorder=['Li', 'P', 'S', 'Cl'], units='metal', atom_style='charge')
text = open('a.lmp').read().replace('Atoms', 'Masses\n\n1 6.94\n2 30.97\n3 32.06\n4 35.45\n\nAtoms # charge', 1)
open('a.lmp', 'w').write(text)
write('a.pwi', a, format='espresso-in', pseudopotentials={k: k + '.UPF' for k in ('Li', 'P', 'S', 'Cl')})
b = crystal(['Li', 'S'], [(0.25, 0.25, 0.25), (0, 0, 0)], spacegroup=225, cellpar=[5.85, 5.85, 5.85, 90, 90, 90])
write('b.cif', b)
write('b.xyz', b, format='extxyz')
)"},
                                          directory_.path());
  ASSERT_EQ(python.exit_code, 0) << python.out;
  const Structure reference = ReadStructure(directory_.File("ref.xyz")).value();
  const Mat3 inverse = Inverse(reference.cell);
  for (const char* name : {"POSCAR", "CONTCAR", "a.cif", "a.lmp", "a.pwi"}) {
    const auto s = ReadStructure(directory_.File(name));
    ASSERT_TRUE(s.ok()) << s.status();
    EXPECT_EQ(s->species, reference.species) << name;
    const Mat3 back = Inverse(s->cell);
    for (int k = 0; k < 9; ++k) {
      EXPECT_NEAR(Dot(s->cell[k / 3], s->cell[k % 3]), Dot(reference.cell[k / 3], reference.cell[k % 3]),
                  2e-3)
          << name;
    }
    for (size_t i = 0; i < s->size(); ++i) {  // the formats orient the cell as they like: compare fractions
      const Vec3 d = s->positions[i] * back - reference.positions[i] * inverse;
      for (const double x : d) EXPECT_NEAR(x - std::round(x), 0, 1e-5) << name << " atom " << i;
    }
  }
  EXPECT_EQ(ReadStructure(directory_.File("b.cif"))->size(), 12u);
}

}  // namespace
}  // namespace superion
