// superion md: molecular dynamics with a model.
#include <cmath>
#include <filesystem>

#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/stand_alone.h"
#include "cli/verb.h"

namespace superion {
namespace {

constexpr double kStreamIntervalFs = 10.0, kFrameIntervalFs = 100.0;  // unless the user says otherwise
constexpr double kLongestEquilibrationPs = 2.0;

struct Options {
  std::string model, structure, restart, ensemble = "nvt", engine, out, field, supercell, charges;
  double temperature_k = 0, time_ps = 0, timestep_fs = 2.0, pressure_bar = 0, equilibration_ps = -1,
         gate_stop = 0;
  double thermostat_time_fs = 0, twin_velocity = 0;
  int replicas = 1, threads = 0, stream_every = 0, frame_every = -1;
  uint64_t seed = 1;
  bool json = false;
};

int64_t Steps(double time_fs, double timestep_fs) {
  return std::max<int64_t>(1, std::llround(time_fs / timestep_fs));
}

// NVT and NPT start from a structure with fresh velocities: what they do before they have forgotten it is not
// recorded. NVE keeps everything.
double EquilibrationPs(const Options& o) {
  if (o.equilibration_ps >= 0) return o.equilibration_ps;
  if (o.ensemble == "nve" || !o.restart.empty()) return 0;
  return std::min(kLongestEquilibrationPs, 0.1 * o.time_ps);
}

absl::Status AddVectors(const Options& o, Json* params) {
  if (!o.supercell.empty()) {
    SUPERION_ASSIGN_OR_RETURN(const std::vector<double> n,
                              ParseNumbers("--supercell", o.supercell, 3, limits::kRepeats));
    for (const double k : n) {
      if (k != std::floor(k))
        return InvalidArgument("--supercell: expected three integers, found {}", o.supercell);
    }
    (*params)["supercell"] = {static_cast<int>(n[0]), static_cast<int>(n[1]), static_cast<int>(n[2])};
  }
  if (!o.charges.empty()) {
    SUPERION_ASSIGN_OR_RETURN((*params)["charges"], ParseCharges(o.charges));
  }
  if (!o.field.empty()) {
    SUPERION_ASSIGN_OR_RETURN((*params)["field_v_per_angstrom"],
                              ParseNumbers("--field-v-per-angstrom", o.field, 3, AtLeast(-10, 10)));
    if (o.charges.empty())
      return InvalidArgument("--field-v-per-angstrom needs --charges, such as Li=1,S=-2");
  }
  return absl::OkStatus();
}

absl::StatusOr<TaskSpec> Spec(const Options& o) {
  TaskSpec spec;
  spec.kind = "md";
  spec.seed = o.seed;
  spec.threads = o.threads;
  const int64_t steps = Steps(1000 * o.time_ps, o.timestep_fs);
  if (!limits::kSteps.Holds(static_cast<double>(steps))) {
    return InvalidArgument("--time-ps {} with --timestep-fs {} are {:g} steps, expected at most {:g}",
                           o.time_ps, o.timestep_fs, static_cast<double>(steps), limits::kSteps.high);
  }
  const double equilibration_ps = EquilibrationPs(o);
  spec.params = {
      {"ensemble", o.ensemble},
      {"temperature_k", o.temperature_k},
      {"timestep_fs", o.timestep_fs},
      {"steps", steps},
      {"equilibration_steps", equilibration_ps > 0 ? Steps(1000 * equilibration_ps, o.timestep_fs) : 0},
      {"engine", !o.engine.empty()     ? o.engine
                 : o.ensemble == "npt" ? "lammps"
                                       : "native"},
      {"stream_every", o.stream_every > 0 ? o.stream_every : Steps(kStreamIntervalFs, o.timestep_fs)},
      {"frame_every", o.frame_every >= 0 ? o.frame_every : Steps(kFrameIntervalFs, o.timestep_fs)},
      {"checkpoint_every", std::max<int64_t>(1, steps / 10)},
      {"replicas", o.replicas},
      {"gate", Json()}};
  if (o.gate_stop > 0) spec.params["gate"] = {{"collect", std::min(1.0, o.gate_stop)}, {"stop", o.gate_stop}};
  if (o.ensemble == "npt") spec.params["pressure_bar"] = o.pressure_bar;
  if (o.thermostat_time_fs > 0) spec.params["thermostat_time_fs"] = o.thermostat_time_fs;
  if (o.twin_velocity > 0) spec.params["twin_velocity_angstrom_per_ps"] = o.twin_velocity;
  SUPERION_RETURN_IF_ERROR(AddVectors(o, &spec.params));
  SUPERION_ASSIGN_OR_RETURN(TaskInput model, UserInput("model", o.model));
  SUPERION_ASSIGN_OR_RETURN(TaskInput structure, UserInput("structure", o.structure));
  spec.inputs = {std::move(model), std::move(structure)};
  if (!o.restart.empty()) {
    SUPERION_ASSIGN_OR_RETURN(TaskInput restart, UserInput("restart", o.restart));
    spec.inputs.push_back(std::move(restart));
  }
  return spec;
}

absl::StatusOr<Json> Run(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(TaskSpec spec, Spec(options));
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) return InvalidArgument("cannot create the folder {}: {}", options.out, error.message());
  const TaskResult result = RunStandAlone(std::move(spec), std::filesystem::absolute(options.out).string());
  SUPERION_RETURN_IF_ERROR(result.status);
  return result.metrics;
}

void Describe(const Options& options, const Json& m) {
  std::printf("%ld steps, mean temperature %.4g K, %.3g µs per atom and step, written to %s\n",
              static_cast<long>(m.value("steps_done", int64_t{0})), m.value("mean_temperature_k", 0.0),
              m.value("us_per_atom_step", 0.0), options.out.c_str());
  if (m.contains("stopped") && m["stopped"].is_object()) {
    std::printf("stopped by the gate at step %ld: %s\n",
                static_cast<long>(m["stopped"].value("step", int64_t{0})),
                m["stopped"].value("reason", "").c_str());
  }
}

}  // namespace

