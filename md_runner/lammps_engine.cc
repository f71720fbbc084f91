#include "md_runner/lammps_engine.h"

#include <utility>
#include <vector>

#include "core/velocity.h"
#include "md_runner/lammps_system.h"
#include "md_runner/thermostat.h"

namespace superion {
namespace {

struct Replica {
  std::unique_ptr<LammpsSystem> system;
  Random random{0};
  double rescaling_heat = 0.0;
  bool running = true;
};

// Replicas run one after another within a segment, each in an instance of its own.
class LammpsEngine : public Engine {
 public:
  LammpsEngine(const EngineSettings& settings, std::unique_ptr<ForceProvider> forces)
      : settings_(settings),
        forces_(std::move(forces)),
        rescaling_(settings.temperature_k, settings.equilibration_time_ps,
                   DegreesOfFreedomAcross(settings.masses.size(), settings.field_direction)) {}

  absl::Status Start(std::vector<ReplicaState> states) override {
    replicas_.clear();
    for (ReplicaState& state : states) {
      Replica replica;
      replica.random.set_state(state.random);
      replica.rescaling_heat = state.thermostat.empty() ? 0.0 : state.thermostat.front();
      replica.running = !state.stopped;
      SUPERION_ASSIGN_OR_RETURN(
          replica.system, LammpsSystem::Start(settings_, std::move(state), static_cast<int>(replicas_.size()),
                                              forces_.get()));
      replicas_.push_back(std::move(replica));
    }
    return absl::OkStatus();
  }

  absl::Status Run(const Segment& segment, const StepVisitor& visit) override {
    for (size_t k = 0; k < replicas_.size(); ++k) {
      if (replicas_[k].running) SUPERION_RETURN_IF_ERROR(RunReplica(static_cast<int>(k), segment, visit));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ReplicaState> State(int index) override {
    Replica& replica = replicas_[index];
    SUPERION_ASSIGN_OR_RETURN(ReplicaState state, replica.system->Save());
    state.random = replica.random.state();
    state.thermostat = {replica.rescaling_heat};
    state.stopped = !replica.running;
    return state;
  }

 private:
  absl::Status RunReplica(int index, const Segment& segment, const StepVisitor& visit) {
    Replica& replica = replicas_[index];
    const bool rescaled = segment.equilibrate && settings_.ensemble != Ensemble::kNpt;
    SUPERION_RETURN_IF_ERROR(replica.system->BeginSegment(segment.equilibrate));
    if (segment.visit_start) SUPERION_RETURN_IF_ERROR(Show(index, visit));
    for (int64_t k = 0; k < segment.steps && replica.running; ++k) {
      SUPERION_RETURN_IF_ERROR(replica.system->Step());
      if (rescaled) Rescale(&replica);
      SUPERION_RETURN_IF_ERROR(Show(index, visit));
    }
    return absl::OkStatus();
  }

  void Rescale(Replica* replica) {
    const double kinetic =
        KineticEnergyAcross(settings_.masses, replica->system->state().velocities, settings_.field_direction);
    const double factor = rescaling_.Factor(settings_.timestep_ps, kinetic, &replica->random);
    replica->system->Rescale(factor);
    replica->rescaling_heat += kinetic * (1.0 - factor * factor);
  }

  absl::Status Show(int index, const StepVisitor& visit) {
    Replica& replica = replicas_[index];
    const ReplicaState& s = replica.system->state();
    const ForceResult& force = replica.system->force();
    const double kinetic = KineticEnergy(settings_.masses, s.velocities);
    const double conserved =
        force.energy + kinetic + replica.system->reservoir_energy() + replica.rescaling_heat;
    SUPERION_ASSIGN_OR_RETURN(const Verdict verdict, visit({index, s.step, s.cell, s.positions, s.velocities,
                                                            force, kinetic, conserved}));
    replica.running = verdict == Verdict::kGoOn;
    return absl::OkStatus();
  }

  EngineSettings settings_;
  std::unique_ptr<ForceProvider> forces_;
  StochasticRescaling rescaling_;
  std::vector<Replica> replicas_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> MakeLammpsEngine(const EngineSettings& settings,
                                                         std::unique_ptr<ForceProvider> forces) {
  return std::make_unique<LammpsEngine>(settings, std::move(forces));
}

}  // namespace superion
