#include "md_runner/lammps_system.h"

#include <lammps/library.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/file.h"
#include "core/units.h"
#include "core/velocity.h"

namespace superion {
namespace {

// Constants of LAMMPS's `units metal`, older than CODATA 2018. Masses, temperature and pressure are handed
// over scaled, so that energies, accelerations and kT come out as ours.
constexpr double kLammpsMassVelocity2 = 1.0364269e-4;  // mvv2e
constexpr double kLammpsBoltzmann = 8.617343e-5;       // boltz
constexpr double kLammpsPressure = 1.6021765e6;        // nktv2p: bar per eV/Å³

double LammpsMass(double mass) { return mass * (units::kMassVelocity2 / kLammpsMassVelocity2); }
double LammpsTemperature(double t) { return t * (units::kBoltzmann / kLammpsBoltzmann); }
double LammpsPressure(double p) { return p * (units::kBar * kLammpsPressure); }

struct AtomArrays {
  int* tag;
  double** x;
  double** v;
  int* image;
  int n;
};

AtomArrays Atoms(void* lammps) {
  return {static_cast<int*>(lammps_extract_atom(lammps, "id")),
          static_cast<double**>(lammps_extract_atom(lammps, "x")),
          static_cast<double**>(lammps_extract_atom(lammps, "v")),
          static_cast<int*>(lammps_extract_atom(lammps, "image")), lammps_extract_setting(lammps, "nlocal")};
}

Vec3 Unwrap(const double* x, int image, const Mat3& box) {
  int n[3];
  lammps_decode_image_flags(image, n);
  return Vec3{x[0], x[1], x[2]} + Vec3{double(n[0]), double(n[1]), double(n[2])} * box;
}

}  // namespace

LammpsSystem::LammpsSystem(const EngineSettings& settings, ReplicaState state, int replica,
                           ForceProvider* forces)
    : settings_(settings), state_(std::move(state)), replica_(replica), forces_(forces) {
  box_ = MakeRestrictedBox(state_.cell);
  unwrapped_.resize(settings.species.size());
  Structure atoms;
  atoms.species = settings.species;
  atoms.positions.resize(settings.species.size());
  symbols_ = DistinctSpecies(atoms);
}

LammpsSystem::~LammpsSystem() {
  if (lammps_ != nullptr) lammps_close(lammps_);
}

absl::StatusOr<std::unique_ptr<LammpsSystem>> LammpsSystem::Start(const EngineSettings& settings,
                                                                  ReplicaState state, int replica,
                                                                  ForceProvider* forces) {
  // Without this an Open MPI singleton starts a daemon in a session of its own and leaves folders behind.
  ::setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  std::unique_ptr<LammpsSystem> system(new LammpsSystem(settings, std::move(state), replica, forces));
  const char* arguments[] = {"lammps", "-log", "none", "-screen", "none", "-nocite"};
  system->lammps_ =
      lammps_open_no_mpi(static_cast<int>(std::size(arguments)), const_cast<char**>(arguments), nullptr);
  if (system->lammps_ == nullptr) return Internal("cannot start LAMMPS through its C library");
  SUPERION_RETURN_IF_ERROR(system->FindFieldAxis());
  system->Command("units metal");
  system->Command("atom_style atomic");
  system->Command("atom_modify map array sort 0 0");
  system->Command("box tilt large");
  if (system->state_.engine_bytes.empty()) {
    system->CreateBoxAndAtoms();
  } else {
    SUPERION_RETURN_IF_ERROR(system->ReadRestart());
  }
  system->DefineForces();
  return system;
}

absl::Status LammpsSystem::FindFieldAxis() {
  if (settings_.field_direction == Vec3{}) return absl::OkStatus();
  const Vec3 direction = box_.ToBox(settings_.field_direction);
  for (int a = 0; a < 3; ++a) {
    if (std::abs(std::abs(direction[a]) - 1.0) < 1e-9) field_axis_ = a;
  }
  if (field_axis_ >= 0) return absl::OkStatus();
  return InvalidArgument(
      "params.field_v_per_angstrom: the engine lammps needs a field along an axis of its box (a along x, b "
      "in "
      "the x-y plane), found ({}); the engine native takes any direction",
      fmt::join(direction, ", "));
}

void LammpsSystem::Command(const std::string& command) { lammps_command(lammps_, command.c_str()); }

void LammpsSystem::CreateBoxAndAtoms() {
  const auto& [a, b, c] = box_.cell;
  if (b[0] == 0.0 && c[0] == 0.0 && c[1] == 0.0) {
    Command(fmt::format("region box block 0 {} 0 {} 0 {} units box", a[0], b[1], c[2]));
  } else {
    Command(fmt::format("region box prism 0 {} 0 {} 0 {} {} {} {} units box", a[0], b[1], c[2], b[0], c[0],
                        c[1]));
  }
  Command(fmt::format("create_box {} box", symbols_.size()));
  const size_t n = state_.positions.size();
  std::vector<int> tags(n), types(n), images(n);
  std::vector<double> x, v;
  const Mat3 inverse = Inverse(box_.cell);
  for (size_t i = 0; i < n; ++i) {
    tags[i] = static_cast<int>(i) + 1;
    const auto symbol = std::find(symbols_.begin(), symbols_.end(), settings_.species[i]);
    types[i] = static_cast<int>(symbol - symbols_.begin()) + 1;
    Command(fmt::format("mass {} {}", types[i], LammpsMass(settings_.masses[i])));
    // LAMMPS would wrap atoms outside the box without telling their image flags.
    Vec3 image = box_.ToBox(state_.positions[i]) * inverse;
    for (double& s : image) s = std::floor(s);
    images[i] = lammps_encode_image_flags(int(image[0]), int(image[1]), int(image[2]));
    const Vec3 position = box_.ToBox(state_.positions[i]) - image * box_.cell;
    const Vec3 velocity = box_.ToBox(state_.velocities[i]);
    x.insert(x.end(), position.begin(), position.end());
    v.insert(v.end(), velocity.begin(), velocity.end());
  }
  lammps_create_atoms(lammps_, static_cast<int>(n), tags.data(), types.data(), x.data(), v.data(),
                      images.data(), 0);
}

std::string LammpsSystem::RestartPath() const {
  return fmt::format("{}/lammps-{}.restart", settings_.scratch_directory, replica_ + 1);
}

absl::Status LammpsSystem::ReadRestart() {
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(RestartPath(), state_.engine_bytes));
  Command("read_restart " + RestartPath());
  std::remove(RestartPath().c_str());
  Command("atom_modify sort 0 0");
  return absl::OkStatus();
}

