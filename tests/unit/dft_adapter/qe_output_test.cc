#include "dft_adapter/qe_output.h"

#include <gmock/gmock.h>

#include <csignal>

#include "core/units.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct XmlParts {
  std::string achieved = "true", scf_error = "2.0e-8", energy = "-1.5e0";
  std::string forces = "1.0e-3 0 2.0e-3\n -1.0e-3 0 -2.0e-3", second = "1.0e0 1.0e0 1.0e0";
};

// Two hydrogen atoms in a cell of 6 bohr, in the layout of pw.x 6.7.
std::string Xml(const XmlParts& p) {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<qes:espresso Units="Hartree atomic units" xmlns:qes="http://www.quantum-espresso.org/ns/qes/qes-1.0">
 <output>
  <convergence_info><scf_conv>
    <convergence_achieved>)" +
         p.achieved + R"(</convergence_achieved>
    <n_scf_steps>9</n_scf_steps><scf_error>)" +
         p.scf_error + R"(</scf_error>
  </scf_conv></convergence_info>
  <atomic_structure nat="2" alat="6.0">
   <atomic_positions><atom name="H" index="1">0.0 0.0 0.0</atom><atom name="H" index="2">)" +
         p.second + R"(</atom></atomic_positions>
   <cell><a1>6.0 0 0</a1><a2>0 6.0 0</a2><a3>0 0 6.0</a3></cell>
  </atomic_structure>
  <total_energy><etot>)" +
         p.energy + R"(</etot></total_energy>
  <forces rank="2" dims="3 2" order="F">)" +
         p.forces + R"(</forces>
  <stress rank="2" dims="3 3" order="F">1e-3 0 0 0 1e-3 0 0 0 1e-3</stress>
 </output>
 <status>0</status>
</qes:espresso>)";
}

Frame Asked() {
  Frame frame;
  const double l = 6.0 * units::kBohr;
  frame.structure.cell = Mat3{{{l, 0, 0}, {0, l, 0}, {0, 0, l}}};
  frame.structure.species = {"H", "H"};
  frame.structure.positions = {{0, 0, 0}, {units::kBohr, units::kBohr, units::kBohr}};
  return frame;
}

QeSettings Settings(double conv_thr_ry) {
  QeSettings settings;
  settings.conv_thr_ry = conv_thr_ry;
  return settings;
}

std::optional<LabelFailure> Accept(const XmlParts& parts, int exit_code = 0, double conv_thr_ry = 1e-7,
                                   Frame* out = nullptr) {
  Frame frame = Asked();
  const auto xml = ParseQeXml(Xml(parts), "label.xml");
  if (!xml.ok()) return LabelFailure{failure_class::kOutput, xml.status().ToString()};
  ExitState exit;
  exit.exit_code = exit_code;
  auto failure = AcceptQeXml(*xml, exit, Settings(conv_thr_ry), &frame);
  if (out != nullptr) *out = frame;
  return failure;
}

std::string ClassOf(const std::optional<LabelFailure>& failure) {
  return failure ? failure->failure_class : "accepted";
}

TEST(QeXml, GoodRunBecomesALabelInOurUnits) {
  Frame frame;
  QeSettings settings = Settings(1e-7);
  settings.stress = true;
  frame = Asked();
  ASSERT_EQ(ClassOf(AcceptQeXml(*ParseQeXml(Xml({}), "x"), ExitState{}, settings, &frame)), "accepted");
  EXPECT_DOUBLE_EQ(*frame.energy, -1.5 * 27.211386245988);
  EXPECT_NEAR(frame.forces[0][2], 2e-3 * 27.211386245988 / 0.529177210903, 1e-12);
  EXPECT_NEAR(frame.forces[1][0], -1e-3 * 51.422067, 1e-6);
  // pw.x is positive under compression, we are positive in tension; 1 Ha/bohr^3 = 183.6315 eV/Å^3.
  EXPECT_NEAR((*frame.stress)[0][0], -0.1836315, 1e-6);
}

TEST(QeXml, StressIsKeptOnlyWhenAskedFor) {
  Frame frame;
  ASSERT_EQ(ClassOf(Accept({}, 0, 1e-7, &frame)), "accepted");
  EXPECT_FALSE(frame.stress.has_value());
}

