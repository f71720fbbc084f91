// One hop of a crystal: both ends relaxed, the path between them, the saddle verified (conductivity.md,
// section 12).
#pragma once

#include <vector>

#include "core/structure.h"
#include "md_runner/energy_profile.h"
#include "md_runner/force_provider.h"
#include "md_runner/neb.h"
#include "md_runner/saddle_mode.h"

namespace superion {

struct HopOptions {
  NebOptions band;
  MinimizeOptions ends;
  bool verify = true;  // count the imaginary modes at the saddle
};

// A hop between two minima of one potential.
struct Hop {
  Minimum initial, final;
  Band band;
  std::vector<Mode> modes;  // the two lowest at the saddle; empty without a saddle or verification
  double max_grade = 0.0;

  double barrier_forward() const;   // eV, from the climbing image
  double barrier_backward() const;  // eV
  EnergyProfile profile() const;
};

// Relaxes both ends and finds the path between them. InvalidArgument for structures of other atoms or cells,
// FailedPrecondition for ends that relax to one minimum or not at all.
absl::StatusOr<Hop> FindHop(const Structure& initial, const Structure& final, ForceProvider* forces,
                            const HopOptions& options);

}  // namespace superion
