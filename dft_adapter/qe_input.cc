#include "dft_adapter/qe_input.h"

#include "core/units.h"

namespace superion {
namespace {

std::string Logical(bool value) { return value ? ".true." : ".false."; }

std::string InputDft(const std::string& functional) { return functional == "LDA" ? "PZ" : functional; }

std::string Control(const QeSettings& settings, QeTask task, const std::string& pseudo_directory) {
  return fmt::format(
      "&control\n calculation='{}', prefix='label', outdir='./out', pseudo_dir='{}'\n"
      " tprnfor=.true., tstress={}, disk_io='low', restart_mode='from_scratch'\n/\n",
      task == QeTask::kDriver ? "md" : "scf", pseudo_directory, Logical(settings.stress));
}

std::string System(const QeSettings& settings, size_t n_atoms, size_t n_types) {
  std::string text =
      fmt::format("&system\n ibrav=0, nat={}, ntyp={}, ecutwfc={:.17g}, nosym=.true.\n input_dft='{}'\n",
                  n_atoms, n_types, settings.ecutwfc_ry, InputDft(settings.functional));
  if (settings.ecutrho_ry) text += fmt::format(" ecutrho={:.17g}\n", *settings.ecutrho_ry);
  if (settings.total_charge != 0.0) text += fmt::format(" tot_charge={:.17g}\n", settings.total_charge);
  if (settings.smearing_ev > 0.0) {
    text += fmt::format(" occupations='smearing', smearing='gaussian', degauss={:.17g}\n",
                        settings.smearing_ev / units::kRydberg);
  }
  return text + "/\n";
}

std::string Electrons(const QeSettings& settings, const QeNumerics& numerics) {
  std::string text = fmt::format(
      "&electrons\n conv_thr={:.17g}, electron_maxstep={}\n mixing_beta={:.17g}, mixing_mode='{}', "
      "diagonalization='{}'\n",
      settings.conv_thr_ry, numerics.electron_maxstep, numerics.mixing_beta, numerics.mixing_mode,
      numerics.diagonalization);
  if (numerics.from_density) text += " startingpot='file'\n";
  return text + "/\n";
}

std::string KPoints(const QeSettings& s) {
  if (s.kpoints == std::array{1, 1, 1} && s.kshift == std::array{0, 0, 0}) return "K_POINTS gamma\n";
  return fmt::format("K_POINTS automatic\n{} {} {} {} {} {}\n", s.kpoints[0], s.kpoints[1], s.kpoints[2],
                     s.kshift[0], s.kshift[1], s.kshift[2]);
}

std::string Row(const Vec3& v) {
  return fmt::format(" {:.17g} {:.17g} {:.17g}\n", v[0] / units::kBohr, v[1] / units::kBohr,
                     v[2] / units::kBohr);
}

}  // namespace

QeSettings QeSettingsFromJson(const Json& labeler) {
  QeSettings s;
  s.mode = labeler.at("mode");
  s.functional = labeler.at("functional");
  s.ecutwfc_ry = labeler.at("ecutwfc_ry");
  if (!labeler.at("ecutrho_ry").is_null()) s.ecutrho_ry = labeler.at("ecutrho_ry").get<double>();
  s.kpoints = labeler.at("kpoints");
  s.kshift = labeler.at("kshift");
  s.conv_thr_ry = labeler.at("conv_thr_ry");
  s.smearing_ev = labeler.at("smearing_ev");
  s.total_charge = labeler.at("total_charge");
  s.stress = labeler.at("stress");
  s.pseudopotentials = labeler.at("pseudopotentials").get<std::map<std::string, std::string>>();
  return s;
}

absl::StatusOr<std::string> QeInput(const QeSettings& settings, const QeNumerics& numerics,
                                    const Structure& structure, QeTask task,
                                    const std::string& pseudo_directory) {
  const std::vector<std::string> types = DistinctSpecies(structure);
  std::string text = Control(settings, task, pseudo_directory) +
                     System(settings, structure.size(), types.size()) + Electrons(settings, numerics);
  if (task == QeTask::kDriver) {
    text += "&ions\n pot_extrapolation='second_order', wfc_extrapolation='second_order'\n/\n";
  }
  text += "ATOMIC_SPECIES\n";
  for (const std::string& symbol : types) {
    const auto file = settings.pseudopotentials.find(symbol);
    if (file == settings.pseudopotentials.end()) {
      return InvalidArgument("labeler.pseudopotentials: no entry for {}, which is in the structure", symbol);
    }
    SUPERION_ASSIGN_OR_RETURN(const double mass, AtomicMass(symbol));
    text += fmt::format(" {} {} {}\n", symbol, mass, file->second);
  }
  text += KPoints(settings) + "CELL_PARAMETERS bohr\n";
  for (const Vec3& row : structure.cell) text += Row(row);
  text += "ATOMIC_POSITIONS bohr\n";
  for (size_t i = 0; i < structure.size(); ++i) text += structure.species[i] + Row(structure.positions[i]);
  return text;
}

}  // namespace superion
