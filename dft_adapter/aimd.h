// Molecular dynamics on a labeler: velocity Verlet with stochastic velocity rescaling (Bussi, Donadio,
// Parrinello, doi:10.1063/1.2408420). Every labeler serves; the socket driver of pw.x extrapolates from step
// to step.
#pragma once

#include <functional>
#include <map>

#include "core/random.h"
#include "dft_adapter/labeler.h"

namespace superion {

// New kinetic energy after one thermostat step (appendix A of the paper): mean kinetic energy `target`,
// degrees of freedom `dof`, exp(-dt/tau) = `decay`. Samples the canonical distribution of the kinetic energy
// exactly.
double RescaledKineticEnergy(double kinetic, double target, int dof, double decay, Random* random);

struct AimdOptions {
  double temperature_k = 0.0;
  int steps = 0;
  double timestep_fs = 0.0;
  int sample_every = 1;
  double thermostat_time_fs = 40.0;
  uint64_t seed = 0;
};

struct AimdResult {
  int steps_done = 0;
  int frames = 0;
  int redrawn = 0;  // how often the velocities were drawn again
  double cpu_s = 0.0;
  double mean_temperature_k = 0.0;
  std::map<std::string, int> sources;   // how many steps each way of labelling served
  std::optional<LabelFailure> stopped;  // why the run ended early: a step that gave no label
};

inline constexpr int kVelocityDraws = 5;

// Runs from `start` (positions; velocities are drawn). When atoms come too close before the first frame, the
// velocities are drawn again, kVelocityDraws times in all; then, and later in a run, that ends it. The result
// is that of the last trajectory, with the cost of all. Every `sample_every`-th step becomes a frame with
// energy, forces, stress when the labeler gives it, and velocities; `on_frame` gets it at once, `on_step`
// after every step. Positions are unwrapped. The same seed gives the same trajectory when the labeler repeats
// its numbers.
absl::StatusOr<AimdResult> RunAimd(const Structure& start, const AimdOptions& options, Labeler* labeler,
                                   const std::function<absl::Status(const Frame&)>& on_frame,
                                   const std::function<void(int step)>& on_step);

}  // namespace superion
