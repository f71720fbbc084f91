#include "md_runner/md_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <utility>

#include "core/file.h"
#include "core/units.h"
#include "core/velocity.h"
#include "md_runner/checkpoint.h"

namespace superion {
namespace {

constexpr int64_t kProgressEvery = 50;  // steps

struct Replica {
  Gate gate;
  Recorder recorder;
  int64_t step = 0;
  std::optional<GateEvent> event;
  Vec3 momentum{};
};

std::string FileName(const std::string& stem, const std::string& suffix, int replica, int replicas) {
  return replicas == 1 ? stem + suffix : fmt::format("{}-{}{}", stem, replica + 1, suffix);
}

class MdRun {
 public:
  MdRun(const MdRunOptions& options, const ProgressSink& progress)
      : o_(options), p_(options.params), progress_(progress), n_atoms_(options.structure.size()) {}

  absl::StatusOr<MdOutcome> Execute(std::unique_ptr<ForceProvider> forces, const EngineFactory& make_engine) {
    const auto start = std::chrono::steady_clock::now();
    SUPERION_RETURN_IF_ERROR(Prepare(std::move(forces), make_engine));
    while (AnyRunning() && step_ < last_) SUPERION_RETURN_IF_ERROR(RunSegment());
    SUPERION_RETURN_IF_ERROR(FinishShortRun());
    SUPERION_RETURN_IF_ERROR(WriteCheckpoint());
    MdOutcome outcome = Collect();
    outcome.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (visits_ > 0) {
      outcome.us_per_atom_step =
          1e6 * outcome.wall_s / (static_cast<double>(visits_) * static_cast<double>(n_atoms_));
    }
    return outcome;
  }

 private:
  absl::Status Prepare(std::unique_ptr<ForceProvider> forces, const EngineFactory& make_engine) {
    SUPERION_RETURN_IF_ERROR(CheckStructure(o_.structure));
    if (o_.structure.pbc != std::array<bool, 3>{true, true, true}) {
      return InvalidArgument("cannot run MD: the structure must be periodic in all three directions");
    }
    SUPERION_ASSIGN_OR_RETURN(masses_, AtomicMasses(o_.structure.species));
    if (p_.has_field()) {
      SUPERION_ASSIGN_OR_RETURN(std::vector<double> charges, Charges());
      SUPERION_ASSIGN_OR_RETURN(forces, AddElectricField(std::move(forces), std::move(charges), p_.field));
    }
    SUPERION_ASSIGN_OR_RETURN(engine_, make_engine(Settings(), std::move(forces)));
    SUPERION_ASSIGN_OR_RETURN(const Checkpoint checkpoint, StartCheckpoint());
    return StartReplicas(checkpoint);
  }

  absl::StatusOr<std::vector<double>> Charges() const {
    std::vector<double> charges;
    for (const std::string& symbol : o_.structure.species) {
      const auto it = p_.charges.find(symbol);
      if (it == p_.charges.end()) {
        return InvalidArgument(
            "params.charges: no charge for {}, which the structure holds (needed with a field)", symbol);
      }
      charges.push_back(it->second);
    }
    return charges;
  }

  EngineSettings Settings() const {
    EngineSettings s;
    s.scratch_directory = o_.directory;
    s.species = o_.structure.species;
    s.masses = masses_;
    s.ensemble = p_.ensemble;
    s.temperature_k = p_.temperature_k;
    s.pressure_bar = p_.pressure_bar;
    s.isotropic = p_.isotropic;
    s.timestep_ps = p_.timestep_fs / units::kFsPerPs;
    s.thermostat_time_ps = p_.thermostat_time_fs / units::kFsPerPs;
    s.barostat_time_ps = p_.barostat_time_fs / units::kFsPerPs;
    s.equilibration_time_ps = p_.equilibration_time_fs / units::kFsPerPs;
    if (p_.has_field()) s.field_direction = (1.0 / Norm(p_.field)) * p_.field;
    return s;
  }

