#include "dft_adapter/qe_output.h"

#include <csignal>
#include <sstream>

#include "core/units.h"
#include "pugixml.hpp"

namespace superion {
namespace {

constexpr double kForceUnit = units::kHartree / units::kBohr;
constexpr double kPositionTolerance = 1e-5;  // bohr
constexpr double kPrintedEnergy = 2e-7;      // Ry: pw.x prints eight decimals

bool Contains(std::string_view line, std::string_view word) {
  return line.find(word) != std::string_view::npos;
}

std::string Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

// The number after the last '=' or '<' of a line.
double NumberAfter(std::string_view line, char mark) {
  const size_t place = line.rfind(mark);
  if (place == std::string_view::npos) return std::nan("");
  const std::string rest(line.substr(place + 1));
  char* end = nullptr;
  const double value = std::strtod(rest.c_str(), &end);
  return end == rest.c_str() ? std::nan("") : value;
}

void ReadErrorLine(std::string_view line, QeOutput* out) {
  const size_t begin = line.find("Error in routine") + 16;
  out->error_routine = Trim(line.substr(begin, line.find('(', begin) - begin));
}

LabelFailure Fail(const char* name, std::string message) { return {name, std::move(message)}; }

bool IsDiagonalization(const QeOutput& out) {
  const std::string text = out.error_routine + " " + out.error_text;
  for (const char* word : {"too many bands", "cdiaghg", "rdiaghg", "cegterg", "regterg", "c_bands",
                           "cholesky", "S matrix", "laxlib"}) {
    if (Contains(text, word)) return true;
  }
  return false;
}

bool IsInput(const QeOutput& out) {
  const std::string& r = out.error_routine;
  if (Contains(out.error_text, "smearing is needed")) return true;  // odd number of electrons, found late
  for (const char* word :
       {"read_namelists", "read_cards", "readpp",        "iosys",       "setup",          "card_",
        "checkallsym",    "input",      "electrons_nml", "read_upf",    "system_checkin", "electrons_checkin",
        "set_",           "upf_",       "check_atoms",   "check_input", "cell_base_init", "kpoint_grid",
        "start_k",        "latgen",     "recips",        "iosys:"}) {
    if (r.rfind(word, 0) == 0) return true;
  }
  return false;
}

// ---- XML

bool ReadNumbers(const pugi::xml_node& node, size_t count, std::vector<double>* values) {
  std::istringstream words(node.child_value());
  values->clear();
  // Fortran writes NaN and Infinity, which operator>> does not read.
  for (std::string word; words >> word;) {
    char* end = nullptr;
    values->push_back(std::strtod(word.c_str(), &end));
    if (*end != '\0') return false;
  }
  return values->size() == count;
}

absl::Status Malformed(const std::string& origin, const std::string& what) {
  return DataLoss("{}: {} is missing or malformed", origin, what);
}

absl::Status ReadStructure(const pugi::xml_node& structure, const std::string& origin, QeXml* xml) {
  std::vector<double> v;
  const pugi::xml_node cell = structure.child("cell");
  for (int row = 0; row < 3; ++row) {
    if (!ReadNumbers(cell.child(fmt::format("a{}", row + 1).c_str()), 3, &v))
      return Malformed(origin, "cell");
    xml->cell_bohr[row] = {v[0], v[1], v[2]};
  }
  for (const pugi::xml_node& atom : structure.child("atomic_positions").children("atom")) {
    if (!ReadNumbers(atom, 3, &v)) return Malformed(origin, "atomic_positions");
    xml->species.push_back(atom.attribute("name").value());
    xml->positions_bohr.push_back({v[0], v[1], v[2]});
  }
  return absl::OkStatus();
}

absl::Status ReadForces(const pugi::xml_node& output, const std::string& origin, QeXml* xml) {
  std::vector<double> v;
  const size_t n = xml->positions_bohr.size();
  if (!ReadNumbers(output.child("forces"), 3 * n, &v)) return Malformed(origin, "output/forces");
  for (size_t i = 0; i < n; ++i) xml->forces_ha_per_bohr.push_back({v[3 * i], v[3 * i + 1], v[3 * i + 2]});
  if (!output.child("stress")) return absl::OkStatus();
  if (!ReadNumbers(output.child("stress"), 9, &v)) return Malformed(origin, "output/stress");
  xml->stress_ha_per_bohr3 = Mat3{{{v[0], v[1], v[2]}, {v[3], v[4], v[5]}, {v[6], v[7], v[8]}}};
  return absl::OkStatus();
}

bool Near(const Vec3& a, const Vec3& b) { return Norm(a - b) <= kPositionTolerance * (1.0 + Norm(b)); }

std::optional<LabelFailure> CompareStructure(const QeXml& xml, const Structure& asked) {
  if (xml.species != asked.species)
    return Fail(failure_class::kMismatch, "pw.x computed other atoms than asked for");
  for (int row = 0; row < 3; ++row) {
    if (!Near(xml.cell_bohr[row], (1.0 / units::kBohr) * asked.cell[row])) {
      return Fail(failure_class::kMismatch, "pw.x computed another cell than asked for");
    }
  }
  for (size_t i = 0; i < asked.size(); ++i) {
    if (!Near(xml.positions_bohr[i], (1.0 / units::kBohr) * asked.positions[i])) {
      return Fail(failure_class::kMismatch,
                  fmt::format("pw.x computed atom {} at another place than asked for", i + 1));
    }
  }
  return std::nullopt;
}

Mat3 Scaled(double s, const Mat3& m) { return {s * m[0], s * m[1], s * m[2]}; }

void SetForces(const std::vector<Vec3>& forces_ha_per_bohr, Frame* frame) {
  frame->forces.clear();
  for (const Vec3& f : forces_ha_per_bohr) frame->forces.push_back(kForceUnit * f);
}

std::optional<LabelFailure> CheckAccuracy(double accuracy_ry, double conv_thr_ry) {
  if (accuracy_ry <= conv_thr_ry) return std::nullopt;  // also refuses NaN
  return Fail(failure_class::kAccuracy, fmt::format("the final accuracy is {:.3g} Ry, conv_thr is {:.3g} Ry",
                                                    accuracy_ry, conv_thr_ry));
}

}  // namespace

QeOutput ParseQeOutput(std::string_view text) {
  QeOutput out;
  bool error_next = false, file_next = false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (error_next && !Trim(line).empty()) {
      out.error_text = Trim(line);
      error_next = false;
    } else if (file_next) {
      out.pseudo_files.push_back(Trim(line));
      file_next = false;
    } else if (Contains(line, "Error in routine")) {
      ReadErrorLine(line, &out);
      error_next = true;
    } else if (Contains(line, "estimated scf accuracy")) {
      out.accuracies_ry.push_back(NumberAfter(line, '<'));
    } else if (Contains(line, "convergence has been achieved")) {
      ++out.converged;
    } else if (Contains(line, "convergence NOT achieved")) {
      out.not_converged = true;
    } else if (!line.empty() && line[0] == '!' && Contains(line, "total energy")) {
      out.total_energies_ry.push_back(NumberAfter(line, '='));
    } else if (Contains(line, "Maximum CPU time exceeded")) {
      out.out_of_time = true;
    } else if (Contains(line, "stopped by user request")) {
      out.stopped_by_user = true;
    } else if (Contains(line, "read from file:")) {
      file_next = true;
    } else if (Contains(line, "Program PWSCF v.")) {
      const size_t begin = line.find("v.") + 2;
      out.version = std::string(line.substr(begin, line.find(' ', begin) - begin));
    }
  }
  return out;
}