void AddMd(CLI::App* program, VerbTable* verbs) {
  const auto o = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("md", "molecular dynamics with a model");
  verb->add_option("--model", o->model, "model file")->required();
  verb->add_option("--structure", o->structure,
                   "start structure (extended XYZ, CIF, POSCAR, LAMMPS data, QE input)")
      ->required();
  verb->add_option("--ensemble", o->ensemble, "nvt, nve or npt")
      ->check(CLI::IsMember({"nvt", "nve", "npt"}))
      ->capture_default_str();
  verb->add_option("--temperature-k", o->temperature_k, "temperature; of the first velocities with nve")
      ->required()
      ->check(Within(limits::kTemperatureK));
  verb->add_option("--time-ps", o->time_ps, "recorded time")->required()->check(Within(limits::kTimePs));
  verb->add_option("--timestep-fs", o->timestep_fs, "time step")
      ->check(Within(limits::kTimestepFs))
      ->capture_default_str();
  verb->add_option("--equilibration-ps", o->equilibration_ps,
                   "time before the record (default: a tenth, at most 2; nve 0)")
      ->check(Within(AtLeast(0, limits::kTimePs.high)));
  verb->add_option("--pressure-bar", o->pressure_bar, "with npt")
      ->check(Within(AtLeast(-1e8, 1e8)))
      ->capture_default_str();
  verb->add_option("--thermostat-time-fs", o->thermostat_time_fs, "time constant (default 500)")
      ->check(Within(Positive(1e9)));
  verb->add_option("--replicas", o->replicas, "independent runs side by side")
      ->check(Within(AtLeast(1, 10000)))
      ->capture_default_str();
  verb->add_option("--twin-velocity-angstrom-per-ps", o->twin_velocity,
                   "every second replica is the one before it, one velocity shifted by this")
      ->check(Within(Positive(100)));
  verb->add_option("--field-v-per-angstrom", o->field, "x,y,z; needs --charges");
  verb->add_option("--charges", o->charges, "Li=1,S=-2");
  verb->add_option("--supercell", o->supercell, "a,b,c");
  verb->add_option("--engine", o->engine, "native or lammps")->check(CLI::IsMember({"native", "lammps"}));
  verb->add_option("--seed", o->seed, "of velocities and thermostat")->capture_default_str()->check(IsSeed());
  verb->add_option("--stream-every", o->stream_every, "steps between rows of the stream (default: 10 fs)")
      ->check(Within(AtLeast(1, 2e9)));
  verb->add_option("--frame-every", o->frame_every, "steps between frames (default: 100 fs; 0: none)")
      ->check(Within(AtLeast(0, 2e9)));
  verb->add_option("--gate-stop", o->gate_stop,
                   "stop when the uncertainty grade passes this (default: record only)")
      ->check(Within(Positive(1e9)));
  verb->add_option("--restart", o->restart, "restart file of a former run");
  verb->add_option("--threads", o->threads, "cores to use (default: all)")->check(Within(limits::kThreads));
  verb->add_option("--out", o->out, "folder for stream, trajectory, restart")->required();
  verb->add_flag("--json", o->json, "print the result as JSON");
  (*verbs)[verb] = [o] {
    return Answer(Run(*o), o->json, [&](const Json& metrics) { Describe(*o, metrics); });
  };
}

}  // namespace superion