  Checkpoint EmptyCheckpoint() const {
    Checkpoint checkpoint;
    checkpoint.engine = p_.engine;
    checkpoint.species = o_.structure.species;
    checkpoint.first_step = first_;
    checkpoint.finished = step_ >= last_;
    return checkpoint;
  }

  // From the restart file, or made new: velocities of every replica from its own random stream.
  absl::StatusOr<Checkpoint> StartCheckpoint() const {
    if (!o_.restart_path.empty()) return ReadRestart();
    Checkpoint checkpoint = EmptyCheckpoint();
    checkpoint.finished = false;
    for (int k = 0; k < p_.replicas; ++k) {
      // Twins equilibrate alike, so that they are at one place when production starts.
      const int stream = p_.twin_velocity > 0.0 ? k - k % 2 : k;
      Random velocities(DeriveSeed(o_.seed, fmt::format("velocities-{}", stream)));
      const Random thermostat(DeriveSeed(o_.seed, fmt::format("thermostat-{}", stream)));
      ReplicaCheckpoint replica;
      replica.state.step = -p_.equilibration_steps;
      replica.state.cell = o_.structure.cell;
      replica.state.positions = o_.structure.positions;
      replica.state.velocities = MaxwellBoltzmann(masses_, p_.temperature_k, &velocities);
      replica.state.random = thermostat.state();
      checkpoint.replicas.push_back(std::move(replica));
    }
    return checkpoint;
  }

  absl::StatusOr<Checkpoint> ReadRestart() const {
    SUPERION_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(o_.restart_path));
    SUPERION_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(bytes, o_.restart_path));
    if (checkpoint.species != o_.structure.species) {
      return InvalidArgument("{}: is a restart file of {} other atoms, the structure has {}", o_.restart_path,
                             checkpoint.species.size(), n_atoms_);
    }
    if (checkpoint.engine != p_.engine || checkpoint.replicas.size() != static_cast<size_t>(p_.replicas)) {
      return InvalidArgument("{}: was written by engine {} with {} replicas, asked for are {} and {}",
                             o_.restart_path, checkpoint.engine, checkpoint.replicas.size(), p_.engine,
                             p_.replicas);
    }
    return checkpoint;
  }

  absl::Status StartReplicas(const Checkpoint& checkpoint) {
    std::vector<ReplicaState> states;
    const bool restarted = !o_.restart_path.empty();
    step_ = std::numeric_limits<int64_t>::min();
    for (size_t k = 0; k < checkpoint.replicas.size(); ++k) {
      const ReplicaCheckpoint& from = checkpoint.replicas[k];
      Recorder::Continuation continuation;
      if (restarted) continuation = {&from, RestartLiesHere(), !checkpoint.finished};
      SUPERION_ASSIGN_OR_RETURN(Recorder recorder,
                                Recorder::Open(RecorderOf(static_cast<int>(k)), continuation));
      replicas_.push_back({Gate(Limits()), std::move(recorder), from.state.step, from.event,
                           Momentum(masses_, from.state.velocities)});
      step_ = std::max(step_, from.state.step);
      states.push_back(from.state);
      states.back().stopped = from.event.has_value();
    }
    first_ = checkpoint.finished ? step_ : checkpoint.first_step;
    last_ = first_ + p_.steps;
    start_ = step_;
    return engine_->Start(std::move(states));
  }

  bool RestartLiesHere() const {
    std::error_code error;
    const auto folder = std::filesystem::absolute(o_.restart_path, error).parent_path();
    return std::filesystem::equivalent(folder, o_.directory, error) && !error;
  }

  GateLimits Limits() const {
    const GateParams gate = p_.gate.value_or(GateParams());
    return {gate.collect, gate.stop, gate.maximum_force_ev_per_angstrom,
            gate.maximum_temperature_factor * p_.temperature_k};
  }

