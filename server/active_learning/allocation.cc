#include "server/active_learning/allocation.h"

#include <algorithm>
#include <cmath>

namespace superion {
namespace {

constexpr double kGrowth = 0.25;            // of the data between two checkpoints, at least
constexpr double kLongSeed = 50.0;          // correlation times beyond which new seeds are preferred
constexpr double kShortestSeed = 20.0;      // correlation times that gate G5 wants of every seed
constexpr double kEquilibrationPart = 0.2;  // of a new seed, at most

std::optional<double> NumberOf(const Json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

int Segments(double time_ps, const Standing& standing) {
  return std::max(1, static_cast<int>(std::ceil(std::min(1e6, time_ps / standing.segment_ps) - 1e-9)));
}

double MeanLength(const Standing& standing) {
  return static_cast<double>(standing.used) / static_cast<double>(standing.seeds.size());
}

// How long a new seed should be: as the others, but never below the floor of gate G5.
int LengthOfNewSeed(const Standing& standing) {
  const double mean = MeanLength(standing) * standing.segment_ps;
  return Segments(std::max(mean, kShortestSeed * standing.tau_c_ps.value_or(0.0)), standing);
}

// Segments of this checkpoint.
int Wanted(const Standing& standing, int pool) {
  const auto missing = MissingSegments(standing);
  const int least = std::max(1, static_cast<int>(std::ceil(kGrowth * standing.used - 1e-9)));
  int wanted = missing ? std::clamp(*missing, least, std::max(least, standing.used)) : standing.used;
  const int own = std::max(0, standing.share - standing.used);
  // Whole rounds of all seeds keep them equally long and all workers busy.
  const int seeds = static_cast<int>(standing.seeds.size());
  wanted = (wanted + seeds - 1) / seeds * seeds;
  if (wanted <= own) return wanted;
  const bool within_reach = missing && *missing <= own + pool;
  return std::min(wanted, own + (within_reach ? pool : 0));
}

bool PrefersNewSeeds(const Standing& standing, int segments) {
  if (!standing.diffusive || !standing.tau_c_ps ||
      MeanLength(standing) * standing.segment_ps <= kLongSeed * *standing.tau_c_ps)
    return false;
  const double length = std::min(segments, LengthOfNewSeed(standing)) * standing.segment_ps;
  return length >= kShortestSeed * *standing.tau_c_ps &&
         standing.equilibration_ps <= kEquilibrationPart * length;
}

std::vector<SeedShare> NewSeeds(const Standing& standing, int count, int segments) {
  std::vector<SeedShare> shares;
  for (int k = 0; k < count; ++k) {
    const int length = segments / count + (k < segments % count ? 1 : 0);
    if (length > 0) shares.push_back({standing.next_seed + k, length, true});
  }
  return shares;
}

std::vector<SeedShare> Lengthen(const Standing& standing, int segments) {
  std::vector<SeedLength> seeds = standing.seeds;
  std::vector<SeedShare> shares;
  for (const SeedLength& seed : seeds) shares.push_back({seed.seed, 0, false});
  for (int k = 0; k < segments; ++k) {
    const auto shortest = std::min_element(
        seeds.begin(), seeds.end(), [](const auto& a, const auto& b) { return a.segments < b.segments; });
    ++shortest->segments;
    ++shares[static_cast<size_t>(shortest - seeds.begin())].segments;
  }
  shares.erase(std::remove_if(shares.begin(), shares.end(), [](const auto& s) { return s.segments == 0; }),
               shares.end());
  return shares;
}

}  // namespace

void ReadAnalysis(const Json& analysis, Standing* standing) {
  if (!analysis.is_object()) return;
  standing->status = analysis.value("status", "");
  standing->total_time_ps = NumberOf(analysis, "total_time_ps");
  standing->tau_c_ps = NumberOf(analysis, "tau_c_ps");
  standing->diffusive = false;
  for (const Json& gate : analysis.value("gates", Json::array())) {
    if (gate.is_object() && gate.value("id", "") == "G3") standing->diffusive = gate.value("passed", false);
  }
  const auto needs = analysis.find("needs");
  if (needs == analysis.end() || !needs->is_object()) return;
  standing->needed_time_ps = NumberOf(*needs, "total_time_ps");
  standing->needed_seeds = static_cast<int>(std::min(1e6, NumberOf(*needs, "seeds").value_or(0.0)));
}

bool CanGoOn(const Standing& standing) {
  return standing.status != "CONVERGED" && standing.status != "FRAMEWORK_UNSTABLE" && !standing.seeds.empty();
}

std::optional<int> MissingSegments(const Standing& standing) {
  // Where nothing has moved, or nothing is diffusive, more of the same has no forecast.
  if (!standing.total_time_ps || !standing.needed_time_ps || standing.status == "NO_HOPS" ||
      standing.status == "NOT_DIFFUSIVE")
    return std::nullopt;
  return Segments(std::max(0.0, *standing.needed_time_ps - *standing.total_time_ps), standing);
}

std::vector<SeedShare> Allocate(const Standing& standing, int pool) {
  if (!CanGoOn(standing)) return {};
  const int segments = Wanted(standing, pool);
  if (segments <= 0) return {};
  const int lacking = standing.needed_seeds - static_cast<int>(standing.seeds.size());
  const int length = LengthOfNewSeed(standing);
  if (lacking > 0 && MissingSegments(standing) && length <= segments)
    return NewSeeds(standing, std::min(lacking, segments / length), segments);
  if (PrefersNewSeeds(standing, segments)) {
    const int count = std::max(1, static_cast<int>(std::lround(static_cast<double>(segments) / length)));
    return NewSeeds(standing, count, segments);
  }
  return Lengthen(standing, segments);
}

}  // namespace superion
