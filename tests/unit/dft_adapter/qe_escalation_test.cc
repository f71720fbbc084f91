#include "dft_adapter/qe_escalation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dft_adapter/labeler.h"

namespace superion {
namespace {

std::vector<double> Falling(int n, double per_step) {
  std::vector<double> values;
  for (int k = 0; k < n; ++k) values.push_back(std::pow(10.0, per_step * k));
  return values;
}

TEST(QeEscalation, SlopeSeparatesSlowConvergenceFromStagnation) {
  EXPECT_TRUE(StillConverging(Falling(20, -0.2)));
  EXPECT_FALSE(StillConverging(Falling(20, 0.0)));
  EXPECT_FALSE(StillConverging(Falling(20, 0.1)));
  std::vector<double> stuck = Falling(10, -0.5);
  for (int k = 0; k < 10; ++k)
    stuck.push_back(stuck.back() * (k % 2 ? 2.0 : 0.5));  // only the last ten count
  EXPECT_FALSE(StillConverging(stuck));
  EXPECT_FALSE(StillConverging({}));
}

// Printed by pw.x (conv_thr 1e-7 Ry). Li bcc, 16 atoms at Γ with smearing, ideal and displaced: converge
// after 50 and 98 iterations, with plateaus of 28.
const std::vector<double> kPlateau = {
    7.7e-02, 9.9e-02, 3.4e-02, 8.4e-03, 5.3e-03, 4.7e-03, 6.7e-04, 4.3e-04, 1.4e-04, 3.7e-04,
    3.0e-04, 1.5e-04, 1.1e-04, 6.8e-05, 1.7e-05, 2.0e-05, 1.5e-05, 1.3e-05, 6.4e-06, 3.9e-06,
    5.3e-07, 3.4e-06, 1.3e-05, 1.8e-05, 1.8e-05, 2.0e-05, 1.7e-05, 9.7e-06, 2.2e-06, 7.7e-07,
    7.9e-07, 3.2e-06, 2.8e-06, 1.0e-06, 3.3e-07, 3.6e-07, 3.0e-07, 3.3e-06, 2.2e-06, 1.8e-06,
    1.3e-06, 1.1e-06, 7.5e-07, 1.3e-06, 1.2e-06, 1.1e-06, 7.3e-07, 3.7e-07, 2.3e-07, 8.0e-08};
const std::vector<double> kPlateaus = {
    1.5e-01, 1.9e-01, 5.4e-02, 2.0e-02, 1.5e-02, 1.1e-02, 4.0e-03, 2.3e-03, 1.3e-03, 5.8e-04, 1.1e-02,
    1.1e-02, 1.0e-02, 9.1e-03, 8.9e-03, 7.6e-03, 6.4e-03, 7.1e-03, 7.2e-03, 6.3e-04, 6.0e-04, 3.6e-04,
    2.5e-04, 8.2e-05, 6.0e-04, 3.0e-04, 2.7e-04, 1.5e-04, 5.1e-05, 3.2e-04, 1.7e-04, 1.4e-04, 9.9e-05,
    1.3e-04, 1.0e-04, 1.0e-04, 5.6e-05, 3.2e-05, 1.1e-04, 1.0e-04, 5.2e-05, 1.9e-05, 5.0e-05, 3.8e-05,
    2.6e-05, 2.2e-05, 1.7e-05, 1.5e-05, 1.6e-05, 1.6e-05, 2.4e-05, 1.5e-04, 1.1e-04, 8.1e-05, 7.4e-05,
    7.8e-05, 6.6e-05, 6.4e-05, 6.3e-05, 1.0e-05, 1.1e-05, 1.2e-05, 1.1e-05, 9.8e-06, 7.6e-06, 6.0e-06,
    5.8e-06, 5.9e-06, 2.6e-05, 1.8e-05, 1.5e-05, 1.4e-05, 1.3e-05, 1.3e-05, 9.8e-06, 8.9e-06, 8.1e-06,
    4.4e-05, 3.1e-05, 2.3e-05, 2.2e-05, 2.0e-05, 1.9e-05, 2.0e-05, 2.0e-05, 1.8e-05, 9.0e-05, 6.6e-05,
    5.4e-05, 4.7e-05, 2.6e-07, 2.1e-07, 1.5e-07, 8.0e-08};
// A slab of Li in vacuum: converges after 78 iterations.
const std::vector<double> kSlab = {
    2.4e+00, 3.0e+02, 3.1e+01, 2.5e+01, 2.4e+01, 9.9e-01, 5.5e+00, 1.9e+00, 1.7e-01, 1.2e+01,
    2.3e+01, 2.0e+01, 1.4e+00, 1.0e-01, 4.0e-02, 2.6e-01, 1.5e-01, 8.2e-02, 6.7e-02, 5.2e-02,
    1.1e-02, 3.2e-02, 6.8e-02, 3.9e-02, 3.0e-02, 2.9e-02, 2.5e-02, 3.9e-02, 2.9e-02, 2.5e-02,
    5.4e-02, 2.5e-02, 1.5e-02, 7.0e-03, 1.8e-03, 2.0e-02, 1.4e-02, 8.4e-03, 1.3e-03, 6.9e-04,
    7.9e-04, 1.8e-04, 2.0e-04, 2.7e-04, 7.1e-05, 5.5e-04, 6.6e-04, 5.7e-04, 2.6e-04, 1.3e-04,
    2.6e-05, 3.7e-05, 7.3e-06, 3.1e-05, 6.6e-05, 9.9e-06, 4.6e-06, 2.7e-06, 4.6e-07, 4.6e-06,
    1.9e-06, 5.9e-07, 1.8e-06, 1.3e-06, 2.8e-07, 1.3e-07, 2.8e-07, 2.4e-07, 2.1e-07, 2.9e-07,
    3.3e-07, 3.9e-07, 3.4e-07, 3.1e-07, 3.3e-07, 2.0e-06, 1.5e-07, 8.0e-08};
// The first without smearing: bands that cross change places in every iteration.
const std::vector<double> kSloshing = {
    9.7e-02, 2.4e-02, 7.1e-03, 1.1e-01, 1.1e-01, 1.6e-01, 1.7e-01, 1.5e-01, 9.0e-02, 1.2e-01,
    3.9e-02, 1.2e-01, 1.3e-01, 1.3e-01, 1.2e-01, 1.3e-01, 1.1e-01, 1.0e-01, 1.0e-01, 1.1e-01,
    8.4e-02, 4.4e-02, 2.3e-02, 3.6e-01, 2.7e-01, 2.3e-01, 1.7e-01, 1.0e-01, 7.6e-02, 1.2e-01,
    9.5e-02, 7.5e-02, 1.5e-01, 1.3e-01, 8.0e-02, 6.1e-02, 7.0e-02, 9.8e-02, 2.1e-01, 1.1e-01,
    1.3e-01, 1.3e-01, 1.4e-01, 1.2e-01, 6.9e-02, 5.7e-02, 3.2e-02, 1.2e-01, 1.2e-01, 1.3e-01,
    1.2e-01, 1.4e-01, 1.6e-01, 1.6e-01, 1.4e-01, 1.2e-01, 1.5e-01, 1.5e-01, 1.4e-01, 1.2e-01};

TEST(QeEscalation, GivesUpWhatSloshesAndNothingThatConverges) {
  const StagnationRule first = StagnationRuleOf(0, 1e-7), last = StagnationRuleOf(kMaxQeAttempts - 1, 1e-7);
  for (const auto& converges : {kPlateau, kPlateaus, kSlab, Falling(200, -0.05)}) {
    EXPECT_EQ(StagnatesAt(converges, first), std::nullopt);
    EXPECT_EQ(StagnatesAt(converges, last), std::nullopt);
  }
  EXPECT_EQ(StagnatesAt(kSloshing, first), 30u);
  EXPECT_EQ(StagnatesAt(kSloshing, last), 50u);
  EXPECT_EQ(StagnatesAt(kSloshing, {}), std::nullopt);
  EXPECT_EQ(StagnatesAt({}, first), std::nullopt);
}

TEST(QeEscalation, AFallThatStopsIsSeenWithinTwoWindows) {
  std::vector<double> stuck = Falling(10, -0.3);
  for (int k = 0; k < 60; ++k) stuck.push_back(k % 2 ? 1e-3 : 3e-3);
  const size_t at = StagnatesAt(stuck, {15, 1e-4}).value_or(0);
  EXPECT_GE(at, 10u + 15u);
  EXPECT_LE(at, 10u + 30u);
  EXPECT_EQ(StagnatesAt(stuck, {15, 1e-2}), std::nullopt);  // near enough to the end to be left alone
}

// A last stretch that happens to fall is no reason to go on from the density of a sloshing SCF.
TEST(QeEscalation, StagnationIsNotContinuedFromItsDensity) {
  const QeAttempt attempt{QeNumerics{}, failure_class::kScf, Falling(5, -0.3), true};
  const auto next = NextAttempt({attempt});
  ASSERT_TRUE(next.has_value());
  EXPECT_FALSE(next->from_density);
  EXPECT_LT(next->mixing_beta, QeNumerics{}.mixing_beta);
}

TEST(QeEscalation, ConvergingRunContinuesFromItsDensity) {
  const auto next = NextAttempt({{QeNumerics{}, failure_class::kScf, Falling(5, -0.3)}});
  ASSERT_TRUE(next.has_value());
  EXPECT_TRUE(next->from_density);
  EXPECT_EQ(next->mixing_beta, QeNumerics{}.mixing_beta);
  EXPECT_GT(next->electron_maxstep, QeNumerics{}.electron_maxstep);
}

TEST(QeEscalation, StagnationSoftensMixingUntilFourAttempts) {
  std::vector<QeAttempt> history;
  std::vector<double> betas;
  std::string last_mode;
  for (auto next = NextAttempt(history); next; next = NextAttempt(history)) {
    betas.push_back(next->mixing_beta);
    last_mode = next->mixing_mode;
    EXPECT_FALSE(next->from_density);
    history.push_back({*next, failure_class::kScf, Falling(20, 0.0)});
  }
  EXPECT_EQ(betas, (std::vector<double>{0.4, 0.2, 0.1, 0.1}));
  EXPECT_EQ(last_mode, "local-TF");
}

TEST(QeEscalation, FailedDavidsonGoesToConjugateGradients) {
  const auto next = NextAttempt({{QeNumerics{}, failure_class::kDiagonalization, {}}});
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->diagonalization, "cg");
  EXPECT_EQ(next->mixing_beta, QeNumerics{}.mixing_beta);
}

TEST(QeEscalation, NeverRepeatsAnInputWhateverFails) {
  const char* classes[] = {failure_class::kScf, failure_class::kAccuracy, failure_class::kDiagonalization,
                           failure_class::kProgram};
  for (int pattern = 0; pattern < 256; ++pattern) {
    std::vector<QeAttempt> history;
    int digits = pattern;
    for (auto next = NextAttempt(history); next; next = NextAttempt(history)) {
      for (const QeAttempt& old : history) EXPECT_FALSE(old.numerics == *next) << pattern;
      history.push_back({*next, classes[digits % 4], Falling(8, pattern % 2 ? -0.3 : 0.0)});
      digits /= 4;
    }
    EXPECT_LE(history.size(), size_t{kMaxQeAttempts});
    EXPECT_GE(history.size(), 2u);
  }
}

TEST(QeEscalation, ErrorsOfTheInputAreFinal) {
  for (const char* name : {failure_class::kInput, failure_class::kGeometry, failure_class::kMismatch,
                           failure_class::kUnphysical, failure_class::kStopped}) {
    EXPECT_FALSE(NextAttempt({{QeNumerics{}, name, {}}}).has_value()) << name;
  }
}

}  // namespace
}  // namespace superion
