// T-10 after the stopping rule that production really uses: seeds lengthened and added by the allocation of
// the campaign until the verdict's gates G4, G5 and G8 pass; the interval must be as honest as at a fixed
// length. Gate G3 is not asked here, so that seeds are lengthened only.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "analysis/transport/spectral.h"
#include "analysis/verdict/regime.h"
#include "analysis/verdict/verdict.h"
#include "server/active_learning/allocation.h"
#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

constexpr double kSegment = 32.0;  // duration of one segment, in correlation times of the process
constexpr int kSeedsAtMost = 16;

struct State {
  double s = 0.0, sigma = 0.0, tau_c = 0.0;
  bool passes = false;
};

State Look(const std::vector<DipoleSeries>& runs, double target) {
  std::vector<Periodogram> spectra;
  double total = 0.0, shortest = 1e300;
  for (const auto& run : runs) {
    spectra.push_back(ComputePeriodogram(run, 1.0));
    const double length = run.interval_ps * static_cast<double>(run.size() - 1);
    total += length;
    shortest = std::min(shortest, length);
  }
  State state;
  const auto fit = WhittleLepski(spectra);
  if (!fit.ok()) return state;
  state.s = fit->s;
  state.sigma = fit->sigma;
  const auto stride = UncorrelatedStride(runs);
  if (!stride) return state;
  state.tau_c = static_cast<double>(*stride) * runs[0].interval_ps;
  state.passes = fit->s <= target &&
                 EnoughData({static_cast<double>(runs.size()), total, shortest, fit->s, state.tau_c}).empty();
  return state;
}

// The first `part` of what each seed has run.
std::vector<DipoleSeries> Data(const std::vector<DipoleSeries>& all, const std::vector<SeedLength>& seeds,
                               double part) {
  std::vector<DipoleSeries> out;
  for (const SeedLength& seed : seeds) {
    const DipoleSeries& run = all[static_cast<size_t>(seed.seed)];
    const double samples = part * seed.segments * kSegment / run.interval_ps;
    out.push_back(Truncated(run, std::min(run.size(), static_cast<size_t>(samples) + 1)));
  }
  return out;
}

void Extend(const std::vector<SeedShare>& shares, Standing* standing) {
  for (const SeedShare& share : shares) {
    standing->used += share.segments;
    if (share.added) {
      standing->seeds.push_back({share.seed, share.segments});
      standing->next_seed = std::max(standing->next_seed, share.seed + 1);
      continue;
    }
    for (SeedLength& seed : standing->seeds) {
      if (seed.seed == share.seed) seed.segments += share.segments;
    }
  }
}

struct Outcome {
  State state;
  bool converged = false;
  int rounds = 0, added = 0;
  double time = 0.0;  // over all seeds
};

Outcome RunProduction(const std::vector<DipoleSeries>& all, double longest, double target) {
  Standing standing;
  standing.status = "RUNNING";
  for (int seed = 0; seed < 4; ++seed) standing.seeds.push_back({seed, 1});
  standing.next_seed = standing.used = standing.needed_seeds = 4;
  standing.share = 4 * static_cast<int>(longest / kSegment);
  standing.segment_ps = kSegment;
  Outcome outcome;
  for (;;) {
    ++outcome.rounds;
    outcome.time = kSegment * standing.used;
    outcome.state = Look(Data(all, standing.seeds, 1.0), target);
    outcome.converged = outcome.state.passes && Look(Data(all, standing.seeds, 0.8), target).passes;
    if (outcome.converged) return outcome;
    const double total = kSegment * standing.used, ratio = std::max(1.0, outcome.state.s / target);
    standing.total_time_ps = total;
    standing.needed_time_ps = std::max(total * ratio * ratio, 100.0 * outcome.state.tau_c);
    standing.tau_c_ps = outcome.state.tau_c > 0.0 ? std::optional(outcome.state.tau_c) : std::nullopt;
    const auto shares = Allocate(standing, 0);
    if (shares.empty() || standing.next_seed > kSeedsAtMost - 8) return outcome;
    Extend(shares, &standing);
    outcome.added = standing.next_seed - 4;
  }
}

struct Case {
  const char* name;
  Process process;
  double target;
  int replicates;
  double longest;  // of one seed
};

class ScienceT10Production : public testing::TestWithParam<Case> {};

TEST_P(ScienceT10Production, TheIntervalCoversAfterTheRuleHasStopped) {
  const Case& c = GetParam();
  int covered = 0, unfinished = 0, rounds = 0, added = 0;
  double mean = 0.0, s = 0.0, time = 0.0;
  for (int r = 0; r < c.replicates; ++r) {
    Random random(DeriveSeed(12, std::string(c.name) + "/" + std::to_string(r)));
    const Outcome outcome =
        RunProduction(Runs(c.process, kSeedsAtMost, c.longest, &random), c.longest, c.target);
    unfinished += !outcome.converged;
    covered += std::abs(std::log(outcome.state.sigma)) <= 1.96 * outcome.state.s;
    mean += outcome.state.sigma / c.replicates;
    s += outcome.state.s / c.replicates;
    rounds += outcome.rounds;
    added += outcome.added;
    time += outcome.time / c.replicates;
  }
  const double fraction = static_cast<double>(covered) / c.replicates;
  const double binomial = 2.0 * std::sqrt(0.95 * 0.05 / c.replicates);
  std::printf(
      "%s: coverage %.3f, bias %+.4f, predicted sd %.4f, %.1f rounds, %.1f seeds added, mean total time "
      "%.0f, %d of %d unfinished\n",
      c.name, fraction, mean - 1.0, s, static_cast<double>(rounds) / c.replicates,
      static_cast<double>(added) / c.replicates, time, unfinished, c.replicates);
  EXPECT_GE(fraction, 0.92 - binomial);
  EXPECT_LE(fraction, 0.98 + binomial);
  EXPECT_LE(std::abs(mean - 1.0), 0.04 + 2.0 * s / std::sqrt(c.replicates));
  // Lengthened seeds always have lowest modes that may look slow by chance; the half target feels it most.
  EXPECT_LE(unfinished, std::max(1, c.replicates / 3));
}

std::string CaseName(const testing::TestParamInfo<Case>& info) { return info.param.name; }

constexpr Process kOu = Process::kOrnsteinUhlenbeckCurrent, kCage = Process::kBrownianInCage,
                  kWalk = Process::kWalkInCage;
// Half the error takes four times the time.
#ifdef SUPERION_NIGHTLY
INSTANTIATE_TEST_SUITE_P(Full, ScienceT10Production,
                         testing::Values(Case{"ou", kOu, 0.10, 400, 2560},
                                         Case{"cage", kCage, 0.10, 400, 2560},
                                         Case{"walk", kWalk, 0.10, 400, 2560},
                                         Case{"tight", kOu, 0.05, 60, 10240}),
                         CaseName);
#else
INSTANTIATE_TEST_SUITE_P(Small, ScienceT10Production,
                         testing::Values(Case{"ou", kOu, 0.10, 40, 2560},
                                         Case{"cage", kCage, 0.10, 40, 2560}),
                         CaseName);
#endif

}  // namespace
}  // namespace superion::analysis
