// Parameters of a task of kind md (docs/task_contract.md).
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "core/json.h"
#include "md_runner/engine.h"

namespace superion {

struct GateParams {
  double collect = 1.0;
  double stop = 3.0;
  double minimum_distance_angstrom = 0.0;  // 0: half the sum of the covalent radii of the pair
  double maximum_force_ev_per_angstrom = 100.0;
  double maximum_temperature_factor = 4.0;  // of temperature_k; 0: not watched
};

struct MdParams {
  Ensemble ensemble = Ensemble::kNvt;
  double temperature_k = 0.0;
  double pressure_bar = 0.0;
  bool isotropic = true;  // npt
  double timestep_fs = 1.0;
  int64_t equilibration_steps = 0;  // not recorded
  int64_t steps = 0;
  std::array<int, 3> supercell{1, 1, 1};
  std::string engine = "native";  // native or lammps
  double thermostat_time_fs = 500.0;
  double barostat_time_fs = 1000.0;
  double equilibration_time_fs = 100.0;  // of the stochastic velocity rescaling
  int64_t stream_every = 5;              // 0: no stream
  int64_t frame_every = 0;               // 0: no trajectory
  int64_t snapshot_every = 0;            // 0: only what the gate collects
  int64_t snapshot_start_step = 0;
  int64_t snapshot_limit = 0;                     // 0: no limit; frames of an event do not count
  std::optional<GateParams> gate = GateParams();  // nothing: grades are recorded and never stop a run
  Vec3 field{};                                   // V/Å
  std::map<std::string, double> charges;          // e
  int replicas = 1;
  // Not zero: every second replica starts its production as the one before it with one velocity component
  // shifted by this, Å/ps (Lyapunov instability, conductivity.md, section 11).
  double twin_velocity = 0.0;
  int64_t checkpoint_every = 0;  // 0: only at the end
  double skin_angstrom = 1.0;    // of the Verlet list

  bool has_field() const { return field != Vec3{}; }
};

// InvalidArgument names an unknown or missing key, a wrong type or an impossible number.
absl::StatusOr<MdParams> MdParamsFromJson(const Json& params);

}  // namespace superion