TEST(QeXml, ConvergenceFlagExitCodeAndAccuracyAreAllNeeded) {
  EXPECT_EQ(ClassOf(Accept({.achieved = "false"})), failure_class::kScf);
  EXPECT_EQ(ClassOf(Accept({}, 2)), failure_class::kProgram);
  // The file is in Ha, conv_thr in Ry: 0.6e-7 Ha = 1.2e-7 Ry is worse than 1e-7 Ry, 0.4e-7 Ha is better.
  EXPECT_EQ(ClassOf(Accept({.scf_error = "0.6e-7"})), failure_class::kAccuracy);
  EXPECT_EQ(ClassOf(Accept({.scf_error = "0.4e-7"})), "accepted");
  EXPECT_EQ(ClassOf(Accept({.scf_error = "NaN"})), failure_class::kAccuracy);
}

TEST(QeXml, NumbersMustBeFiniteCompleteAndSane) {
  EXPECT_EQ(ClassOf(Accept({.energy = "NaN"})), failure_class::kNotFinite);
  EXPECT_EQ(ClassOf(Accept({.forces = "NaN 0 0 0 0 0"})), failure_class::kNotFinite);
  EXPECT_EQ(ClassOf(Accept({.forces = "1e-3 0 0 -1e-3 0"})), failure_class::kOutput);
  EXPECT_EQ(ClassOf(Accept({.forces = "****** 0 0 0 0 0"})), failure_class::kOutput);
  EXPECT_EQ(ClassOf(Accept({.forces = "1e-1 0 0 0 0 0"})), failure_class::kUnphysical);
}

TEST(QeXml, OtherAtomsOrCellAreAMismatch) {
  EXPECT_EQ(ClassOf(Accept({.second = "1.0 1.0 1.001"})), failure_class::kMismatch);
  Frame frame = Asked();
  frame.structure.cell[0][0] += 1e-3;
  EXPECT_EQ(ClassOf(AcceptQeXml(*ParseQeXml(Xml({}), "x"), ExitState{}, Settings(1e-7), &frame)),
            failure_class::kMismatch);
  frame = Asked();
  frame.structure.species[1] = "Li";
  EXPECT_EQ(ClassOf(AcceptQeXml(*ParseQeXml(Xml({}), "x"), ExitState{}, Settings(1e-7), &frame)),
            failure_class::kMismatch);
}

TEST(QeXml, DamagedFilesAreDataLoss) {
  const std::string good = Xml({});
  for (size_t n = 0; n + 2 < good.size(); n += 37) {
    EXPECT_FALSE(ParseQeXml(good.substr(0, n), "cut.xml").ok()) << n;
  }
  EXPECT_EQ(ParseQeXml("<a/>", "other.xml").status().code(), absl::StatusCode::kDataLoss);
}

constexpr const char* kConverged = R"(
     iteration #  1     ecut=    20.00 Ry     beta= 0.40
     total energy              =     -92.43957145 Ry
     estimated scf accuracy    <       0.00910304 Ry

!    total energy              =     -92.44036938 Ry
     estimated scf accuracy    <       0.00000003 Ry

     convergence has been achieved in  10 iterations
)";

TEST(QeStdout, ReadsAccuraciesAndTheFinalEnergy) {
  const QeOutput out = ParseQeOutput(kConverged);
  EXPECT_THAT(out.accuracies_ry, ElementsAre(0.00910304, 3e-8));
  EXPECT_THAT(out.total_energies_ry, ElementsAre(-92.44036938));
  EXPECT_EQ(out.converged, 1);
  EXPECT_FALSE(out.not_converged);
}

TEST(QeStdout, NonConvergenceIsRecognisedThoughTheJobIsDone) {
  const QeOutput out = ParseQeOutput(R"(
     Program PWSCF v.6.7MaX starts on 20Nov2026 at  6:21:48
     estimated scf accuracy    <       0.00910304 Ry
     End of self-consistent calculation
     convergence NOT achieved after   3 iterations: stopping
=------------------------------------------------------------------------------=
   JOB DONE.
)");
  ExitState exit;
  exit.exit_code = 2;
  EXPECT_EQ(ClassifyQeFailure(out, exit).failure_class, failure_class::kScf);
  EXPECT_EQ(out.version, "6.7MaX");
  EXPECT_EQ(out.converged, 0);
}

std::string ErrorBlock(const std::string& routine, const std::string& text) {
  return " %%%%%%%%%%%\n     Error in routine " + routine + " (1):\n     " + text +
         "\n %%%%%%%%%%%\n     stopping ...\n";
}

