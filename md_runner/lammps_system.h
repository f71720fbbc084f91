// One replica inside one LAMMPS instance.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "md_runner/engine.h"
#include "md_runner/lammps_box.h"

namespace superion {

class LammpsSystem {
 public:
  // Starts an instance (log and screen off) and gives it the state. `forces` must outlive the system.
  static absl::StatusOr<std::unique_ptr<LammpsSystem>> Start(const EngineSettings& settings,
                                                             ReplicaState state, int replica,
                                                             ForceProvider* forces);
  ~LammpsSystem();
  LammpsSystem(const LammpsSystem&) = delete;
  LammpsSystem& operator=(const LammpsSystem&) = delete;

  // Sets the system up anew and evaluates the forces at the present positions; `equilibrate` chooses the
  // integrator.
  absl::Status BeginSegment(bool equilibrate);
  absl::Status Step();
  absl::StatusOr<ReplicaState> Save();
  // All velocities times a factor, in a field the components across it.
  void Rescale(double factor);

  ReplicaState& state() { return state_; }  // positions and velocities follow every step
  const ForceResult& force() const { return force_; }
  double reservoir_energy() const { return reservoir_; }  // of thermostat and barostat, eV

 private:
  LammpsSystem(const EngineSettings& settings, ReplicaState state, int replica, ForceProvider* forces);
  static void Callback(void* self, int64_t step, int n_local, int* tags, double** x, double** f);
  void ComputeForces(int n_local, const int* tags, double** x, double** f);

  absl::Status FindFieldAxis();
  void Command(const std::string& command);
  void CreateBoxAndAtoms();
  absl::Status ReadRestart();
  void ReadCell();
  void DefineForces();
  void DefineIntegrator(bool equilibrate);
  void ReadAtoms();
  std::string RestartPath() const;

  const EngineSettings& settings_;
  ReplicaState state_;
  int replica_;
  ForceProvider* forces_;
  void* lammps_ = nullptr;
  RestrictedBox box_;                 // rotation into the frame of LAMMPS
  int field_axis_ = -1;               // of the box; thermostats leave it alone
  std::vector<std::string> symbols_;  // type k is symbols_[k-1]
  std::vector<Vec3> unwrapped_;       // our frame, in the callback
  ForceResult force_;
  absl::Status status_;  // of the last callback
  double reservoir_ = 0.0;
  enum class Integrator { kNone, kEquilibration, kProduction } integrator_ = Integrator::kNone;
};

}  // namespace superion
