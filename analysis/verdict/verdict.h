// From estimates and tests to a statement: gates, status, what limits it and what more is needed
// (conductivity.md, section 5).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/transport/collective.h"
#include "analysis/transport/tracer.h"
#include "analysis/verdict/needs.h"

namespace superion::analysis {

struct Gate {
  std::string id;  // "G1" … "G9"
  std::string name;
  bool passed = false;
  bool measured = true;  // false: the input holds nothing to test this with; such a gate does not block
  std::optional<double> value, limit;
  std::string message;
};

// The floors of G5: 4 seeds, S T >= 100 tau_c, every seed >= 20 tau_c, 50 degrees of freedom. The worst ratio
// of what is there to what is wanted, and what falls short ("" when nothing does).
struct DataAmount {
  double seeds = 0.0, total_time = 0.0, shortest = 0.0, s_tot = 0.0, tau_c = 0.0;
};
std::string EnoughData(const DataAmount& amount, double* worst = nullptr);

struct Equilibration {
  double discarded_ps = 0.0;    // from the start of every seed
  double worst_geweke_z = 0.0;  // over scalars (and squared dipole increments) and seeds
  std::string worst;            // name of that series
  std::optional<double> mean_temperature_k;
};

struct VerdictInput {
  const CollectiveResult* collective = nullptr;
  const CollectiveResult* earlier = nullptr;  // of the first 80 % of the same data; null: too short for that
  const TracerResult* tracer = nullptr;       // null: no trajectories
  Equilibration equilibration;
  double target_s_tot = 0.10;
  bool budget_exhausted = false;
  double target_temperature_k = 0.0;
  std::string odd_seed;                 // which seed is in another phase, and how far; "" when none is
  double site_distance_angstrom = 0.0;  // 0: not known
  double hop_charge_length = 0.0;       // z a; 0: not known
  // Where the target is set for every axis: the least precise one, now and in the first 80 % of the data.
  AxisPrecision worst_axis, earlier_worst_axis;
};

struct Verdict {
  std::string status;      // CONVERGED, RUNNING, NOT_DIFFUSIVE, NO_HOPS, DRIFTING, FRAMEWORK_UNSTABLE,
                           // SEEDS_DISAGREE, ESTIMATORS_DISAGREE, BUDGET_EXHAUSTED
  std::string limited_by;  // "" when converged
  std::vector<Gate> gates;
  Needs needs;
  bool stated = false;  // whether σ may be stated as a number at all
};

Verdict Judge(const VerdictInput& input);

// Only G3-G7 of it: what the same data would have been judged at an earlier checkpoint.
bool PassesAtCheckpoint(const CollectiveResult& collective, double target_s_tot, double hop_charge_length);

}  // namespace superion::analysis