  RecorderOptions RecorderOf(int k) const {
    RecorderOptions r;
    const auto path = [&](const char* stem, const char* suffix) {
      return o_.directory + "/" + FileName(stem, suffix, k, p_.replicas);
    };
    r.stream_path = path("stream", ".bin");
    r.trajectory_path = path("trajectory", ".bin");
    r.snapshots_path = path("snapshots", ".xyz");
    r.species = o_.structure.species;
    r.masses = masses_;
    r.cell = o_.structure.cell;
    r.timestep_ps = p_.timestep_fs / units::kFsPerPs;
    r.temperature_k = p_.ensemble == Ensemble::kNve ? 0.0 : p_.temperature_k;
    r.stream_every = p_.stream_every;
    r.frame_every = p_.frame_every;
    r.snapshot_every = p_.snapshot_every;
    r.snapshot_start_step = p_.snapshot_start_step;
    r.snapshot_limit = p_.snapshot_limit;
    r.collect = Limits().collect;
    r.stop = Limits().stop;
    r.collecting = p_.gate.has_value();
    r.variable_cell = p_.ensemble == Ensemble::kNpt;
    r.provenance = o_.provenance;
    r.provenance["seed"] = o_.seed;
    r.provenance["replica"] = k;
    r.provenance["timestep_fs"] = p_.timestep_fs;
    r.provenance["engine"] = p_.engine;
    if (p_.has_field()) {
      r.field = p_.field;
      r.charges = p_.charges;
      r.provenance["field_v_per_angstrom"] = p_.field;  // the header of the trajectory has no other place
    }
    return r;
  }

  bool AnyRunning() const {
    return std::any_of(replicas_.begin(), replicas_.end(),
                       [](const Replica& r) { return !r.event.has_value(); });
  }

  // Segments end where production starts, at multiples of checkpoint_every and at the last step.
  int64_t SegmentEnd() const {
    int64_t end = step_ < 0 ? 0 : last_;
    if (p_.checkpoint_every > 0) {
      const int64_t c = p_.checkpoint_every;
      const int64_t next = (step_ >= 0 ? step_ / c + 1 : -((-step_ - 1) / c)) * c;
      end = std::min(end, next);
    }
    return end;
  }

  absl::Status RunSegment() {
    const int64_t end = SegmentEnd();
    if (step_ == 0 && p_.twin_velocity > 0.0) SUPERION_RETURN_IF_ERROR(MakeTwins());
    Segment segment{end - step_, step_ < 0, step_ == 0};
    SUPERION_RETURN_IF_ERROR(engine_->Run(segment, [this](const StepView& view) { return Visit(view); }));
    step_ = end;
    return step_ < last_ ? WriteCheckpoint() : absl::OkStatus();
  }

  // What the first atom gains the last one loses, so that the centre of mass stays at rest.
  absl::Status MakeTwins() {
    std::vector<ReplicaState> states;
    for (int k = 0; k < p_.replicas; ++k) {
      SUPERION_ASSIGN_OR_RETURN(ReplicaState state, engine_->State(k));
      if (k % 2 == 1) {
        const bool stopped = state.stopped;
        state = states.back();
        state.stopped = stopped || state.stopped;
        state.velocities.front()[0] += p_.twin_velocity;
        state.velocities.back()[0] -= p_.twin_velocity * masses_.front() / masses_.back();
      }
      states.push_back(std::move(state));
    }
    return engine_->Start(std::move(states));
  }

  // A run of no production steps still records its first frame.
  absl::Status FinishShortRun() {
    if (last_ != 0 || step_ != 0 || !AnyRunning()) return absl::OkStatus();
    return engine_->Run({0, false, true}, [this](const StepView& view) { return Visit(view); });
  }

