// How much more molecular dynamics a temperature gets after an analysis: which seeds go on, how many are
// added, until its target or the budget is reached. Arithmetic on planning numbers that the analysis made
// (`needs`, docs/task_contract.md); nothing here estimates anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace superion {

// A velocity seed of one temperature that can go on.
struct SeedLength {
  int seed = 0;
  int segments = 0;  // run so far
};

// One temperature after its analysis. A segment is the unit of the budget: production.steps of one seed.
struct Standing {
  std::string status;
  std::vector<SeedLength> seeds;  // those that were stopped for good are left out
  int next_seed = 0;              // number of the first seed that does not exist
  int used = 0, share = 0;        // segments run, and segments that are its own
  double segment_ps = 0.0, equilibration_ps = 0.0;
  std::optional<double> total_time_ps, needed_time_ps, tau_c_ps;  // over all seeds, but tau_c
  int needed_seeds = 0;
  bool diffusive = false;  // gate G3 is passed
};
// The numbers of an analysis document put into a standing.
void ReadAnalysis(const Json& analysis, Standing* standing);

// Whether more runs could change the outcome at all.
bool CanGoOn(const Standing& standing);

// Segments that the forecast asks for, at least 1; none without a forecast.
std::optional<int> MissingSegments(const Standing& standing);

struct SeedShare {
  int seed = 0;
  int segments = 0;
  bool added = false;  // a new seed, equilibrated first
};

// What the temperature runs before its next analysis; empty when the budget is used up. Between a quarter (so
// that checkpoints are geometric: looking after every step would stop too early) and the whole of the present
// data, by the forecast. `pool` are segments that other temperatures did not need: they are given only to one
// that can reach its target with them. Seeds are added rather than lengthened where the motion is diffusive
// (gate G3) and the mean length beyond 50 correlation times, or where the analysis wants more seeds; the
// shortest are lengthened first. Correlation times alone do not do: before a cage is resolved they are far
// too short, and many short seeds of a caged walk then covered 91 % after stopping where four longer ones
// covered 96 % (tests/science/production_coverage_test.cc).
std::vector<SeedShare> Allocate(const Standing& standing, int pool);

}  // namespace superion