void LammpsSystem::DefineForces() {
  Command("pair_style none");
  // No neighbor list is needed; a cutoff keeps LAMMPS content, the skin decides when it wraps atoms.
  Command("comm_modify cutoff 2.0");
  Command("neighbor 2.0 bin");
  Command("neigh_modify delay 0 every 1 check yes");
  Command("thermo_style custom step");
  Command("thermo 0");
  Command(fmt::format("timestep {}", settings_.timestep_ps));
  Command("fix forces all external pf/callback 1 1");
  Command("fix_modify forces energy yes virial yes");
  static const char* const kAcross[] = {"0 1 1", "1 0 1", "1 1 0"};
  if (field_axis_ >= 0) Command(fmt::format("compute across all temp/partial {}", kAcross[field_axis_]));
  lammps_set_fix_external_callback(lammps_, "forces", &LammpsSystem::Callback, this);
}

void LammpsSystem::DefineIntegrator(bool equilibrate) {
  const Integrator wanted = equilibrate ? Integrator::kEquilibration : Integrator::kProduction;
  if (integrator_ == wanted) return;
  // A thermostat and barostat in use stay so: unfix would lose their state.
  const bool same = settings_.ensemble == Ensemble::kNpt && integrator_ != Integrator::kNone;
  const bool had_one = integrator_ != Integrator::kNone;
  integrator_ = wanted;
  if (same) return;
  if (had_one) Command("unfix integrate");
  const double t = LammpsTemperature(settings_.temperature_k), p = LammpsPressure(settings_.pressure_bar);
  const std::string temperature = fmt::format("temp {} {} {}", t, t, settings_.thermostat_time_ps);
  if (settings_.ensemble == Ensemble::kNpt) {
    Command(fmt::format("fix integrate all npt {} {} {} {} {}", temperature,
                        settings_.isotropic ? "iso" : "aniso", p, p, settings_.barostat_time_ps));
  } else if (settings_.ensemble == Ensemble::kNvt && !equilibrate) {
    Command("fix integrate all nvt " + temperature);
    if (field_axis_ >= 0) Command("fix_modify integrate temp across");
  } else {
    Command("fix integrate all nve");
  }
}

