#include "md_runner/native_engine.h"

#include <algorithm>
#include <utility>

#include "core/units.h"
#include "core/velocity.h"
#include "md_runner/thermostat.h"

namespace superion {
namespace {

// One replica between steps. thermostat: eta[3], chain velocities[3], heat taken by the rescaling.
struct Replica {
  ReplicaState state;
  ForceResult force;
  NoseHooverChain chain;
  Random random{0};
  double kinetic = 0.0;
  double rescaling_heat = 0.0;
  bool running = true;
};

class NativeEngine : public Engine {
 public:
  NativeEngine(const EngineSettings& settings, std::unique_ptr<ForceProvider> forces)
      : settings_(settings),
        forces_(std::move(forces)),
        degrees_(DegreesOfFreedomAcross(settings.masses.size(), settings.field_direction)),
        rescaling_(settings.temperature_k, settings.equilibration_time_ps, degrees_) {
    for (const double m : settings.masses)
      half_kick_.push_back(0.5 * settings.timestep_ps / (m * units::kMassVelocity2));
  }

  absl::Status Start(std::vector<ReplicaState> states) override {
    replicas_.clear();
    for (ReplicaState& state : states) {
      Replica replica{std::move(state), {}, NewChain()};
      replica.random.set_state(replica.state.random);
      replica.running = !replica.state.stopped;
      if (!replica.state.thermostat.empty()) SUPERION_RETURN_IF_ERROR(RestoreThermostat(&replica));
      replicas_.push_back(std::move(replica));
    }
    return absl::OkStatus();
  }

