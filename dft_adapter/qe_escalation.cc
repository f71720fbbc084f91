#include "dft_adapter/qe_escalation.h"

#include <algorithm>
#include <cmath>

#include "dft_adapter/labeler.h"

namespace superion {
namespace {

constexpr double kFallingSlope = -0.05;
constexpr size_t kSlopeWindow = 10;

constexpr double kLeastFall = 0.7;

double Median(std::vector<double>::const_iterator begin, int window) {
  std::vector<double> values(begin, begin + window);
  const auto middle = values.begin() + window / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bool WorthRetrying(const std::string& failure) {
  return failure == failure_class::kScf || failure == failure_class::kAccuracy ||
         failure == failure_class::kDiagonalization || failure == failure_class::kTimeLimit ||
         failure == failure_class::kProgram || failure == failure_class::kNotFinite;
}

QeNumerics SofterMixing(QeNumerics n) {
  n.from_density = false;
  if (n.mixing_beta > 0.2) {
    n.mixing_beta = 0.2;
  } else if (n.mixing_beta > 0.1) {
    n.mixing_beta = 0.1;
  } else {
    n.mixing_mode = "local-TF";
  }
  return n;
}

}  // namespace

bool StillConverging(const std::vector<double>& accuracies_ry) {
  const size_t n = std::min(accuracies_ry.size(), kSlopeWindow);
  if (n < 3) return n > 0;
  double x = 0, y = 0, xx = 0, xy = 0;
  for (size_t k = 0; k < n; ++k) {
    const double value = std::log10(std::max(accuracies_ry[accuracies_ry.size() - n + k], 1e-300));
    x += k;
    y += value;
    xx += double(k) * k;
    xy += k * value;
  }
  return (n * xy - x * y) / (n * xx - x * x) < kFallingSlope;
}

// Measured: docs/adr/2026-11-20-stagnant-scf.md.
StagnationRule StagnationRuleOf(size_t attempt, double conv_thr_ry) {
  return {attempt + 1 < kMaxQeAttempts ? 15 : 25, 1e3 * conv_thr_ry};
}

std::optional<size_t> StagnatesAt(const std::vector<double>& accuracies_ry, const StagnationRule& rule) {
  if (rule.window == 0) return std::nullopt;
  for (size_t n = 2 * static_cast<size_t>(rule.window); n <= accuracies_ry.size(); ++n) {
    const auto last = accuracies_ry.begin() + static_cast<ptrdiff_t>(n) - rule.window;
    const double median = Median(last, rule.window);
    if (median > rule.above_ry && median > kLeastFall * Median(last - rule.window, rule.window)) return n;
  }
  return std::nullopt;
}

std::optional<QeNumerics> NextAttempt(const std::vector<QeAttempt>& history) {
  if (history.empty()) return QeNumerics{};
  if (history.size() >= kMaxQeAttempts || !WorthRetrying(history.back().failure_class)) return std::nullopt;
  const QeAttempt& last = history.back();
  QeNumerics next = last.numerics;
  const bool unconverged =
      last.failure_class == failure_class::kScf || last.failure_class == failure_class::kAccuracy;
  if (unconverged && !last.stagnated && StillConverging(last.accuracies_ry) && !next.from_density) {
    next.from_density = true;
    next.electron_maxstep = 200;
  } else if (!unconverged && next.diagonalization == "david") {
    next.diagonalization = "cg";
    next.from_density = false;
  } else {
    next = SofterMixing(next);
    next.electron_maxstep = std::max(next.electron_maxstep, 150);
  }
  for (const QeAttempt& attempt : history) {
    if (attempt.numerics == next) return std::nullopt;
  }
  return next;
}

}  // namespace superion
