// Engines of molecular dynamics behind one interface. Several replicas (same atoms and cell, own velocities)
// advance side by side; a visitor sees every replica after every step and may end it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/structure.h"
#include "md_runner/force_provider.h"

namespace superion {

enum class Ensemble { kNve, kNvt, kNpt };

struct EngineSettings {
  std::vector<std::string> species;  // [n_atoms]
  std::vector<double> masses;        // [n_atoms] u
  Ensemble ensemble = Ensemble::kNvt;
  double temperature_k = 300.0;  // thermostat; unused in NVE production
  double pressure_bar = 0.0;     // NPT
  bool isotropic = true;         // NPT: one strain, or the three cell lengths on their own
  double timestep_ps = 0.001;
  double thermostat_time_ps = 0.5;  // Nosé-Hoover chain of production
  double barostat_time_ps = 1.0;
  double equilibration_time_ps = 0.1;  // stochastic velocity rescaling of equilibration
  // Unit vector of an electric field, or zero. Thermostats then act on the two components across it alone:
  // the drift along it is neither taken for heat nor braked (Evans & Morriss, Statistical Mechanics of
  // Nonequilibrium Liquids, section 6; conductivity.md, section 7).
  Vec3 field_direction{};
  std::string scratch_directory = ".";  // for short-lived files of an engine
};

// All that a continuation needs, of one replica.
struct ReplicaState {
  int64_t step = 0;              // negative during equilibration; production starts at 0
  Mat3 cell{};                   // Å
  std::vector<Vec3> positions;   // [n_atoms, 3] Å, unwrapped
  std::vector<Vec3> velocities;  // [n_atoms, 3] Å/ps
  Random::State random{};
  std::vector<double> thermostat;  // of the engine; empty: at rest
  std::string engine_bytes;        // the engine's own restart file; empty: start from the fields above
  bool stopped = false;            // the visitor ended this replica; it does not move any more
};

// A replica right after a step. References live until the visitor returns.
struct StepView {
  int replica;
  int64_t step;
  const Mat3& cell;
  const std::vector<Vec3>& positions;   // unwrapped
  const std::vector<Vec3>& velocities;  // at the time of the positions
  const ForceResult& force;
  double kinetic_energy;  // eV
  double conserved;       // eV: what the equations of motion conserve, from an arbitrary zero
};

enum class Verdict { kGoOn, kStop };
using StepVisitor = std::function<absl::StatusOr<Verdict>(const StepView&)>;

struct Segment {
  int64_t steps = 0;
  bool equilibrate = false;  // NVT by stochastic velocity rescaling at the present volume (NPT: NPT)
  bool visit_start = false;  // the visitor also sees the state before the first step
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual absl::Status Start(std::vector<ReplicaState> states) = 0;
  // Advances every replica that was not stopped. A segment begins from positions, velocities and thermostat
  // alone (forces are evaluated anew on a new neighbor list), so a run that is cut into the same segments and
  // continued from State() between two of them gives the same bits. Errors of the visitor or the forces end
  // the run.
  virtual absl::Status Run(const Segment& segment, const StepVisitor& visit) = 0;
  virtual absl::StatusOr<ReplicaState> State(int replica) = 0;
};

using EngineFactory = std::function<absl::StatusOr<std::unique_ptr<Engine>>(const EngineSettings&,
                                                                            std::unique_ptr<ForceProvider>)>;

}  // namespace superion
