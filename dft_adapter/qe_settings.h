// Settings of a Quantum ESPRESSO label: the physics, which never changes between attempts, and the numerics,
// which may.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "core/json.h"

namespace superion {

struct QeSettings {
  std::string mode = "auto";       // process, driver, auto
  std::string functional = "PBE";  // input_dft; "LDA" means PZ
  double ecutwfc_ry = 0.0;
  std::optional<double> ecutrho_ry;
  std::array<int, 3> kpoints{1, 1, 1};
  std::array<int, 3> kshift{0, 0, 0};
  double conv_thr_ry = 1e-7;
  double smearing_ev = 0.0;   // Gaussian; 0: fixed occupations
  double total_charge = 0.0;  // e
  bool stress = false;
  std::map<std::string, std::string> pseudopotentials;  // species -> file name
};

// Numerics of one attempt; escalation changes nothing else.
struct QeNumerics {
  double mixing_beta = 0.4;
  std::string mixing_mode = "plain";      // plain, local-TF
  std::string diagonalization = "david";  // david, cg
  bool from_density = false;              // continue from the density that the last attempt left
  int electron_maxstep = 100;
  bool operator==(const QeNumerics&) const = default;
};

}  // namespace superion
