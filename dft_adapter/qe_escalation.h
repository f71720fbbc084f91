// What to try after a failed SCF: numerics change, physics never does, and the same input is never repeated.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dft_adapter/qe_settings.h"

namespace superion {

inline constexpr int kMaxQeAttempts = 4;

struct QeAttempt {
  QeNumerics numerics;
  std::string failure_class;
  std::vector<double> accuracies_ry;  // "estimated scf accuracy" of every iteration
};

// True while log10(accuracy) still falls by more than 0.05 per iteration (least squares over the last ten).
bool StillConverging(const std::vector<double>& accuracies_ry);

// Numerics of the next attempt after `history` (all failed, oldest first), or nothing when it is not worth
// one: input errors, wrong output, or kMaxQeAttempts reached. Still converging: go on from the density with
// more iterations; otherwise mixing 0.4 -> 0.2 -> 0.1 -> local-TF; a failed diagonalization: david -> cg.
std::optional<QeNumerics> NextAttempt(const std::vector<QeAttempt>& history);

}  // namespace superion
