#include "md_runner/md_task.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "core/file.h"
#include "core/structure_reader.h"
#include "md_runner/model_force.h"

namespace superion {
namespace {

constexpr double kMostAtoms = 1e7;  // what a machine can hold

Json EventJson(const std::optional<GateEvent>& event) {
  if (!event) return nullptr;
  return {{"step", event->step}, {"reason", event->reason}, {"grade", event->grade}};
}

Json ReplicaMetrics(const ReplicaOutcome& r, size_t n_atoms) {
  constexpr double kMevPer100Ps = 1e5;  // eV/ps -> meV/(100 ps)
  return {{"steps_done", r.steps_done},
          {"stopped", EventJson(r.event)},
          {"mean_temperature_k", r.statistics.mean_temperature_k()},
          {"temperature_sd_k", r.statistics.temperature_sd_k()},
          {"energy_drift_mev_per_atom_per_100ps",
           kMevPer100Ps * r.statistics.energy_drift() / static_cast<double>(n_atoms)},
          {"max_grade", r.statistics.max_grade()},
          {"mean_grade", r.statistics.mean_grade()},
          {"accurate", r.snapshots.accurate},
          {"candidate", r.snapshots.candidate},
          {"failed", r.snapshots.failed},
          {"snapshots", r.snapshots.accurate + r.snapshots.candidate + r.snapshots.failed},
          {"centre_of_mass_velocity_angstrom_per_ps", r.drift_of_centre}};
}

void AddArtifact(const std::string& name, const std::string& path, std::vector<TaskArtifact>* artifacts) {
  if (!path.empty()) artifacts->push_back({name, path, "", 0});
}

absl::StatusOr<MdRunOptions> Options(const TaskSpec& spec) {
  MdRunOptions options;
  SUPERION_ASSIGN_OR_RETURN(options.params, MdParamsFromJson(spec.params));
  SUPERION_ASSIGN_OR_RETURN(const std::string path, InputPath(spec, "structure"));
  SUPERION_ASSIGN_OR_RETURN(const Structure structure, ReadStructure(path));
  const auto& repeats = options.params.supercell;
  const double atoms = static_cast<double>(structure.size()) * repeats[0] * repeats[1] * repeats[2];
  if (atoms > kMostAtoms) {
    return InvalidArgument(
        "params.supercell: {} x {} x {} cells of {} atoms are {} atoms, expected at most {}", repeats[0],
        repeats[1], repeats[2], structure.size(), atoms, kMostAtoms);
  }
  options.structure = Supercell(structure, repeats);
  options.seed = spec.seed;
  const std::vector<std::string> restarts = InputPaths(spec, "restart");
  if (restarts.size() > 1)
    return InvalidArgument("an md task takes one restart file, {} were given", restarts.size());
  if (!restarts.empty()) options.restart_path = restarts.front();
  return options;
}

absl::StatusOr<TaskResult> Run(const TaskSpec& spec, const ProgressSink& progress,
                               const EngineFactories& engines) {
  SUPERION_ASSIGN_OR_RETURN(MdRunOptions options, Options(spec));
  const auto engine = engines.find(options.params.engine);
  if (engine == engines.end()) {
    return FailedPrecondition("params.engine: this program was built without the engine {}",
                              options.params.engine);
  }
  SUPERION_ASSIGN_OR_RETURN(const std::string model_path, InputPath(spec, "model"));
  SUPERION_ASSIGN_OR_RETURN(const Model model, ReadModel(model_path));
  SUPERION_ASSIGN_OR_RETURN(const std::string model_sha256, Sha256File(model_path));
  options.provenance = {{"model_sha256", model_sha256}, {"ensemble", spec.params["ensemble"]}};
  ModelForceOptions force;
  force.skin = options.params.skin_angstrom;
  if (options.params.gate) force.minimum_distance_angstrom = options.params.gate->minimum_distance_angstrom;
  force.evaluator.threads =
      spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  SUPERION_ASSIGN_OR_RETURN(std::unique_ptr<ForceProvider> forces,
                            MakeModelForce(model, options.structure.species, force));
  SUPERION_ASSIGN_OR_RETURN(const MdOutcome outcome,
                            RunMd(options, std::move(forces), engine->second, progress));
  TaskResult result;
  result.metrics = MdMetrics(outcome, options.structure.size());
  for (const ReplicaOutcome& replica : outcome.replicas) {
    AddArtifact("stream", replica.stream, &result.artifacts);
    AddArtifact("trajectory", replica.trajectory, &result.artifacts);
    AddArtifact("snapshots", replica.snapshot_file, &result.artifacts);
  }
  AddArtifact("restart", kRestartFile, &result.artifacts);
  return result;
}

}  // namespace

Json MdMetrics(const MdOutcome& outcome, size_t n_atoms) {
  // One replica: its numbers. Several: means of means, extremes of extremes, sums of counts, and each on its
  // own.
  Json metrics = ReplicaMetrics(outcome.replicas.front(), n_atoms);
  if (outcome.replicas.size() > 1) {
    Json all = Json::array();
    for (const ReplicaOutcome& r : outcome.replicas) all.push_back(ReplicaMetrics(r, n_atoms));
    for (const char* key :
         {"mean_temperature_k", "temperature_sd_k", "energy_drift_mev_per_atom_per_100ps", "mean_grade"}) {
      double sum = 0.0;
      for (const Json& r : all) sum += r[key].get<double>();
      metrics[key] = sum / static_cast<double>(all.size());
    }
    for (const char* key : {"accurate", "candidate", "failed", "snapshots"}) {
      int64_t sum = 0;
      for (const Json& r : all) sum += r[key].get<int64_t>();
      metrics[key] = sum;
    }
    for (const Json& r : all) {
      metrics["steps_done"] = std::min(metrics["steps_done"].get<int64_t>(), r["steps_done"].get<int64_t>());
      metrics["max_grade"] = std::max(metrics["max_grade"].get<double>(), r["max_grade"].get<double>());
      if (metrics["stopped"].is_null()) metrics["stopped"] = r["stopped"];
    }
    metrics["replicas"] = std::move(all);
  }
  metrics["us_per_atom_step"] = outcome.us_per_atom_step;
  metrics["wall_s"] = outcome.wall_s;
  return metrics;
}

TaskResult RunMdTask(const TaskSpec& spec, const ProgressSink& progress, const EngineFactories& engines) {
  absl::StatusOr<TaskResult> result = Run(spec, progress, engines);
  if (result.ok()) return std::move(result).value();
  TaskResult failure;
  failure.status = result.status();
  return failure;
}

}  // namespace superion