LabelFailure ClassifyQeFailure(const QeOutput& output, const ExitState& exit) {
  const std::string ended = exit.signal != 0 ? fmt::format("ended by signal {}", exit.signal)
                                             : fmt::format("exit code {}", exit.exit_code);
  if (!output.error_routine.empty()) {
    const std::string message =
        fmt::format("pw.x, routine {}: {} ({})", output.error_routine, output.error_text, ended);
    if (IsDiagonalization(output)) return Fail(failure_class::kDiagonalization, message);
    return Fail(IsInput(output) ? failure_class::kInput : failure_class::kProgram, message);
  }
  if (output.out_of_time) return Fail(failure_class::kTimeLimit, "pw.x reached its time limit");
  if (output.stopped_by_user) return Fail(failure_class::kStopped, "pw.x was asked to stop");
  if (output.not_converged) {
    const double last = output.accuracies_ry.empty() ? std::nan("") : output.accuracies_ry.back();
    return Fail(failure_class::kScf,
                fmt::format("the SCF did not converge in {} iterations, last accuracy {:.3g} Ry",
                            output.accuracies_ry.size(), last));
  }
  if (exit.signal == SIGTERM || exit.signal == SIGKILL || exit.signal == SIGINT) {
    return Fail(failure_class::kStopped, "pw.x was " + ended);
  }
  if (exit.signal != 0 || exit.exit_code != 0) {
    return Fail(failure_class::kProgram, fmt::format("pw.x failed ({}) without saying why", ended));
  }
  return Fail(failure_class::kOutput, "pw.x ended with exit code 0 but left no usable output");
}

