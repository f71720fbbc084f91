#include "analysis/transport/tracer_window.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/jackknife.h"
#include "analysis/verdict/regime.h"

namespace superion::analysis {
namespace {

// Standard deviations of a difference. A slope that falls is what cages make; one that rises at long lags is
// mostly chance.
constexpr double kFall = 2.3, kRise = 3.0;
constexpr double kStep = 1.41421356;  // between starts
constexpr std::ptrdiff_t kFewestLags = 4;

struct Candidate {
  TracerWindow window;
  std::vector<double> log_slope;             // [species]
  std::vector<std::vector<double>> without;  // [species][block]
};

// Half octaves from `first` on that leave an octave of lags, and lags enough, for the line.
std::vector<size_t> Starts(const std::vector<size_t>& lags, size_t first, size_t last) {
  std::vector<size_t> starts{first};
  const auto end = std::upper_bound(lags.begin(), lags.end(), last);
  for (double x = kStep * static_cast<double>(first);; x *= kStep) {
    const auto from = std::lower_bound(lags.begin(), end, static_cast<size_t>(std::ceil(x)));
    if (end - from < kFewestLags || 2 * *from > last) return starts;
    if (*from > starts.back()) starts.push_back(*from);
  }
}

absl::StatusOr<Candidate> MakeCandidate(const std::vector<const BlockedSums*>& species, double interval_ps,
                                        size_t n_increments, size_t first, size_t last) {
  const auto& lags = species[0]->lags;
  auto indices = FitLagIndices(lags, first, last);
  std::vector<size_t> chosen;
  for (size_t l : indices) chosen.push_back(lags[l]);
  SUPERION_ASSIGN_OR_RETURN(auto fit, HelfandFit::Create(chosen, interval_ps, n_increments));
  Candidate out{{std::move(fit), std::move(indices)}, {}, {}};
  for (const BlockedSums* sums : species) {
    out.log_slope.push_back(std::log(std::max(out.window.Slope(sums->Mean()), 1e-300)));
    out.without.push_back(out.window.LogSlopes(*sums));
  }
  return out;
}

bool Agree(const Candidate& earlier, const Candidate& later) {
  for (size_t s = 0; s < earlier.log_slope.size(); ++s) {
    std::vector<double> difference;
    for (size_t k = 0; k < earlier.without[s].size(); ++k)
      difference.push_back(earlier.without[s][k] - later.without[s][k]);
    const double fall = earlier.log_slope[s] - later.log_slope[s], sd = JackknifeSd(difference) + 1e-9;
    if (fall > kFall * sd || fall < -kRise * sd) return false;
  }
  return true;
}

}  // namespace

double TracerWindow::Slope(const std::vector<double>& msd) const {
  std::vector<double> picked;
  for (size_t l : indices) picked.push_back(msd[l]);
  return fit.Fit(picked, 1.0).slope;
}

std::vector<double> TracerWindow::LogSlopes(const BlockedSums& sums) const {
  std::vector<double> out;
  for (size_t b = 0; b < sums.n_blocks; ++b)
    out.push_back(std::log(std::max(Slope(sums.MeanWithout(b)), 1e-300)));
  return out;
}

absl::StatusOr<TracerWindowChoice> ChooseTracerWindow(const std::vector<const BlockedSums*>& species,
                                                      double interval_ps, size_t n_increments, size_t first,
                                                      size_t last) {
  std::vector<Candidate> candidates;
  for (const size_t start : Starts(species[0]->lags, first, last)) {
    SUPERION_ASSIGN_OR_RETURN(auto candidate, MakeCandidate(species, interval_ps, n_increments, start, last));
    candidates.push_back(std::move(candidate));
  }
  const auto straight_from = [&](const Candidate& start) {
    const auto later = candidates.begin() + (&start - candidates.data());
    return std::all_of(later, candidates.end(), [&](const Candidate& other) { return Agree(start, other); });
  };
  const auto earliest = std::find_if(candidates.begin(), candidates.end(), straight_from);
  const size_t chosen =
      std::min(candidates.size() - 1, static_cast<size_t>(earliest - candidates.begin()) + 1);
  TracerWindowChoice out{candidates[chosen].window, std::vector<double>(species.size(), 0.0)};
  // Where few later starts could object, what is still to come may be as large as the whole last octave.
  const size_t back = std::min<size_t>(chosen, chosen + 2 < candidates.size() ? 1 : 2);
  for (size_t s = 0; s < species.size(); ++s)
    out.shift[s] = candidates[chosen].log_slope[s] - candidates[chosen - back].log_slope[s];
  return out;
}

}  // namespace superion::analysis