TEST(QeStdout, FailuresAreClassified) {
  ExitState one, killed;
  one.exit_code = 1;
  killed.signal = SIGKILL;
  const auto classify = [](const std::string& text, const ExitState& exit) {
    return ClassifyQeFailure(ParseQeOutput(text), exit).failure_class;
  };
  EXPECT_EQ(classify(ErrorBlock(" read_namelists", "bad line in namelist &electrons"), one),
            failure_class::kInput);
  EXPECT_EQ(classify(ErrorBlock("readpp", "file x not found"), one), failure_class::kInput);
  EXPECT_EQ(classify(ErrorBlock("electrons", "charge is wrong: smearing is needed"), one),
            failure_class::kInput);
  EXPECT_EQ(classify(ErrorBlock("c_bands", "too many bands are not converged"), one),
            failure_class::kDiagonalization);
  EXPECT_EQ(classify(ErrorBlock("cdiaghg", "S matrix not positive definite"), one),
            failure_class::kDiagonalization);
  EXPECT_EQ(classify(ErrorBlock("scale_h", "Not enough space"), one), failure_class::kProgram);
  EXPECT_EQ(classify("     Maximum CPU time exceeded\n", one), failure_class::kTimeLimit);
  EXPECT_EQ(classify("     Program stopped by user request\n", one), failure_class::kStopped);
  EXPECT_EQ(classify("     iteration #  1\n", killed), failure_class::kStopped);
  EXPECT_EQ(classify("", one), failure_class::kProgram);
  EXPECT_EQ(classify("", ExitState{}), failure_class::kOutput);
  const LabelFailure named = ClassifyQeFailure(ParseQeOutput(ErrorBlock("readpp", "file x not found")), one);
  EXPECT_THAT(named.message, HasSubstr("file x not found"));
}

QeDriverReply Reply() {
  QeDriverReply reply;
  reply.energy_ha = -92.440369381 / 2;
  reply.forces_ha_per_bohr = {{1e-3, 0, 0}, {-1e-3, 0, 0}};
  return reply;
}

TEST(QeDriverAcceptance, NeedsOneConvergedScfForThisGeometry) {
  Frame frame = Asked();
  const auto accept = [&](const std::string& text, double conv_thr_ry) {
    return ClassOf(AcceptQeDriverReply(Reply(), ParseQeOutput(text), Settings(conv_thr_ry), &frame));
  };
  EXPECT_EQ(accept(kConverged, 1e-7), "accepted");
  EXPECT_NEAR(frame.forces[0][0], 1e-3 * 51.422067, 1e-6);
  EXPECT_EQ(accept(kConverged, 1e-8), failure_class::kAccuracy);
  EXPECT_EQ(accept("", 1e-7), failure_class::kScf);
  EXPECT_EQ(accept(std::string(kConverged) + kConverged, 1e-7), failure_class::kScf);
  EXPECT_EQ(accept("     convergence NOT achieved after 100 iterations\n", 1e-7), failure_class::kScf);
}

TEST(QeDriverAcceptance, PrintedAndReturnedEnergyMustBeThoseOfOneGeometry) {
  Frame frame = Asked();
  QeDriverReply other = Reply();
  other.energy_ha += 1e-6;
  EXPECT_EQ(ClassOf(AcceptQeDriverReply(other, ParseQeOutput(kConverged), Settings(1e-7), &frame)),
            failure_class::kMismatch);
  other = Reply();
  other.forces_ha_per_bohr[0][1] = std::nan("");
  EXPECT_EQ(ClassOf(AcceptQeDriverReply(other, ParseQeOutput(kConverged), Settings(1e-7), &frame)),
            failure_class::kNotFinite);
}

TEST(QeDriverAcceptance, VirialOverVolumeIsStress) {
  Frame frame = Asked();
  QeDriverReply reply = Reply();
  QeSettings settings = Settings(1e-7);
  settings.stress = true;
  EXPECT_EQ(ClassOf(AcceptQeDriverReply(reply, ParseQeOutput(kConverged), settings, &frame)),
            failure_class::kOutput);
  reply.virial_ha = Mat3{{{0.216, 0, 0}, {0, 0.216, 0}, {0, 0, 0.216}}};  // 1e-3 Ha/bohr^3 times 216 bohr^3
  ASSERT_EQ(ClassOf(AcceptQeDriverReply(reply, ParseQeOutput(kConverged), settings, &frame)), "accepted");
  EXPECT_NEAR((*frame.stress)[1][1], -0.1836315, 1e-6);
}

}  // namespace
}  // namespace superion
