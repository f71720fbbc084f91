#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "command.h"
#include "core/extxyz.h"
#include "core/file.h"
#include "core/random.h"
#include "core/units.h"
#include "temporary_directory.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kCell = "Lattice=\"5 0 0 0 6 0 1 0 7\" ";
const std::string kPlain = "Properties=species:S:1:pos:R:3 ";

Frame One(const std::string& text) {
  const auto frames = ParseExtxyz(text, "test.xyz");
  EXPECT_TRUE(frames.ok()) << frames.status() << "\n" << text;
  if (!frames.ok() || frames->size() != 1) return Frame{};
  return frames->front();
}

Frame WithComment(const std::string& comment) { return One("1\n" + comment + "\nLi 0.5 1 2\n"); }

std::string Complaint(const std::string& text) {
  const auto frames = ParseExtxyz(text, "test.xyz");
  EXPECT_EQ(frames.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(frames.status().message());
}

std::string ComplaintAbout(const std::string& comment) {
  return Complaint("1\n" + comment + "\nLi 0.5 1 2\n");
}

TEST(ExtxyzReader, ReadsAFrame) {
  const Frame f = One("2\n" + kCell +
                      "Properties=species:S:1:pos:R:3:forces:R:3:grade:R:1:fixed:L:1:tag:S:1 energy=-3.25 "
                      "config=\"bulk Li2S\" pbc=\"T T F\"\n"
                      "Li 0.5 1 2 0.1 -0.2 1e-3 0.7 T x\n"
                      "S  -9 1.5 2.25 0 0 0 2 F y\n");
  EXPECT_THAT(f.structure.species, ElementsAre("Li", "S"));
  EXPECT_EQ(f.structure.cell, (Mat3{{{5, 0, 0}, {0, 6, 0}, {1, 0, 7}}}));
  EXPECT_THAT(f.structure.pbc, ElementsAre(true, true, false));
  EXPECT_EQ(f.structure.positions[1], (Vec3{-9, 1.5, 2.25}));
  EXPECT_EQ(f.forces[0], (Vec3{0.1, -0.2, 1e-3}));
  EXPECT_EQ(f.energy, -3.25);
  EXPECT_FALSE(f.stress.has_value());
  EXPECT_TRUE(f.velocities.empty());
  EXPECT_EQ(f.info.at("config"), "bulk Li2S");
  EXPECT_THAT(f.atom_scalars.at("grade"), ElementsAre(0.7, 2));
  EXPECT_THAT(f.atom_scalars.at("fixed"), ElementsAre(1, 0));
  EXPECT_EQ(f.atom_scalars.size(), 2u);
}

TEST(ExtxyzReader, AcceptsBothStylesOfPbc) {
  for (const std::string pbc : {"pbc=\"T F T\"", "pbc=[T, F, T]", "pbc=\"True False True\"", "pbc='1 0 1'"}) {
    EXPECT_THAT(WithComment(kCell + kPlain + pbc).structure.pbc, ElementsAre(true, false, true)) << pbc;
  }
  EXPECT_THAT(WithComment(kCell + kPlain).structure.pbc, ElementsAre(true, true, true));
  EXPECT_THAT(WithComment(kPlain).structure.pbc, ElementsAre(false, false, false));
}

TEST(ExtxyzReader, ReadsStressOfSixAndNineNumbers) {
  const Mat3 stress{{{1, 6, 5}, {6, 2, 4}, {5, 4, 3}}};
  EXPECT_EQ(WithComment(kCell + kPlain + "stress=\"1 2 3 4 5 6\"").stress, stress);
  EXPECT_EQ(WithComment(kCell + kPlain + "stress=[1, 2, 3, 4, 5, 6]").stress, stress);
  EXPECT_EQ(WithComment(kCell + kPlain + "stress=\"1 6 5 6 2 4 5 4 3\"").stress, stress);
  EXPECT_EQ(WithComment(kCell + kPlain + "stress=[[1, 6, 5], [6, 2, 4], [5, 4, 3]]").stress, stress);
}

TEST(ExtxyzReader, AVirialIsMinusVolumeTimesStress) {
  const Frame f = WithComment(kCell + kPlain + "virial=\"210 0 0 0 -420 21 0 21 0\"");
  EXPECT_EQ(f.structure.Volume(), 210);
  EXPECT_NEAR((*f.stress)[0][0], -1.0, 1e-15);
  EXPECT_NEAR((*f.stress)[1][1], 2.0, 1e-15);
  EXPECT_NEAR((*f.stress)[1][2], -0.1, 1e-15);
  // A stress beside it is taken as it is.
  EXPECT_EQ((*WithComment(kCell + kPlain + "virial=\"1 2 3 4 5 6\" stress=\"7 0 0 0 0 0\"").stress)[0][0], 7);
}

TEST(ExtxyzReader, FreeEnergyServesWhereNoEnergyIs) {
  EXPECT_EQ(WithComment(kCell + kPlain + "free_energy=-2.5").energy, -2.5);
  const Frame both = WithComment(kCell + kPlain + "free_energy=-2.5 energy=-2");
  EXPECT_EQ(both.energy, -2);
  EXPECT_EQ(both.info.at("free_energy"), "-2.5");
}

TEST(ExtxyzReader, AtomsAreNamedInManyWays) {
  for (const std::string properties : {"species:S:1", "element:S:1", "symbols:S:1", "type:S:1"}) {
    const Frame f = One("1\n" + kCell + "Properties=" + properties + ":pos:R:3\nS 1 2 3\n");
    EXPECT_THAT(f.structure.species, ElementsAre("S")) << properties;
  }
  EXPECT_THAT(One("1\n" + kCell + "Properties=Z:I:1:pos:R:3\n16 1 2 3\n").structure.species,
              ElementsAre("S"));
  // Text wins where both are there; the number is not kept as a scalar.
  const Frame f = One("1\n" + kCell + "Properties=species:S:1:pos:R:3:Z:I:1\nS 1 2 3 16\n");
  EXPECT_THAT(f.structure.species, ElementsAre("S"));
  EXPECT_TRUE(f.atom_scalars.empty());
}

TEST(ExtxyzReader, ForcesMayBeCalledForce) {
  const std::string head = "1\n" + kCell + "Properties=species:S:1:pos:R:3:";
  EXPECT_EQ(One(head + "force:R:3\nLi 0 0 0 1 2 3\n").forces.at(0), (Vec3{1, 2, 3}));
  EXPECT_EQ(One(head + "force:R:3:forces:R:3\nLi 0 0 0 1 2 3 4 5 6\n").forces.at(0), (Vec3{4, 5, 6}));
}

// As MACE, NEP and others write them.
TEST(ExtxyzReader, LabelsMayHaveAPrefixAndCapitals) {
  const Frame reference = One("1\n" + kCell +
                              "Properties=species:S:1:pos:R:3:REF_forces:R:3 REF_energy=-2.5 "
                              "REF_stress=\"1 2 3 4 5 6\"\nLi 0 0 0 1 2 3\n");
  EXPECT_EQ(reference.energy, -2.5);
  EXPECT_THAT(reference.forces, ElementsAre(Vec3{1, 2, 3}));
  EXPECT_EQ((*reference.stress)[1][2], 4);
  EXPECT_TRUE(reference.info.empty());
  EXPECT_EQ(One("1\n" + kCell + "Properties=species:S:1:pos:R:3:dft_force:R:3 dft_energy=3\nLi 0 0 0 1 2 3\n")
                .forces.size(),
            1u);
  const Frame capitals = One("1\n" + kCell +
                             "Properties=Species:S:1:Pos:R:3:Force:R:3 Energy=-1 "
                             "Virials=\"210 0 0 0 0 0 0 0 0\"\nLi 0 0 0 1 2 3\n");
  EXPECT_EQ(capitals.energy, -1.0);
  EXPECT_THAT(capitals.forces, ElementsAre(Vec3{1, 2, 3}));
  EXPECT_NEAR((*capitals.stress)[0][0], -1.0, 1e-12);
}

TEST(ExtxyzReader, LabelsOfOneFrameComeFromOneFamily) {
  const std::string both =
      "Properties=species:S:1:pos:R:3:REF_forces:R:3:forces:R:3 REF_energy=-2.5 REF_stress=\"1 2 3 4 5 6\" ";
  const std::string atom = "\nLi 0 0 0 1 2 3 4 5 6\n";
  const Frame plain = One("1\n" + kCell + both + "energy=-9" + atom);
  EXPECT_EQ(plain.energy, -9.0);
  EXPECT_THAT(plain.forces, ElementsAre(Vec3{4, 5, 6}));
  EXPECT_FALSE(plain.stress.has_value());
  EXPECT_EQ(plain.info.at("REF_energy"), "-2.5");
  const Frame reference = One("1\n" + kCell + both + atom);
  EXPECT_EQ(reference.energy, -2.5);
  EXPECT_THAT(reference.forces, ElementsAre(Vec3{1, 2, 3}));
  // An energy alone has a prefix: the forces are the ones that there are.
  EXPECT_THAT(
      One("1\n" + kCell + "Properties=species:S:1:pos:R:3:forces:R:3 REF_energy=1\nLi 0 0 0 1 2 3\n").forces,
      ElementsAre(Vec3{1, 2, 3}));
}

TEST(ExtxyzReader, MomentaBecomeVelocities) {
  // 1 u^1/2 eV^1/2 divided by 6.94 u: in Å/ps with the time unit Å (u/eV)^1/2 = 10.1805 fs.
  const std::string head = "1\n" + kCell + "Properties=species:S:1:pos:R:3:momenta:R:3";
  EXPECT_NEAR(One(head + "\nLi 0 0 0 6.94 0 0\n").velocities.at(0)[0], 1 / 0.010180505, 1e-4);
  EXPECT_NEAR(One(head + ":masses:R:1\nLi 0 0 0 6.94 0 0 13.88\n").velocities.at(0)[0], 0.5 / 0.010180505,
              1e-4);
  EXPECT_THAT(Complaint(head + ":masses:R:1\nLi 0 0 0 6.94 0 0 0\n"), HasSubstr("mass 0"));
  const std::string velocities = "1\n" + kCell + "Properties=species:S:1:pos:R:3:velocities:R:3";
  EXPECT_NEAR(One(velocities + "\nLi 0 0 0 0 2 0\n").velocities.at(0)[1], 2 / 0.010180505, 2e-4);
}

TEST(ExtxyzReader, PlainXyzHasSpeciesAndPosition) {
  const Frame f = One("2\nwater, almost\nO 0 0 0\nH 0 0 0.96\n");
  EXPECT_THAT(f.structure.species, ElementsAre("O", "H"));
  EXPECT_THAT(f.structure.pbc, ElementsAre(false, false, false));
  EXPECT_THAT(Complaint("1\nplain\nO 0 0 0 1 2 3\n"), HasSubstr("expected 4 columns"));
}

TEST(ExtxyzReader, LineEndsAndBlankTailsDoNotMatter) {
  const std::string text =
      "1\n" + kCell + kPlain + "energy=1\nLi 1 2 3\n1\n" + kCell + kPlain + "energy=2\nS 4 5 6\n";
  std::string dos = "\xEF\xBB\xBF";
  for (const char c : text) dos += c == '\n' ? std::string("\r\n") : std::string(1, c);
  for (const std::string& variant : {text, dos, text.substr(0, text.size() - 1), text + "\n\n  \n"}) {
    const auto frames = ParseExtxyz(variant, "x");
    ASSERT_TRUE(frames.ok()) << frames.status();
    ASSERT_EQ(frames->size(), 2u);
    EXPECT_EQ((*frames)[1].energy, 2);
    EXPECT_EQ((*frames)[1].structure.positions[0], (Vec3{4, 5, 6}));
  }
}

TEST(ExtxyzReader, ErrorsNameFrameAndLine) {
  const std::string good = "1\n" + kCell + kPlain + "\nLi 1 2 3\n";
  EXPECT_THAT(Complaint(good + "1\n" + kCell + kPlain + "\nLi 1 nan 3\n"),
              HasSubstr("test.xyz: frame 2, line 6: pos: expected a finite number, found \"nan\""));
  EXPECT_THAT(Complaint(good + "2\n" + kCell + kPlain + "\nLi 1 2 3\n"),
              HasSubstr("frame 2, line 6: the file ends after 1 of 2 atoms"));
  EXPECT_THAT(Complaint(good + "and some garbage\n"),
              HasSubstr("frame 2, line 4: expected the number of atoms, found \"and some garbage\""));
  EXPECT_THAT(Complaint("3\n"), HasSubstr("ends before the comment line"));
  EXPECT_THAT(Complaint("1\n" + kCell + kPlain + "\nLi 1 2\n"), HasSubstr("expected 4 columns"));
  EXPECT_THAT(Complaint("1\n" + kCell + kPlain + "\nLi 1 2 3 4\n"), HasSubstr("found 5"));
  EXPECT_THAT(Complaint("1\n" + kCell + kPlain + "\nXx 1 2 3\n"),
              HasSubstr("line 3: \"Xx\" is not a chemical"));
  EXPECT_THAT(Complaint("1\n" + kCell + kPlain + "\nLi 1 2 0x3\n"), HasSubstr("0x3"));
  EXPECT_THAT(Complaint("1\n" + kCell + "Properties=Z:I:1:pos:R:3\n119 1 2 3\n"), HasSubstr("atomic number"));
}

TEST(ExtxyzReader, AWrongCountIsNoticed) {
  // One atom too few announced: the next line is no count.
  EXPECT_THAT(Complaint("1\n" + kCell + kPlain + "\nLi 1 2 3\nLi 2 2 3\n"),
              HasSubstr("expected the number of atoms"));
  for (const char* count : {"0", "-1", "1.5", "two", "99999999999999999999"}) {
    EXPECT_THAT(Complaint(std::string(count) + "\n" + kPlain + "\n"),
                HasSubstr("expected the number of atoms"))
        << count;
  }
  // A huge count must not take memory before the atoms are there.
  EXPECT_THAT(Complaint("9000000000000000000\n" + kCell + kPlain + "\nLi 1 2 3\n"), HasSubstr("after 1 of"));
}

TEST(ExtxyzReader, WrongCommentsAreNamed) {
  EXPECT_THAT(ComplaintAbout("Lattice=\"1 2 3\" " + kPlain),
              HasSubstr("line 2: Lattice: expected 9 numbers, found 3"));
  EXPECT_THAT(ComplaintAbout("Lattice=\"1 0 0 0 1 0 0 0 x\" " + kPlain), HasSubstr("\"x\""));
  EXPECT_THAT(ComplaintAbout("Lattice=\"1 0 0 1 0 0 0 0 1\" " + kPlain), HasSubstr("without volume"));
  EXPECT_THAT(ComplaintAbout("pbc=\"T T T\" " + kPlain), HasSubstr("no Lattice"));
  EXPECT_THAT(ComplaintAbout(kCell + kPlain + "pbc=\"T T\""), HasSubstr("3 flags"));
  EXPECT_THAT(ComplaintAbout(kCell + kPlain + "energy=nan"), HasSubstr("energy: expected a finite number"));
  EXPECT_THAT(ComplaintAbout(kCell + kPlain + "energy=None"), HasSubstr("energy: expected a number"));
  EXPECT_THAT(ComplaintAbout(kCell + kPlain + "stress=\"1 2 3\""),
              HasSubstr("stress: expected 9 or 6 numbers"));
  EXPECT_THAT(ComplaintAbout(kPlain + "virial=\"1 2 3 4 5 6\""), HasSubstr("without volume"));
  EXPECT_THAT(ComplaintAbout(kCell + kPlain + "a=\"open"), HasSubstr("not closed"));
}

TEST(ExtxyzReader, WrongPropertiesAreNamed) {
  for (const auto& [properties, complaint] : std::vector<std::pair<std::string, std::string>>{
           {"species:S:1", "no pos:R:3"},
           {"pos:R:3", "neither species:S:1 nor Z:I:1"},
           {"species:S:1:pos:R:2", "pos has 2 columns"},
           {"species:S:1:pos:R:3:forces:R:1", "forces has 1 columns"},
           {"species:S:1:pos:R", "triples"},
           {"species:S:1:pos:X:3", "not a column"},
           {"species:S:1:pos:R:-3", "not a column"},
           {"species:S:1:pos:R:3x", "not a column"}}) {
    EXPECT_THAT(ComplaintAbout(kCell + "Properties=" + properties), HasSubstr(complaint));
  }
}

TEST(ExtxyzReader, AnEmptyOrMissingFileIsSaid) {
  EXPECT_THAT(Complaint(""), HasSubstr("test.xyz: holds no frames"));
  EXPECT_EQ(ReadExtxyz("/no/such/file.xyz").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(ReadExtxyz("/tmp").ok());
}

TEST(ExtxyzReader, StreamingStopsWhereTheVisitorSays) {
  const TemporaryDirectory directory;
  std::string text;
  for (int k = 0; k < 5; ++k) text += "1\n" + kCell + kPlain + "energy=" + std::to_string(k) + "\nLi 1 2 3\n";
  ASSERT_TRUE(WriteFileAtomically(directory.File("a.xyz"), text + "garbage").ok());
  std::vector<double> energies;
  const auto keep = [&energies](Frame frame) {
    energies.push_back(*frame.energy);
    return energies.size() == 3 ? absl::CancelledError("enough") : absl::OkStatus();
  };
  EXPECT_EQ(ForEachExtxyzFrame(directory.File("a.xyz"), keep).code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(energies, ElementsAre(0, 1, 2));
  // Without a stop every good frame is handed over before the error of the file is returned.
  energies.assign(3, 0);
  EXPECT_EQ(ForEachExtxyzFrame(directory.File("a.xyz"), keep).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(energies.size(), 8u);
}

// Damaged files end in an error or in frames, never in a crash.
TEST(ExtxyzReader, SurvivesRandomDamage) {
  const std::string good =
      "2\n" + kCell +
      "Properties=species:S:1:pos:R:3:momenta:R:3:Z:I:1 energy=-1.5 stress=\"1 2 3 4 5 6\" "
      "pbc=[T, T, T] note=\"a \\\"b\\\" c\"\nLi 1 2 3 .1 .2 .3 3\nS 4 5 6 .4 .5 .6 16\n";
  Random random(8);
  int failed = 0;
  for (int k = 0; k < 3000; ++k) {
    std::string text = good + good;
    for (uint64_t hits = 1 + random.Below(4); hits > 0; --hits) {
      const size_t at = random.Below(text.size());
      const uint64_t kind = random.Below(3);
      if (kind == 0) text[at] = static_cast<char>(random.Below(256));
      if (kind == 1) text.erase(at, 1 + random.Below(5));
      if (kind == 2) text.insert(at, 1, " \"=[]:-.9\n"[random.Below(10)]);
    }
    failed += !ParseExtxyz(text, "fuzz").ok();
  }
  EXPECT_GT(failed, 100);
  EXPECT_LT(failed, 3000);
}

TEST(ExtxyzReader, ReadsWhatAseWrites) {
  if (!HaveAse()) GTEST_SKIP() << "no ASE in " << kPython;
  const TemporaryDirectory directory;
  const CommandOutput python = RunCommand({kPython, "-c", R"(
import numpy as np
from ase import Atoms, units
from ase.io import write
from ase.calculators.singlepoint import SinglePointCalculator
a = Atoms('LiSLi', positions=[[0.1, 0, 0], [2, 2.5, 2], [1, 3, 4]], cell=[[5, 0, 0], [1, 6, 0], [0, 2, 7]], pbc=[1, 0, 1])
a.set_velocities(np.arange(9).reshape(3, 3) * 1e-2 * units.Angstrom / units.fs)
a.info['note'] = 'two words'
a.info['list'] = np.array([1, 2, 3])
a.arrays['grade'] = np.array([0.5, 1.5, 2.5])
a.calc = SinglePointCalculator(a, energy=-7.125, forces=[[1, 2, 3], [4, 5, 6], [-5, -7, -9]],
                               stress=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
write('ase.xyz', a, format='extxyz')
b = a.copy()
b.calc = None
b.info['virial'] = -a.get_volume() * np.array([[0.1, 0.6, 0.5], [0.6, 0.2, 0.4], [0.5, 0.4, 0.3]])
write('virial.xyz', b, format='extxyz')
)"},
                                          directory.path());
  ASSERT_EQ(python.exit_code, 0) << python.out;
  const auto frames = ReadExtxyz(directory.File("ase.xyz"));
  ASSERT_TRUE(frames.ok()) << frames.status();
  const Frame& f = frames->at(0);
  EXPECT_THAT(f.structure.species, ElementsAre("Li", "S", "Li"));
  EXPECT_EQ(f.structure.cell, (Mat3{{{5, 0, 0}, {1, 6, 0}, {0, 2, 7}}}));
  EXPECT_THAT(f.structure.pbc, ElementsAre(true, false, true));
  EXPECT_EQ(f.energy, -7.125);
  EXPECT_EQ(f.forces.at(2), (Vec3{-5, -7, -9}));
  EXPECT_EQ(f.info.at("note"), "two words");
  EXPECT_THAT(f.atom_scalars.at("grade"), ElementsAre(0.5, 1.5, 2.5));
  for (int i = 0; i < 9; ++i) EXPECT_NEAR(f.velocities.at(i / 3)[i % 3], i * 10.0, 1e-5);
  const Mat3 stress{{{0.1, 0.6, 0.5}, {0.6, 0.2, 0.4}, {0.5, 0.4, 0.3}}};
  const auto virial = ReadExtxyz(directory.File("virial.xyz"));
  ASSERT_TRUE(virial.ok()) << virial.status();
  for (int k = 0; k < 9; ++k) {
    EXPECT_NEAR((*f.stress)[k / 3][k % 3], stress[k / 3][k % 3], 1e-8);
    EXPECT_NEAR((*virial->at(0).stress)[k / 3][k % 3], stress[k / 3][k % 3], 1e-6);
  }
}

TEST(ExtxyzReader, ReadsThePublicBenchmark) {
  const char* shared = std::getenv("SUPERION_SHARED");
  const std::string root = shared != nullptr ? shared : SUPERION_SOURCE_DIR "/../shared";
  if (!std::filesystem::exists(root + "/data/mlearn")) GTEST_SKIP() << "no benchmark data in " << root;
  for (const auto& [name, n] :
       std::vector<std::pair<std::string, size_t>>{{"Li_train", 241}, {"Si_train", 214}}) {
    size_t frames = 0;
    const absl::Status status = ForEachExtxyzFrame(root + "/data/mlearn/" + name + ".xyz", [&](Frame frame) {
      ++frames;
      EXPECT_TRUE(frame.energy.has_value());
      EXPECT_EQ(frame.forces.size(), frame.structure.size());
      return CheckStructure(frame.structure, 0.5);
    });
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(frames, n);
  }
}

}  // namespace
}  // namespace superion
