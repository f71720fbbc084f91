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
  bool stagnated = false;             // StagnatesAt by the rule of the attempt
};

// True while log10(accuracy) still falls by more than 0.05 per iteration (least squares over the last ten).
bool StillConverging(const std::vector<double>& accuracies_ry);

// When an SCF is given up. `window` 0: never.
struct StagnationRule {
  int window = 0;         // iterations
  double above_ry = 0.0;  // nearer to the end there are plateaus that are left again
};
// Of attempt number `attempt` (from 0). Of the last one more is asked: what it does not reach is lost.
StagnationRule StagnationRuleOf(size_t attempt, double conv_thr_ry);

// The iteration (from 1) at which the accuracy no longer falls: the median of the last `window` iterations is
// above the bound and more than 0.7 of the median of as many before. Medians, since an SCF on its way rises
// by orders of magnitude now and then, and one that sloshes has single low values. Nothing while it falls.
std::optional<size_t> StagnatesAt(const std::vector<double>& accuracies_ry, const StagnationRule& rule);

// Numerics of the next attempt after `history` (all failed, oldest first), or nothing when it is not worth
// one: input errors, wrong output, or kMaxQeAttempts reached. Still converging: go on from
// the density with more iterations; otherwise mixing 0.4 -> 0.2 -> 0.1 -> local-TF; a failed diagonalization:
// david -> cg.
std::optional<QeNumerics> NextAttempt(const std::vector<QeAttempt>& history);

}  // namespace superion
