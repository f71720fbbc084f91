#include "dft_adapter/aimd.h"

#include <cmath>

#include "core/units.h"
#include "core/velocity.h"

namespace superion {
namespace {

// Sum of n squared Gaussians; exact, and cheap for the sizes of first-principles MD.
double SumOfSquares(int n, Random* random) {
  double sum = 0.0;
  for (int k = 0; k < n; ++k) {
    const double g = random->Gaussian();
    sum += g * g;
  }
  return sum;
}

void Kick(const std::vector<Vec3>& forces, const std::vector<double>& masses, double dt_ps,
          std::vector<Vec3>* v) {
  for (size_t i = 0; i < masses.size(); ++i)
    (*v)[i] += (dt_ps / (masses[i] * units::kMassVelocity2)) * forces[i];
}

// What stays the same when velocities are drawn again.
struct Dynamics {
  const AimdOptions& options;
  Labeler* labeler;
  const std::function<absl::Status(const Frame&)>& on_frame;
  const std::function<void(int step)>& on_step;
  std::vector<double> masses;
  Random random;
};

// One trajectory from the labelled `start` with velocities of its own; `first` is how its first step relates
// to what was labelled last.
absl::StatusOr<AimdResult> Integrate(const Frame& start, Sequence first, Dynamics* d) {
  const AimdOptions& options = d->options;
  const int dof = DegreesOfFreedom(d->masses.size());
  const double dt_ps = options.timestep_fs / units::kFsPerPs;
  const double target = 0.5 * dof * units::kBoltzmann * options.temperature_k;
  const double decay = std::exp(-options.timestep_fs / options.thermostat_time_fs);
  std::vector<Vec3> velocities = GaussianVelocities(d->masses, options.temperature_k, &d->random);
  Scale(std::sqrt(target / KineticEnergy(d->masses, velocities)), &velocities);
  AimdResult result;
  Structure now = start.structure;
  LabelOutcome label;
  label.frame = start;
  while (result.steps_done < options.steps) {
    Kick(label.frame.forces, d->masses, 0.5 * dt_ps, &velocities);
    for (size_t i = 0; i < now.size(); ++i) now.positions[i] += dt_ps * velocities[i];
    const Sequence sequence = result.steps_done == 0 ? first : Sequence::kNearby;
    SUPERION_ASSIGN_OR_RETURN(label, d->labeler->Label(now, sequence));
    result.cpu_s += label.cpu_s;
    if (label.failure) break;
    ++result.sources[label.source];
    Kick(label.frame.forces, d->masses, 0.5 * dt_ps, &velocities);
    const double kinetic = KineticEnergy(d->masses, velocities);
    Scale(std::sqrt(RescaledKineticEnergy(kinetic, target, dof, decay, &d->random) / kinetic), &velocities);
    ++result.steps_done;
    result.mean_temperature_k += Temperature(KineticEnergy(d->masses, velocities), dof);
    if (result.steps_done % options.sample_every == 0) {
      label.frame.velocities = velocities;
      SUPERION_RETURN_IF_ERROR(d->on_frame(label.frame));
      ++result.frames;
    }
    d->on_step(result.steps_done);
  }
  result.stopped = label.failure;
  if (result.steps_done > 0) result.mean_temperature_k /= result.steps_done;
  return result;
}

bool CameTooClose(const AimdResult& run) {
  return run.frames == 0 && run.stopped && run.stopped->failure_class == failure_class::kGeometry;
}

}  // namespace

double RescaledKineticEnergy(double kinetic, double target, int dof, double decay, Random* random) {
  const double r = random->Gaussian();
  const double ratio = target * (1.0 - decay) / (dof * kinetic);
  const double scale2 =
      decay + ratio * (r * r + SumOfSquares(dof - 1, random)) + 2.0 * r * std::sqrt(decay * ratio);
  return scale2 * kinetic;
}

absl::StatusOr<AimdResult> RunAimd(const Structure& start, const AimdOptions& options, Labeler* labeler,
                                   const std::function<absl::Status(const Frame&)>& on_frame,
                                   const std::function<void(int step)>& on_step) {
  Dynamics dynamics{options, labeler, on_frame, on_step, {}, Random(options.seed)};
  SUPERION_ASSIGN_OR_RETURN(dynamics.masses, AtomicMasses(start.species));
  SUPERION_ASSIGN_OR_RETURN(const LabelOutcome first, labeler->Label(start, Sequence::kNearby));
  AimdResult result;
  result.cpu_s = first.cpu_s;
  result.stopped = first.failure;
  while (!first.failure) {
    const double spent_s = result.cpu_s;
    const int redrawn = result.redrawn;
    const Sequence sequence = redrawn == 0 ? Sequence::kNearby : Sequence::kIndependent;
    SUPERION_ASSIGN_OR_RETURN(result, Integrate(first.frame, sequence, &dynamics));
    result.cpu_s += spent_s;
    result.redrawn = redrawn;
    if (!CameTooClose(result) || redrawn + 1 >= kVelocityDraws) break;
    ++result.redrawn;
  }
  return result;
}

}  // namespace superion
