// What pw.x leaves behind: stdout, CRASH, XML; and the test that decides whether it is a label. pw.x prints
// "JOB DONE." and writes status 0 for a calculation that did not converge, so neither counts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/subprocess.h"
#include "dft_adapter/labeler.h"
#include "dft_adapter/qe_settings.h"

namespace superion {

// The part of stdout that concerns one SCF calculation (or a whole scf run).
struct QeOutput {
  std::string version;                    // "6.7MaX", or "" when the banner is not in the text
  std::vector<double> accuracies_ry;      // "estimated scf accuracy", in order
  int converged = 0;                      // count of "convergence has been achieved"
  bool not_converged = false;             // "convergence NOT achieved"
  std::vector<double> total_energies_ry;  // of the lines that begin with "!"
  std::string error_routine, error_text;  // "Error in routine X (n):" and its text
  bool out_of_time = false, stopped_by_user = false;
  std::vector<std::string> pseudo_files;  // paths after "read from file:"
};
QeOutput ParseQeOutput(std::string_view text);

// Class and message of a run that gave no label. `output` is its stdout.
LabelFailure ClassifyQeFailure(const QeOutput& output, const ExitState& exit);

// Content of prefix.xml (or data-file-schema.xml). Atomic units as in the file.
struct QeXml {
  bool convergence_achieved = false;
  int scf_steps = 0;
  double scf_error_ha = 0.0;
  double energy_ha = 0.0;
  Mat3 cell_bohr{};
  std::vector<std::string> species;
  std::vector<Vec3> positions_bohr;
  std::vector<Vec3> forces_ha_per_bohr;
  std::optional<Mat3> stress_ha_per_bohr3;  // positive = compressed
};
// DataLoss names what is missing or malformed.
absl::StatusOr<QeXml> ParseQeXml(std::string_view text, const std::string& origin);

// The acceptance test of a run as a process: exit code 0, convergence, accuracy in Ry at most conv_thr, atoms
// and cell those of `structure`, 3 n finite forces, sane net force and pressure. Fills energy, forces and
// stress (eV, Å, positive in tension) of `frame`, whose structure is set by the caller, or says why not.
std::optional<LabelFailure> AcceptQeXml(const QeXml& xml, const ExitState& exit, const QeSettings& settings,
                                        Frame* frame);

// What the socket driver returned for one geometry, in atomic units.
struct QeDriverReply {
  double energy_ha = 0.0;
  std::vector<Vec3> forces_ha_per_bohr;
  std::optional<Mat3> virial_ha;  // only when stress was asked for
};
// The acceptance test of a driver label: `output` is what pw.x printed for this geometry alone. Exactly one
// SCF that reports convergence, its final accuracy at most conv_thr, and the printed energy equal to the
// returned one.
std::optional<LabelFailure> AcceptQeDriverReply(const QeDriverReply& reply, const QeOutput& output,
                                                const QeSettings& settings, Frame* frame);

}  // namespace superion