  absl::StatusOr<Verdict> Visit(const StepView& view) {
    Replica& replica = replicas_[view.replica];
    const double temperature = Temperature(view.kinetic_energy, DegreesOfFreedom(n_atoms_));
    replica.step = view.step;
    replica.momentum = Momentum(masses_, view.velocities);
    if (++visits_ % kProgressEvery == 0) Report();
    // The first step of a continued production was recorded before it was saved.
    if (view.step == 0 && replica.recorder.started()) return Verdict::kGoOn;
    GateLevel level = GateLevel::kSafe;
    if (p_.gate) {
      level = replica.gate.Look(view, temperature);
      if (level == GateLevel::kStop) return Stop(&replica);
    } else if (!std::isfinite(view.conserved)) {
      return FailedPrecondition("MD broke at step {}: the energy is {} eV, the last temperature {} K",
                                view.step, view.conserved, temperature);
    }
    if (view.step >= 0) SUPERION_RETURN_IF_ERROR(replica.recorder.Record(view, temperature, level));
    return Verdict::kGoOn;
  }

  absl::StatusOr<Verdict> Stop(Replica* replica) {
    replica->event = replica->gate.event();
    SUPERION_RETURN_IF_ERROR(replica->recorder.RecordEvent(replica->gate));
    return Verdict::kStop;
  }

  void Report() const {
    if (!progress_) return;
    const double total = static_cast<double>((last_ - start_) * p_.replicas);
    double done = 0.0;
    for (const Replica& r : replicas_) done += static_cast<double>(r.step - start_);
    const Replica& first = replicas_.front();
    progress_(
        {done, total, "steps",
         fmt::format("{} K, {}", p_.temperature_k,
                     first.step < 0 ? "equilibration" : fmt::format("production step {}", first.step))});
  }

  absl::Status WriteCheckpoint() {
    Checkpoint checkpoint = EmptyCheckpoint();
    for (size_t k = 0; k < replicas_.size(); ++k) {
      SUPERION_RETURN_IF_ERROR(replicas_[k].recorder.Flush());
      ReplicaCheckpoint saved;
      SUPERION_ASSIGN_OR_RETURN(saved.state, engine_->State(static_cast<int>(k)));
      saved.event = replicas_[k].event;
      replicas_[k].recorder.Save(&saved);
      checkpoint.replicas.push_back(std::move(saved));
    }
    return WriteFileAtomically(o_.directory + "/" + kRestartFile, SerializeCheckpoint(checkpoint));
  }

  MdOutcome Collect() const {
    MdOutcome outcome;
    double mass = 0.0;
    for (const double m : masses_) mass += m;
    for (size_t k = 0; k < replicas_.size(); ++k) {
      const Replica& replica = replicas_[k];
      const int index = static_cast<int>(k);
      ReplicaOutcome r;
      r.steps_done = std::max<int64_t>(replica.step - first_, 0);
      r.event = replica.event;
      r.statistics = replica.recorder.statistics();
      r.snapshots = replica.recorder.counts();
      r.drift_of_centre = Norm(replica.momentum) / mass;
      if (p_.stream_every > 0) r.stream = FileName("stream", ".bin", index, p_.replicas);
      if (p_.frame_every > 0) r.trajectory = FileName("trajectory", ".bin", index, p_.replicas);
      r.snapshot_file = FileName("snapshots", ".xyz", index, p_.replicas);
      outcome.replicas.push_back(std::move(r));
    }
    return outcome;
  }

  const MdRunOptions& o_;
  const MdParams& p_;
  const ProgressSink& progress_;
  size_t n_atoms_;
  std::vector<double> masses_;
  std::unique_ptr<Engine> engine_;
  std::vector<Replica> replicas_;
  int64_t first_ = 0;  // where the production of this task begins
  int64_t last_ = 0;   // and ends
  int64_t start_ = 0;  // step at which this call began
  int64_t step_ = 0;   // where the next segment begins
  int64_t visits_ = 0;
};

}  // namespace

absl::StatusOr<MdOutcome> RunMd(const MdRunOptions& options, std::unique_ptr<ForceProvider> forces,
                                const EngineFactory& make_engine, const ProgressSink& progress) {
  return MdRun(options, progress).Execute(std::move(forces), make_engine);
}

}  // namespace superion