  absl::Status Run(const Segment& segment, const StepVisitor& visit) override {
    SUPERION_RETURN_IF_ERROR(BeginSegment());
    if (segment.visit_start) SUPERION_RETURN_IF_ERROR(VisitAll(segment, visit));
    const bool chained = settings_.ensemble == Ensemble::kNvt && !segment.equilibrate;
    for (int64_t k = 0; k < segment.steps; ++k) {
      for (Replica& replica : replicas_) {
        if (replica.running) FirstHalf(chained, &replica);
      }
      SUPERION_RETURN_IF_ERROR(ComputeForces());
      for (Replica& replica : replicas_) {
        if (replica.running) SecondHalf(chained, segment.equilibrate, &replica);
      }
      if (requests_.empty()) break;
      SUPERION_RETURN_IF_ERROR(VisitAll(segment, visit));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ReplicaState> State(int index) override {
    Replica& replica = replicas_[index];
    ReplicaState state = replica.state;
    state.random = replica.random.state();
    state.stopped = !replica.running;
    const auto& chain = replica.chain.state();
    state.thermostat.assign(chain.eta.begin(), chain.eta.end());
    state.thermostat.insert(state.thermostat.end(), chain.velocity.begin(), chain.velocity.end());
    state.thermostat.push_back(replica.rescaling_heat);
    return state;
  }

 private:
  NoseHooverChain NewChain() const {
    return NoseHooverChain(settings_.temperature_k, settings_.thermostat_time_ps, degrees_);
  }

  static absl::Status RestoreThermostat(Replica* replica) {
    constexpr int n = NoseHooverChain::kLength;
    const std::vector<double>& saved = replica->state.thermostat;
    if (saved.size() != 2 * n + 1) {
      return DataLoss("cannot restore the thermostat: {} numbers, expected {}", saved.size(), 2 * n + 1);
    }
    NoseHooverChain::State chain;
    std::copy_n(saved.begin(), n, chain.eta.begin());
    std::copy_n(saved.begin() + n, n, chain.velocity.begin());
    replica->chain.set_state(chain);
    replica->rescaling_heat = saved.back();
    return absl::OkStatus();
  }

  absl::Status BeginSegment() {
    for (size_t k = 0; k < replicas_.size(); ++k) {
      Replica& replica = replicas_[k];
      replica.random.set_state(
          replica.random.state());  // drops the spare Gaussian, which no restart file holds
      replica.kinetic = KineticEnergy(settings_.masses, replica.state.velocities);
      forces_->Forget(static_cast<int>(k));
    }
    return ComputeForces();
  }

  absl::Status ComputeForces() {
    requests_.clear();
    for (size_t k = 0; k < replicas_.size(); ++k) {
      Replica& r = replicas_[k];
      if (r.running) requests_.push_back({static_cast<int>(k), &r.state.cell, &r.state.positions, &r.force});
    }
    return requests_.empty() ? absl::OkStatus() : forces_->Compute(requests_);
  }

  void ThermostatHalf(Replica* replica) {
    const double part = ThermostattedEnergy(*replica);
    Scale(replica->chain.HalfStep(settings_.timestep_ps, part), part, replica);
  }

  // Kinetic energy of the components on which a thermostat acts.
  double ThermostattedEnergy(const Replica& replica) const {
    return settings_.field_direction == Vec3{}
               ? replica.kinetic
               : KineticEnergyAcross(settings_.masses, replica.state.velocities, settings_.field_direction);
  }

  // Multiplies those components; returns the energy given to the atoms.
  double Scale(double factor, double part, Replica* replica) const {
    ScaleAcross(factor, settings_.field_direction, &replica->state.velocities);
    const double gain = part * (factor * factor - 1.0);
    replica->kinetic += gain;
    return gain;
  }

  void FirstHalf(bool chained, Replica* replica) {
    if (chained) ThermostatHalf(replica);
    ReplicaState& s = replica->state;
    for (size_t i = 0; i < s.positions.size(); ++i) {
      s.velocities[i] += half_kick_[i] * replica->force.forces[i];
      s.positions[i] += settings_.timestep_ps * s.velocities[i];
    }
  }

  void SecondHalf(bool chained, bool rescaled, Replica* replica) {
    ReplicaState& s = replica->state;
    for (size_t i = 0; i < s.positions.size(); ++i)
      s.velocities[i] += half_kick_[i] * replica->force.forces[i];
    replica->kinetic = KineticEnergy(settings_.masses, s.velocities);
    if (chained) ThermostatHalf(replica);
    if (rescaled) {
      const double part = ThermostattedEnergy(*replica);
      const double factor = rescaling_.Factor(settings_.timestep_ps, part, &replica->random);
      replica->rescaling_heat -= Scale(factor, part, replica);
    }
    ++s.step;
  }

  absl::Status VisitAll(const Segment& segment, const StepVisitor& visit) {
    for (size_t k = 0; k < replicas_.size(); ++k) {
      Replica& r = replicas_[k];
      if (!r.running) continue;
      const double chain =
          settings_.ensemble == Ensemble::kNvt && !segment.equilibrate ? r.chain.Energy() : 0.0;
      SUPERION_ASSIGN_OR_RETURN(
          const Verdict verdict,
          visit({static_cast<int>(k), r.state.step, r.state.cell, r.state.positions, r.state.velocities,
                 r.force, r.kinetic, r.force.energy + r.kinetic + chain + r.rescaling_heat}));
      r.running = verdict == Verdict::kGoOn;
    }
    return absl::OkStatus();
  }

  EngineSettings settings_;
  std::unique_ptr<ForceProvider> forces_;
  int degrees_;
  StochasticRescaling rescaling_;
  std::vector<double> half_kick_;  // [n_atoms] dt/2m in (Å/ps) per (eV/Å)
  std::vector<Replica> replicas_;
  std::vector<ForceRequest> requests_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> MakeNativeEngine(const EngineSettings& settings,
                                                         std::unique_ptr<ForceProvider> forces) {
  if (settings.ensemble == Ensemble::kNpt) {
    return InvalidArgument("the native engine keeps the cell fixed: ensemble npt needs engine lammps");
  }
  return std::make_unique<NativeEngine>(settings, std::move(forces));
}

}  // namespace superion
