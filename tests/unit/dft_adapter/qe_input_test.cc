#include "dft_adapter/qe_input.h"

#include <gmock/gmock.h>

#include <sstream>

#include "core/units.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

using testing::HasSubstr;
using testing::Not;

QeSettings Settings() {
  QeSettings s;
  s.ecutwfc_ry = 20;
  s.kpoints = {2, 2, 2};
  s.kshift = {1, 1, 1};
  s.pseudopotentials = {{"Li", "Li.UPF"}, {"S", "S.UPF"}, {"Cl", "Cl.UPF"}};
  return s;
}

TEST(QeInput, HoldsTheSettingsThatWereAskedFor) {
  QeNumerics numerics;
  numerics.mixing_beta = 0.2;
  numerics.diagonalization = "cg";
  const auto text = QeInput(Settings(), numerics, Li2S12(0.1, 1), QeTask::kScf, "../pseudo");
  ASSERT_TRUE(text.ok()) << text.status();
  for (const char* part :
       {"calculation='scf'", "nat=12, ntyp=2", "ibrav=0", "nosym=.true.", "ecutwfc=20", "input_dft='PBE'",
        "tprnfor=.true.", "tstress=.false.", "pseudo_dir='../pseudo'", "diagonalization='cg'",
        "K_POINTS automatic\n2 2 2 1 1 1", " Li 6.94 Li.UPF", " S 32.06 S.UPF"}) {
    EXPECT_THAT(*text, HasSubstr(part));
  }
  EXPECT_THAT(*text, Not(HasSubstr("Cl.UPF")));  // types that are not there
  EXPECT_THAT(*text, Not(HasSubstr("startingpot")));
  EXPECT_THAT(*text, Not(HasSubstr("occupations")));
  EXPECT_THAT(*text, Not(HasSubstr("scf_must_converge")));
}

TEST(QeInput, PositionsReadBackToTheSameBits) {
  const Structure s = Li2S12(0.1, 7);
  const std::string text = *QeInput(Settings(), {}, s, QeTask::kScf, "../pseudo");
  std::istringstream lines(text.substr(text.find("ATOMIC_POSITIONS bohr\n") + 22));
  for (size_t i = 0; i < s.size(); ++i) {
    std::string symbol;
    Vec3 bohr;
    lines >> symbol >> bohr[0] >> bohr[1] >> bohr[2];
    EXPECT_EQ(symbol, s.species[i]);
    for (int a = 0; a < 3; ++a) EXPECT_EQ(bohr[a], s.positions[i][a] / units::kBohr);
  }
}

TEST(QeInput, GammaAloneUsesRealWaveFunctions) {
  QeSettings settings = Settings();
  settings.kpoints = {1, 1, 1};
  settings.kshift = {0, 0, 0};
  EXPECT_THAT(*QeInput(settings, {}, Li2S12(0, 1), QeTask::kScf, "p"), HasSubstr("K_POINTS gamma\n"));
  settings.kshift = {0, 0, 1};
  EXPECT_THAT(*QeInput(settings, {}, Li2S12(0, 1), QeTask::kScf, "p"),
              HasSubstr("K_POINTS automatic\n1 1 1 0 0 1"));
}

TEST(QeInput, OptionsAppearOnlyWhenAsked) {
  QeSettings settings = Settings();
  settings.ecutrho_ry = 200;
  settings.smearing_ev = units::kRydberg;
  settings.total_charge = -1;
  settings.stress = true;
  QeNumerics numerics;
  numerics.from_density = true;
  const std::string text = *QeInput(settings, numerics, Li2S12(0, 1), QeTask::kDriver, "p");
  for (const char* part :
       {"ecutrho=200", "degauss=1\n", "smearing='gaussian'", "tot_charge=-1", "tstress=.true.",
        "startingpot='file'", "calculation='md'", "wfc_extrapolation='second_order'"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(QeInput, MissingPseudopotentialNamesTheSpecies) {
  QeSettings settings = Settings();
  settings.pseudopotentials.erase("S");
  const auto text = QeInput(settings, {}, Li2S12(0, 1), QeTask::kScf, "p");
  EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(text.status().message()), HasSubstr("no entry for S"));
}

}  // namespace
}  // namespace superion