void LammpsSystem::ReadCell() {
  double low[3], high[3], xy, yz, xz;
  lammps_extract_box(lammps_, low, high, &xy, &yz, &xz, nullptr, nullptr);
  const Mat3 cell{{{high[0] - low[0], 0, 0}, {xy, high[1] - low[1], 0}, {xz, yz, high[2] - low[2]}}};
  if (cell == box_.cell) return;
  box_.cell = cell;
  state_.cell = box_.CellFromBox(cell);
}

void LammpsSystem::Callback(void* self, int64_t, int n_local, int* tags, double** x, double** f) {
  static_cast<LammpsSystem*>(self)->ComputeForces(n_local, tags, x, f);
}

void LammpsSystem::ComputeForces(int n_local, const int* tags, double** x, double** f) {
  if (settings_.ensemble == Ensemble::kNpt) ReadCell();
  const int* image = static_cast<int*>(lammps_extract_atom(lammps_, "image"));
  for (int k = 0; k < n_local; ++k) unwrapped_[tags[k] - 1] = box_.FromBox(Unwrap(x[k], image[k], box_.cell));
  if (status_.ok()) status_ = forces_->Compute({{replica_, &state_.cell, &unwrapped_, &force_}});
  if (!status_.ok()) force_.forces.assign(unwrapped_.size(), Vec3{});
  // LAMMPS ends the process over a coordinate that is no number. The visitor sees the forces as they are and
  // decides.
  const bool finite =
      std::isfinite(force_.energy) && std::all_of(force_.forces.begin(), force_.forces.end(),
                                                  [](const Vec3& v) { return std::isfinite(Dot(v, v)); });
  for (int k = 0; k < n_local; ++k) {
    const Vec3 force = finite ? box_.ToBox(force_.forces[tags[k] - 1]) : Vec3{};
    std::copy(force.begin(), force.end(), f[k]);
  }
  lammps_fix_external_set_energy_global(lammps_, "forces", finite ? force_.energy : 0.0);
  const Mat3 w = finite ? box_.TensorToBox(force_.virial) : Mat3{};
  double virial[6] = {w[0][0], w[1][1], w[2][2], w[0][1], w[0][2], w[1][2]};
  lammps_fix_external_set_virial_global(lammps_, "forces", virial);
}

void LammpsSystem::ReadAtoms() {
  if (settings_.ensemble == Ensemble::kNpt) ReadCell();
  const AtomArrays atoms = Atoms(lammps_);
  for (int k = 0; k < atoms.n; ++k) {
    const int i = atoms.tag[k] - 1;
    state_.positions[i] = box_.FromBox(Unwrap(atoms.x[k], atoms.image[k], box_.cell));
    state_.velocities[i] = box_.FromBox({atoms.v[k][0], atoms.v[k][1], atoms.v[k][2]});
  }
  reservoir_ = 0.0;
  const bool nose_hoover = settings_.ensemble == Ensemble::kNpt ||
                           (settings_.ensemble == Ensemble::kNvt && integrator_ == Integrator::kProduction);
  if (!nose_hoover) return;
  void* scalar = lammps_extract_fix(lammps_, "integrate", LMP_STYLE_GLOBAL, LMP_TYPE_SCALAR, 0, 0);
  if (scalar == nullptr) return;
  reservoir_ = *static_cast<double*>(scalar);
  lammps_free(scalar);
}

absl::Status LammpsSystem::BeginSegment(bool equilibrate) {
  DefineIntegrator(equilibrate);
  forces_->Forget(replica_);
  Command("run 0 post no");
  ReadAtoms();
  return status_;
}

absl::Status LammpsSystem::Step() {
  Command("run 1 pre no post no");
  ReadAtoms();
  ++state_.step;
  return status_;
}

void LammpsSystem::Rescale(double factor) {
  const AtomArrays atoms = Atoms(lammps_);
  for (int k = 0; k < atoms.n; ++k) {
    for (int a = 0; a < 3; ++a) atoms.v[k][a] *= a == field_axis_ ? 1.0 : factor;
  }
  ScaleAcross(factor, settings_.field_direction, &state_.velocities);
}

absl::StatusOr<ReplicaState> LammpsSystem::Save() {
  Command("write_restart " + RestartPath());
  SUPERION_ASSIGN_OR_RETURN(std::string bytes, ReadFile(RestartPath()));
  std::remove(RestartPath().c_str());
  ReplicaState state = state_;
  state.engine_bytes = std::move(bytes);
  return state;
}

}  // namespace superion
