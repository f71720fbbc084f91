#include "analysis/short_seeds.h"

#include <algorithm>

namespace superion::analysis {
namespace {

constexpr double kShortest = 0.05;  // of the longest
constexpr size_t kFewestSamples = 41;

template <typename T>
void Keep(const std::vector<bool>& kept, std::vector<T>* values) {
  if (values->size() != kept.size()) return;
  size_t n = 0;
  for (size_t s = 0; s < kept.size(); ++s) {
    if (!kept[s]) continue;
    if (n != s) (*values)[n] = std::move((*values)[s]);
    ++n;
  }
  values->erase(values->begin() + static_cast<std::ptrdiff_t>(n), values->end());
}

double Duration(double interval_ps, size_t samples) {
  return samples < 2 ? 0.0 : interval_ps * static_cast<double>(samples - 1);
}

// Whether the sums are those of the trajectories, one by one.
bool OfTrajectories(const AnalysisInput& input) {
  return std::equal(
      input.sums.begin(), input.sums.end(), input.ions.begin(), input.ions.end(),
      [](const SpeciesSums& sums, const IonTrajectory& ions) { return sums.origin == ions.origin; });
}

}  // namespace

std::vector<bool> LongEnoughSeeds(const std::vector<SeedLength>& seeds, std::vector<std::string>* notes) {
  double longest = 0.0;
  size_t most = 0;
  for (const auto& seed : seeds) {
    longest = std::max(longest, seed.duration_ps);
    most = std::max(most, seed.samples);
  }
  std::vector<bool> kept;
  for (const auto& seed : seeds) {
    const bool brief = seed.duration_ps < kShortest * longest;
    const bool sparse = seed.samples < kFewestSamples && most >= kFewestSamples;
    kept.push_back(!brief && !sparse);
    if (kept.back()) continue;
    notes->push_back(
        fmt::format("{} is left out: it is {:.4g} ps long, the longest run {:.4g} ps, and no analysis goes "
                    "further than the shortest run",
                    seed.name, seed.duration_ps, longest));
  }
  return kept;
}

void LeaveOutShortSeeds(AnalysisInput* input, std::vector<DipoleSeries>* dipoles,
                        std::vector<std::string>* notes) {
  std::vector<SeedLength> lengths;
  for (const auto& seed : input->sums)
    lengths.push_back({seed.origin, Duration(seed.interval_ps, seed.steps.size()), seed.steps.size()});
  const auto kept = LongEnoughSeeds(lengths, notes);
  const bool same = OfTrajectories(*input);
  Keep(kept, &input->sums);
  Keep(kept, dipoles);
  // Trajectories beside streams hold fewer rows.
  lengths.clear();
  for (const auto& seed : input->ions)
    lengths.push_back({seed.origin, Duration(seed.interval_ps, seed.n_frames()), kFewestSamples});
  const auto kept_ions = same ? kept : LongEnoughSeeds(lengths, notes);
  Keep(kept_ions, &input->ions);
  Keep(kept_ions, &input->cells);
}

void LeaveOutShortSeeds(DipoleInput* input, std::vector<std::string>* notes) {
  std::vector<SeedLength> lengths;
  for (const auto& seed : input->seeds)
    lengths.push_back({fmt::format("series {}", lengths.size() + 1), seed.duration_ps(), seed.size()});
  const auto kept = LongEnoughSeeds(lengths, notes);
  Keep(kept, &input->seeds);
  Keep(kept, &input->temperatures_k);
  for (auto& current : input->auxiliary) Keep(kept, &current);
}

}  // namespace superion::analysis
