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