absl::StatusOr<QeXml> ParseQeXml(std::string_view text, const std::string& origin) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) return DataLoss("{}: no XML ({} at byte {})", origin, parsed.description(), parsed.offset);
  const pugi::xml_node root = document.child("qes:espresso");
  if (std::string_view(root.attribute("Units").value()) != "Hartree atomic units") {
    return DataLoss("{}: expected <qes:espresso Units=\"Hartree atomic units\">", origin);
  }
  const pugi::xml_node output = root.child("output");
  const pugi::xml_node scf = output.child("convergence_info").child("scf_conv");
  QeXml xml;
  std::vector<double> v;
  if (!scf.child("convergence_achieved")) return Malformed(origin, "scf_conv/convergence_achieved");
  xml.convergence_achieved = Trim(scf.child("convergence_achieved").child_value()) == "true";
  if (!ReadNumbers(scf.child("scf_error"), 1, &v)) return Malformed(origin, "scf_conv/scf_error");
  xml.scf_error_ha = v[0];
  if (!ReadNumbers(scf.child("n_scf_steps"), 1, &v)) return Malformed(origin, "scf_conv/n_scf_steps");
  xml.scf_steps = static_cast<int>(v[0]);
  SUPERION_RETURN_IF_ERROR(ReadStructure(output.child("atomic_structure"), origin, &xml));
  if (!xml.convergence_achieved) return xml;  // pw.x writes no forces then
  if (!ReadNumbers(output.child("total_energy").child("etot"), 1, &v))
    return Malformed(origin, "total_energy/etot");
  xml.energy_ha = v[0];
  SUPERION_RETURN_IF_ERROR(ReadForces(output, origin, &xml));
  return xml;
}

std::optional<LabelFailure> AcceptQeXml(const QeXml& xml, const ExitState& exit, const QeSettings& settings,
                                        Frame* frame) {
  if (exit.signal != 0 || exit.exit_code != 0) {
    return Fail(failure_class::kProgram,
                fmt::format("pw.x ended with exit code {}, signal {}", exit.exit_code, exit.signal));
  }
  if (!xml.convergence_achieved) {
    return Fail(failure_class::kScf, fmt::format("the SCF did not converge in {} iterations", xml.scf_steps));
  }
  if (auto failure = CheckAccuracy(2.0 * xml.scf_error_ha, settings.conv_thr_ry)) return failure;
  if (auto failure = CompareStructure(xml, frame->structure)) return failure;
  frame->energy = xml.energy_ha * units::kHartree;
  SetForces(xml.forces_ha_per_bohr, frame);
  frame->stress.reset();
  if (settings.stress) {
    if (!xml.stress_ha_per_bohr3) return Fail(failure_class::kOutput, "pw.x wrote no stress");
    const double unit = units::kHartree / (units::kBohr * units::kBohr * units::kBohr);
    frame->stress = Scaled(-unit, *xml.stress_ha_per_bohr3);
  }
  return CheckNumbers(*frame);
}

std::optional<LabelFailure> AcceptQeDriverReply(const QeDriverReply& reply, const QeOutput& output,
                                                const QeSettings& settings, Frame* frame) {
  if (output.not_converged || output.converged != 1 || output.total_energies_ry.size() != 1 ||
      output.accuracies_ry.empty()) {
    return Fail(failure_class::kScf,
                fmt::format("the driver's output does not report one converged SCF for this "
                            "geometry (converged {} times)",
                            output.converged));
  }
  if (auto failure = CheckAccuracy(output.accuracies_ry.back(), settings.conv_thr_ry)) return failure;
  const double printed = output.total_energies_ry[0];
  if (!(std::abs(2.0 * reply.energy_ha - printed) <= kPrintedEnergy)) {
    return Fail(failure_class::kMismatch, fmt::format("the driver returned {:.8f} Ry but printed {:.8f} Ry",
                                                      2.0 * reply.energy_ha, printed));
  }
  frame->energy = reply.energy_ha * units::kHartree;
  SetForces(reply.forces_ha_per_bohr, frame);
  frame->stress.reset();
  if (settings.stress) {
    if (!reply.virial_ha) return Fail(failure_class::kOutput, "the driver returned no virial");
    frame->stress = Scaled(-units::kHartree / frame->structure.Volume(), *reply.virial_ha);
  }
  return CheckNumbers(*frame);
}

}  // namespace superion
