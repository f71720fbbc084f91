// T-10: the 95 % interval of the primary estimator covers the true value, for processes whose σ is 1 exactly.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "analysis/transport/spectral.h"
#include "analysis/verdict/regime.h"
#include "analysis/verdict/verdict.h"
#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

struct Case {
  const char* name;
  Process process;
  double duration;
  int replicates;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

struct Coverage {
  double covered = 0.0, mean = 0.0, sd = 0.0, predicted = 0.0;
  int replicates = 0;
  void Add(double sigma, double s) {
    ++replicates;
    covered += std::abs(std::log(sigma)) <= 1.96 * s;
    mean += sigma;
    sd += sigma * sigma;
    predicted += s;
  }
  // The interval must cover 92-98 %, the bias stay within 4 %, each up to two standard errors.
  void Check(const char* name) {
    covered /= replicates;
    mean /= replicates;
    predicted /= replicates;
    sd = std::sqrt(std::max(0.0, sd / replicates - mean * mean));
    const double binomial = 2.0 * std::sqrt(0.95 * 0.05 / replicates),
                 error = 2.0 * sd / std::sqrt(replicates);
    std::printf("%s: coverage %.3f, bias %+.4f, sd %.4f, predicted %.4f (%d replicates)\n", name, covered,
                mean - 1.0, sd, predicted, replicates);
    EXPECT_GE(covered, 0.92 - binomial);
    EXPECT_LE(covered, 0.98 + binomial);
    EXPECT_LE(std::abs(mean - 1.0), 0.04 + error);
  }
};

absl::StatusOr<SpectralEstimate> Fit(const std::vector<DipoleSeries>& runs) {
  std::vector<Periodogram> spectra;
  for (const DipoleSeries& run : runs) spectra.push_back(ComputePeriodogram(run, 1.0));
  return WhittleLepski(spectra);
}

class ScienceT10Coverage : public testing::TestWithParam<Case> {};

TEST_P(ScienceT10Coverage, FixedLength) {
  const Case& c = GetParam();
  Coverage coverage;
  for (int r = 0; r < c.replicates; ++r) {
    Random random(DeriveSeed(10, std::string(c.name) + "/" + std::to_string(r)));
    const auto fit = Fit(Runs(c.process, 4, c.duration, &random));
    ASSERT_TRUE(fit.ok()) << fit.status();
    coverage.Add(fit->sigma, fit->s);
  }
  coverage.Check(c.name);
}

// A run that has not stopped after 16 durations is out of budget; what it then states must be honest too.
// Runs grow by 25 % until precision (G4, s_tot <= 0.10) and the data floor (G5) pass at two checkpoints in a
// row (G8); the interval must be as honest as before.
TEST_P(ScienceT10Coverage, SequentialStopping) {
  const Case& c = GetParam();
  Coverage coverage;
  int unfinished = 0;
  for (int r = 0; r < c.replicates; ++r) {
    Random random(DeriveSeed(11, std::string(c.name) + "/" + std::to_string(r)));
    const auto runs = Runs(c.process, 4, 16 * c.duration, &random);
    bool passed_before = false;
    for (double t = c.duration / 4;; t *= 1.25) {
      const size_t n = std::min(runs[0].size(), static_cast<size_t>(t / runs[0].interval_ps) + 1);
      std::vector<DipoleSeries> part;
      for (const auto& run : runs) part.push_back(Truncated(run, n));
      const auto fit = Fit(part);
      ASSERT_TRUE(fit.ok()) << fit.status();
      const auto tau = UncorrelatedStride(part);
      const bool passes =
          fit->s <= 0.10 && tau && EnoughData({4, 4 * t, t, fit->s, static_cast<double>(*tau) * 0.1}).empty();
      const bool out_of_budget = n == runs[0].size();
      unfinished += out_of_budget;
      const bool stop = (passes && passed_before) || out_of_budget;
      passed_before = passes;
      if (!stop) continue;
      coverage.Add(fit->sigma, fit->s);
      break;
    }
  }
  coverage.Check(c.name);
  std::printf("%s: %d of %d out of budget\n", c.name, unfinished, c.replicates);
  // A twentieth or so of the draws has lowest modes that look like a slow relaxation, at any length.
  EXPECT_LE(unfinished, c.replicates / 10);
}

std::string CaseName(const testing::TestParamInfo<Case>& info) { return info.param.name; }

constexpr Process kOu = Process::kOrnsteinUhlenbeckCurrent, kCage = Process::kBrownianInCage,
                  kWalk = Process::kWalkInCage;
#ifdef SUPERION_NIGHTLY
INSTANTIATE_TEST_SUITE_P(Full, ScienceT10Coverage,
                         testing::Values(Case{"ou256", kOu, 256, 400}, Case{"ou1024", kOu, 1024, 400},
                                         Case{"cage256", kCage, 256, 400}, Case{"cage1024", kCage, 1024, 400},
                                         Case{"walk256", kWalk, 256, 400},
                                         Case{"walk1024", kWalk, 1024, 400}),
                         CaseName);
#else
INSTANTIATE_TEST_SUITE_P(Small, ScienceT10Coverage,
                         testing::Values(Case{"ou256", kOu, 256, 80}, Case{"cage256", kCage, 256, 80},
                                         Case{"walk256", kWalk, 256, 80}),
                         CaseName);
#endif

}  // namespace
}  // namespace superion::analysis
